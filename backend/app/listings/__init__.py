"""Listings: the texts of a product in one language, versioned."""
