"""Plumbing that every service needs, and that no service should write twice."""
