"""Pages that their scripts build, in a real browser that can reach nothing which a plain fetch could not."""
