"""The columns of WooCommerce's own exporter, and how its cells are written."""

import re

from app.formats.cells import trim
from app.formats.rows import known_columns

GTIN = "GTIN, UPC, EAN, or ISBN"
YOAST_TITLE = "Meta: _yoast_wpseo_title"
YOAST_DESCRIPTION = "Meta: _yoast_wpseo_metadesc"

COLUMNS: dict[str, str] = {
    "ID": "id", "Type": "type", "SKU": "sku", GTIN: "gtin", "Name": "name", "Published": "extra",
    "Is featured?": "extra", "Visibility in catalog": "extra", "Short description": "extra",
    "Description": "description", "Date sale price starts": "extra", "Date sale price ends": "extra",
    "Tax status": "extra", "Tax class": "extra", "In stock?": "extra", "Stock": "extra", "Low stock amount": "extra",
    "Backorders allowed?": "extra", "Sold individually?": "extra", "Weight (kg)": "extra", "Length (cm)": "extra",
    "Width (cm)": "extra", "Height (cm)": "extra", "Allow customer reviews?": "extra", "Purchase note": "extra",
    "Sale price": "extra", "Regular price": "price", "Categories": "category", "Tags": "tags",
    "Shipping class": "extra", "Images": "images", "Download limit": "extra", "Download expiry days": "extra",
    "Parent": "parent_sku", "Grouped products": "extra", "Upsells": "extra", "Cross-sells": "extra",
    "External URL": "extra", "Button text": "extra", "Position": "extra", "Brands": "brand",
}  # fmt: skip
SEO_COLUMNS = {
    YOAST_TITLE: "seo_title",
    YOAST_DESCRIPTION: "seo_description",
    "Meta: rank_math_title": "seo_title",
    "Meta: rank_math_description": "seo_description",
}
# What the exporter calls a column depends on the shop's units and, for the GTIN, on its version.
ALIASES = {"GTIN": "gtin", "Global Unique ID": "gtin", "Brand": "brand"}
KNOWN = known_columns(COLUMNS | SEO_COLUMNS | ALIASES)
ATTRIBUTE_COLUMN = re.compile(
    r"attribute (?P<number>[1-9]\d{0,3}) (?P<part>name|value\(s\)|visible|global|default)\Z", re.ASCII
)

DEFAULTS = {
    "Is featured?": "0", "Visibility in catalog": "visible", "Tax status": "taxable", "In stock?": "1",
    "Backorders allowed?": "0", "Sold individually?": "0", "Allow customer reviews?": "1",
}  # fmt: skip
NUMERIC = frozenset({
    "ID", GTIN,
    "Published", "Is featured?", "In stock?", "Stock", "Low stock amount", "Backorders allowed?",
    "Sold individually?", "Weight (kg)", "Length (cm)", "Width (cm)", "Height (cm)", "Allow customer reviews?",
    "Sale price", "Regular price", "Download limit", "Download expiry days", "Position",
})  # fmt: skip
PUBLISHED = {"approved": "1", "needs_review": "2"}
DRAFT = "-1"
TRIGGERS = frozenset("=+-@")


def guard(text: str) -> str:
    return "'" + text if text[:1] in TRIGGERS else text


def unguard(text: str) -> str:
    return text[1:] if text[:1] == "'" and text[1:2] in TRIGGERS else text


def escape_newlines(text: str) -> str:
    r"""As the exporter does it: what already is `\n` becomes `\\n`."""
    return text.replace("\r\n", "\n").replace("\\n", "\\\\n").replace("\n", "\\n")


def unescape_newlines(text: str) -> str:
    return "\\n".join(part.replace("\\n", "\n") for part in text.split("\\\\n"))


def join_values(values: list[str]) -> str:
    escaped = [value.replace(",", "\\,") for value in values]
    # A backslash at the end would take the comma for its own; spaces around a comma do not count.
    return ", ".join(value + " " if value.endswith("\\") else value for value in escaped)


def split_values(text: str) -> list[str]:
    r"""At commas, unless a backslash stands before them."""
    parts = [trim(part.replace("\x00", ",")) for part in text.replace("\\,", "\x00").split(",")]
    return [part for part in parts if part]
