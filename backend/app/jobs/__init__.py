"""Durable work in the background: what is deferred with the rows that it serves, and done by any worker."""
