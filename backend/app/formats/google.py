"""Google Merchant Center's product data, as a text file with tabs; app.formats.google_xml has the same as XML.

Google wants texts that were made with generative AI in `structured_title` and `structured_description`, marked as
`trained_algorithmic_media`, and takes the plain attribute where both are there: so exactly one of them is written. What
people wrote goes into `title` and `description`. Text is text here: no HTML.

A parent is no offer and has no row; its variants name it in `item_group_id`. All attributes go into `product_detail`,
and those that Google has a column for (colour, size, material …) there too, by whatever name in English, Spanish or
German. What does not travel: types and units of attributes, alt texts, tags, keywords, search engine texts.

The formula guard is on for what calls a function or a program only (see app.formats.cells): Google would show the
apostrophe to shoppers.
"""

from collections.abc import Iterable, Iterator

from app.facts.names import normalised_name
from app.formats.base import Format, ReadOptions, ReadResult, Row, RowWriter, WriteOptions, write_rows
from app.formats.cells import guard, plain_header, trim
from app.formats.google_columns import (
    AI,
    ATTRIBUTE_COLUMNS,
    ATTRIBUTE_SECTION,
    COLUMNS,
    HEADER,
    KNOWN,
    MAX_ADDITIONAL_IMAGES,
    OPTION_SECTION,
    SYNONYMS,
    quoted,
    quoted_if_needed,
)
from app.formats.google_reader import GoogleReader
from app.formats.handles import handle_of
from app.formats.items import CatalogueItem, ItemTexts
from app.formats.rows import EXTRA
from app.formats.urls import product_url
from app.formats.values import display_value

UNGUARDED = frozenset({"price", "sale_price", "gtin"})

Value = str | tuple[str, str] | list[str] | list[tuple[str, str, str]]
"""Plain text, source and content, repeated values, or section, name and value."""


def column_for(name: str) -> str | None:
    normal = normalised_name(name)
    normal = SYNONYMS.get(normal, normal)
    return normal if normal in ATTRIBUTE_COLUMNS else None


def google_values(item: CatalogueItem, options: WriteOptions) -> dict[str, Value]:
    """What the offer says, whichever file it is for."""
    extra = item.extra
    texts = item.texts.get(options.language) or ItemTexts()
    images = [image.url for image in item.images or []]
    pairs = [(attribute.name, display_value(attribute)) for attribute in item.attributes or []]
    chosen = [(option.name, option.value) for option in item.options or []]
    found: dict[str, str] = {}
    for name, value in [*chosen, *pairs]:
        column = column_for(name)
        if column:
            found.setdefault(column, value)
    mpn = extra.get("mpn") or next((value for name, value in pairs if normalised_name(name) == "mpn"), "")
    identified = bool(item.gtin or (item.brand and mpn))
    values: dict[str, Value] = dict(extra)
    values |= {
        "id": item.sku,
        "link": extra.get("link")
        or product_url(options.product_url_template, item.sku, handle_of(item.sku), options.language),
        "image_link": images[0] if images else "",
        "additional_image_link": images[1 : 1 + MAX_ADDITIONAL_IMAGES],
        "availability": extra.get("availability") or options.availability,
        "price": f"{item.price.amount} {item.price.currency}" if item.price else "",
        "brand": item.brand or "",
        "gtin": item.gtin or "",
        "mpn": mpn,
        "identifier_exists": extra.get("identifier_exists") or ("" if identified else "no"),
        "condition": extra.get("condition") or "new",
        "product_type": item.category or "",
        "item_group_id": item.parent_sku or "",
        "product_highlight": [bullet for bullet in map(trim, texts.bullets) if bullet],
        "product_detail": [(OPTION_SECTION, name, value) for name, value in chosen]
        + [(ATTRIBUTE_SECTION, name, value) for name, value in pairs],
        **found,
    }
    for field, text in (("title", trim(texts.title)), ("description", trim(texts.description))):
        if text and texts.ai_written:
            values[f"structured_{field}"] = (AI, text)
        else:
            values[field] = text
    if not trim(texts.title):
        values["title"] = item.name or item.sku
    return values


def text_of(value: Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return f"{value[0]}:{quoted(value[1])}"
    parts = [quoted_if_needed(entry) if isinstance(entry, str) else quoted_detail(entry) for entry in value]
    return ",".join(parts)


def quoted_detail(detail: tuple[str, str, str]) -> str:
    return ":".join(quoted_if_needed(part) for part in detail)


class GoogleWriter(RowWriter):
    def __init__(self, options: WriteOptions) -> None:
        self.options = options
        self.guard = options.formula_guard or "formulas"
        self.columns = HEADER + [column for column in options.extra_columns if column not in COLUMNS]

    def header(self) -> list[str]:
        return self.columns

    def rows(self, item: CatalogueItem) -> list[list[str]]:
        if is_group(item):
            return []
        values = google_values(item, self.options)
        return [[self.cell(column, text_of(values.get(column, ""))) for column in self.columns]]

    def finish(self) -> list[list[str]]:
        return []

    def cell(self, column: str, text: str) -> str:
        return text if column in UNGUARDED else guard(text, self.guard)


def is_group(item: CatalogueItem) -> bool:
    """Has variants, so it is no offer itself."""
    return item.parent_sku is None and bool(item.option_names)


class GoogleFormat(Format):
    name = "google"
    fields = tuple(dict.fromkeys(field for field in COLUMNS.values() if field != EXTRA))

    def propose_mapping(self, header: list[str]) -> dict[str, str]:
        return {column: KNOWN.get(plain_header(column), EXTRA) for column in header}

    def read(self, rows: Iterable[Row], mapping: dict[str, str], options: ReadOptions) -> Iterator[ReadResult]:
        return GoogleReader(mapping, options).read(rows)

    def writer(self, options: WriteOptions) -> GoogleWriter:
        return GoogleWriter(options)

    def write(self, items: Iterable[CatalogueItem], options: WriteOptions) -> Iterator[list[str]]:
        return write_rows(self.writer(options), items)
