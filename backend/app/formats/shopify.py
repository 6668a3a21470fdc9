"""Shopify's product CSV, with the current header and the legacy one.

Rows with one handle are one product: the first has its fields and its first variant, the others more variants and more
images. The product itself has no SKU there, so a parent's SKU is its handle on the way in. Options are three at most.

What Shopify has no place for does not travel: attributes, keywords, source URLs, languages, the status of our review,
names and texts of variants. Published and Status stay what the shop says; a product that is new to it is active when
it is approved here, else a draft. `Type` is our category; Shopify's own taxonomy is kept as it came.

The formula guard is on for what calls a function or a program only (see app.formats.cells): Shopify would show the
apostrophe to shoppers.
"""

from collections.abc import Iterable, Iterator

from app.formats.base import Format, ReadOptions, ReadResult, Row, WriteOptions, write_rows
from app.formats.cells import plain_header
from app.formats.items import CatalogueItem
from app.formats.rows import EXTRA, known_columns
from app.formats.shopify_columns import COLUMNS
from app.formats.shopify_reader import ShopifyReader
from app.formats.shopify_writer import ShopifyWriter

KNOWN = known_columns({column.name: column.field for column in COLUMNS}) | known_columns(
    {column.legacy: column.field for column in COLUMNS if column.legacy}
)


class ShopifyFormat(Format):
    fields = tuple(dict.fromkeys(column.field for column in COLUMNS if column.field != EXTRA))

    def __init__(self, *, legacy: bool) -> None:
        self.legacy = legacy
        self.name = "shopify-legacy" if legacy else "shopify"

    def propose_mapping(self, header: list[str]) -> dict[str, str]:
        return {column: KNOWN.get(plain_header(column), EXTRA) for column in header}

    def read(self, rows: Iterable[Row], mapping: dict[str, str], options: ReadOptions) -> Iterator[ReadResult]:
        return ShopifyReader(mapping, options).read(rows)

    def writer(self, options: WriteOptions) -> ShopifyWriter:
        return ShopifyWriter(options, legacy=self.legacy)

    def write(self, items: Iterable[CatalogueItem], options: WriteOptions) -> Iterator[list[str]]:
        return write_rows(self.writer(options), items)
