"""Photos: upload, renditions, storage by content hash."""
