"""The catalogue as people look at it: search, filters, pages, facets, completeness."""
