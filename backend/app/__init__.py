"""API gateway, catalogue, enrichment runs and review."""
