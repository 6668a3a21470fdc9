"""Photo archives: a ZIP of photos, each added to the product whose SKU its name or its folder carries."""
