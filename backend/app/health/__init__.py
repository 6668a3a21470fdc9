"""Liveness of the backend itself."""
