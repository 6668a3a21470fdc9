"""From lines of text to facts: only what a line reliably says; the rest stays as `pack_text`."""
