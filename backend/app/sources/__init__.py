"""Supplier and product pages, and the text snapshots that quotes refer to."""
