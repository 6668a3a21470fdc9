"""Imports: a file with products is read, shown before anything is written, then taken in as a durable job."""
