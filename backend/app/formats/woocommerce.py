r"""WooCommerce's product CSV, with the columns of its own exporter.

Products are told apart by SKU, so the ID is left empty (a shop's ids mean nothing to another shop), except for products
that have no SKU: those are known by `id:123`, as WooCommerce itself refers to them. Line breaks are written as `\n`,
lists with commas, of which those inside a value carry a backslash. Attributes are text there: `12.5 cm`, `red, blue`.
Search engine texts stand in the columns of the Yoast plug-in; those of Rank Math are read as well.

What does not travel: types and units of attributes, alt texts, keywords, source URLs, languages, the status of our
review (Published stays what the shop says, and follows the review for new products), and attributes of variations.

WooCommerce's exporter puts an apostrophe before `=`, `+`, `-` and `@`, and its importer takes it away: so do we.
"""

from collections.abc import Iterable, Iterator

from app.formats.base import Format, ReadOptions, ReadResult, Row, WriteOptions, write_rows
from app.formats.cells import plain_header
from app.formats.items import CatalogueItem
from app.formats.rows import EXTRA
from app.formats.woocommerce_columns import ATTRIBUTE_COLUMN, KNOWN
from app.formats.woocommerce_reader import WooCommerceReader
from app.formats.woocommerce_writer import WooCommerceWriter


class WooCommerceFormat(Format):
    name = "woocommerce"
    fields = tuple(dict.fromkeys(field for field in KNOWN.values() if field != EXTRA))

    def propose_mapping(self, header: list[str]) -> dict[str, str]:
        mapping = {}
        for column in header:
            attribute = ATTRIBUTE_COLUMN.match(plain_header(column))
            if attribute:
                mapping[column] = f"attribute_{attribute['number']}_{attribute['part'].removesuffix('(s)')}"
            else:
                mapping[column] = KNOWN.get(plain_header(column), EXTRA)
        return mapping

    def read(self, rows: Iterable[Row], mapping: dict[str, str], options: ReadOptions) -> Iterator[ReadResult]:
        return WooCommerceReader(mapping, options).read(rows)

    def writer(self, options: WriteOptions) -> WooCommerceWriter:
        return WooCommerceWriter(options)

    def write(self, items: Iterable[CatalogueItem], options: WriteOptions) -> Iterator[list[str]]:
        return write_rows(self.writer(options), items)
