"""Facts with their sources, merged; and the conflicts between them."""
