"""Durable runs: one enrichment of one product, step by step."""
