"""Reading pages in processes that may be killed: whatever a page does to a parser, the service lives on."""
