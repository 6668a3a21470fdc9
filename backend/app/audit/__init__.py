"""The log of all changes: written by the database itself, read here."""
