"""The formats by their names, and which of them a header belongs to."""

from app.formats.base import Format, ReadOptions, ReadResult, RowError, WriteOptions
from app.formats.cells import plain_header
from app.formats.generic import GenericFormat
from app.formats.google import GoogleFormat
from app.formats.shopify import ShopifyFormat
from app.formats.woocommerce import WooCommerceFormat

__all__ = ["FORMATS", "Format", "ReadOptions", "ReadResult", "RowError", "WriteOptions", "detect_format"]

FORMATS: dict[str, Format] = {
    "shopify": ShopifyFormat(legacy=False),
    "shopify-legacy": ShopifyFormat(legacy=True),
    "woocommerce": WooCommerceFormat(),
    "google": GoogleFormat(),
    "generic": GenericFormat(),
}

# All columns of the first set, and at least one of the second.
SIGNS: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (
    (
        "shopify-legacy",
        frozenset({"handle"}),
        frozenset({"body (html)", "variant sku", "variant price", "option1 value", "image src", "variant barcode"}),
    ),
    (
        "shopify",
        frozenset({"title"}),
        frozenset({"url handle", "published on online store", "product image url", "option1 value"}),
    ),
    (
        "woocommerce",
        frozenset({"name", "sku"}),
        frozenset({"regular price", "visibility in catalog", "attribute 1 name", "short description", "is featured?"}),
    ),
    (
        "google",
        frozenset({"id"}),
        frozenset({"image link", "structured title", "availability", "google product category", "item group id"}),
    ),
)


def detect_format(header: list[str]) -> str:
    names = {plain_header(column) for column in header}
    for name, all_of, any_of in SIGNS:
        if all_of <= names and any_of & names:
            return name
    return "generic"
