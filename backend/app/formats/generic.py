"""Our own table, for spreadsheets: one row for each product, all of its fields and the texts of one language.

Lists and attributes in one cell are written as app.formats.cells says, so everything but the texts of other languages
survives. Reading takes any header: columns by the names of our fields or what they are called in English, Spanish and
German, and any other column as an attribute of that name. The formula guard covers every text cell.
"""

from collections.abc import Iterable, Iterator

from app.formats.base import Format, ReadOptions, ReadResult, Row, RowWriter, WriteOptions, write_rows
from app.formats.cells import guard, join_list
from app.formats.generic_columns import COLUMNS, propose
from app.formats.generic_reader import GenericReader
from app.formats.items import CatalogueItem, ItemTexts
from app.formats.rows import ATTRIBUTE_PREFIX
from app.formats.values import attribute_cell, unambiguous
from app.products.schemas import ProductAttribute

NUMERIC = frozenset({"gtin", "price"})


class GenericWriter(RowWriter):
    def __init__(self, options: WriteOptions) -> None:
        self.options = options
        self.guard = options.formula_guard or "full"

    def header(self) -> list[str]:
        return [*COLUMNS, *(f"{ATTRIBUTE_PREFIX}{name}" for name in self.options.attribute_names)]

    def rows(self, item: CatalogueItem) -> list[list[str]]:
        texts = item.texts.get(self.options.language) or ItemTexts()
        price = item.price
        attributes = list(item.attributes or [])
        own = {name: self.take(attributes, name) for name in self.options.attribute_names}
        images = item.images or []
        cells = {
            "sku": item.sku,
            "name": item.name or "",
            "brand": item.brand or "",
            "category": item.category or "",
            "gtin": item.gtin or "",
            "price": unambiguous(price.amount) if price else "",
            "currency": price.currency if price else "",
            "keywords": join_list(item.keywords or []),
            "source_urls": join_list(item.source_urls or []),
            "images": join_list(image.url for image in images),
            "languages": join_list(item.languages or []),
            "attributes": attribute_cell(attributes),
            "status": item.status or "",
            "tags": join_list(item.tags or []),
            "parent_sku": item.parent_sku or "",
            "option_names": join_list(item.option_names or []),
            "options": attribute_cell(
                ProductAttribute(name=option.name, value=option.value) for option in item.options or []
            ),
            # An alt text may be empty in the middle of the list, so each stands with the number of its image.
            "image_alts": attribute_cell(
                ProductAttribute.model_construct(name=str(number), type="text", value=image.alt, unit=None)
                for number, image in enumerate(images, 1)
                if image.alt
            ),
            "title": texts.title,
            "description": texts.description,
            "bullets": join_list(bullet for bullet in texts.bullets if bullet),
            "seo_title": texts.seo_title,
            "seo_description": texts.seo_description,
            "ai_written": "yes" if texts.ai_written else "",
            "extra": attribute_cell(
                ProductAttribute.model_construct(name=name, type="text", value=value, unit=None)
                for name, value in item.extra.items()
            ),
        }
        row = [*cells.values(), *own.values()]
        return [
            [
                cell if name in NUMERIC else guard(cell, self.guard)
                for name, cell in zip(self.header(), row, strict=True)
            ]
        ]

    def take(self, attributes: list[ProductAttribute], name: str) -> str:
        """The attribute's value for a column of its own; what a plain cell would not say stays among the others."""
        for attribute in attributes:
            if attribute.name == name and attribute.type == "text" and attribute.unit is None:
                attributes.remove(attribute)
                return str(attribute.value)
        return ""

    def finish(self) -> list[list[str]]:
        return []


class GenericFormat(Format):
    name = "generic"
    fields = COLUMNS

    def propose_mapping(self, header: list[str]) -> dict[str, str]:
        return propose(header)

    def read(self, rows: Iterable[Row], mapping: dict[str, str], options: ReadOptions) -> Iterator[ReadResult]:
        return GenericReader(mapping, options).read(rows)

    def writer(self, options: WriteOptions) -> GenericWriter:
        return GenericWriter(options)

    def write(self, items: Iterable[CatalogueItem], options: WriteOptions) -> Iterator[list[str]]:
        return write_rows(self.writer(options), items)
