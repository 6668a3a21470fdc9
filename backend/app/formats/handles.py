"""Handles of Shopify: what its import recognises a product by, so they must not change when a title does."""

import hashlib
import re
import unicodedata

MAX_HANDLE = 200


def slug(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(character for character in decomposed if not unicodedata.combining(character))
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:MAX_HANDLE]


def handle_of(sku: str) -> str:
    """`BRN-MUG-330` → `brn-mug-330`; where that loses something, a hash of the SKU keeps it apart: `a-1-5f0c`."""
    short = slug(sku)
    if short == sku.lower():
        return short
    digest = hashlib.sha256(sku.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{short}-{digest}" if short else digest
