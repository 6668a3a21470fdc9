"""Exports: the catalogue as a file that a shop takes, and what the shop would not take of it."""
