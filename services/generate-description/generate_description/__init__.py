"""Grounded listings."""
