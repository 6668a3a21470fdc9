"""Writes WooCommerce's product CSV. A parent waits for its variants, since it names all values of its options."""

from app.formats.base import RowWriter, WriteOptions
from app.formats.cells import trim
from app.formats.items import CatalogueItem, ItemTexts
from app.formats.markup import description_html
from app.formats.values import display_value, unambiguous
from app.formats.woocommerce_columns import (
    COLUMNS,
    DEFAULTS,
    DRAFT,
    GTIN,
    NUMERIC,
    PUBLISHED,
    SEO_COLUMNS,
    YOAST_DESCRIPTION,
    YOAST_TITLE,
    escape_newlines,
    guard,
    join_values,
)
from app.formats.woocommerce_reader import ID_REFERENCE

PARTS = ("name", "value(s)", "visible", "global", "default")


class WooCommerceWriter(RowWriter):
    def __init__(self, options: WriteOptions) -> None:
        self.options = options
        self.guarded = options.formula_guard != "none"
        self.pending: list[CatalogueItem] = []
        fixed = [*COLUMNS, YOAST_TITLE, YOAST_DESCRIPTION]
        attributes = [f"Attribute {n} {part}" for n in range(1, options.attribute_count + 1) for part in PARTS]
        own = {*fixed, *SEO_COLUMNS}
        more = [column for column in options.extra_columns if column not in own and not column.startswith("Attribute ")]
        self.columns = [*COLUMNS, *attributes, YOAST_TITLE, YOAST_DESCRIPTION, *more]

    def header(self) -> list[str]:
        return self.columns

    def rows(self, item: CatalogueItem) -> list[list[str]]:
        if self.pending and item.parent_sku == self.pending[0].sku:
            self.pending.append(item)
            return []
        finished = self.finish()
        if item.parent_sku is None:
            self.pending = [item]
            return finished
        return [*finished, self.row(item, [])]

    def finish(self) -> list[list[str]]:
        if not self.pending:
            return []
        product, *variants = self.pending
        self.pending = []
        return [self.row(product, variants), *(self.row(variant, []) for variant in variants)]

    def row(self, item: CatalogueItem, variants: list[CatalogueItem]) -> list[str]:
        cells = self.cells(item, variants) | self.attribute_cells(item, variants)
        return [self.cell(cells.get(column, ""), column) for column in self.columns]

    def cell(self, value: str, column: str) -> str:
        return value if column in NUMERIC or not self.guarded else guard(value)

    def cells(self, item: CatalogueItem, variants: list[CatalogueItem]) -> dict[str, str]:
        extra = item.extra
        texts = item.texts.get(self.options.language) or ItemTexts()
        kind = "variation" if item.parent_sku is not None else "variable" if variants or item.option_names else "simple"
        price = item.price
        written = price is not None and self.options.currency in {None, price.currency}
        categories = extra.get("Categories", "")
        category = (item.category or "").replace(",", "\\,")
        if not categories.startswith(f"{category},") or not category:
            categories = category
        known_by_id = item.sku.startswith(ID_REFERENCE) and item.sku.removeprefix(ID_REFERENCE).isdigit()
        live = "1" if kind == "variation" else PUBLISHED.get(item.status or "", DRAFT)
        description = description_html(texts.description, texts.bullets, extra.get("Description"))
        return (
            DEFAULTS
            | {column: value for column, value in extra.items() if not column.startswith("Attribute ")}
            | {
                "ID": item.sku.removeprefix(ID_REFERENCE) if known_by_id else "",
                "Type": extra.get("Type") or kind,
                "SKU": "" if known_by_id else item.sku,
                GTIN: item.gtin or "",
                "Name": trim(texts.title) or item.name or item.sku,
                "Published": extra.get("Published") or live,
                "Description": escape_newlines(description),
                "Regular price": unambiguous(price.amount) if price is not None and written else "",
                "Categories": categories,
                "Tags": join_values(item.tags or []),
                "Images": ", ".join(image.url.replace(",", "%2C") for image in item.images or []),
                "Parent": item.parent_sku or extra.get("Parent", ""),
                "Brands": (item.brand or "").replace(",", "\\,"),
                YOAST_TITLE: texts.seo_title,
                YOAST_DESCRIPTION: texts.seo_description,
            }
        )

    def attribute_cells(self, item: CatalogueItem, variants: list[CatalogueItem]) -> dict[str, str]:
        found: dict[str, list[str]] = {name: [] for name in item.option_names or []}
        for variant in variants:
            for option in variant.options or []:
                values = found.setdefault(option.name, [])
                if option.value not in values:
                    values.append(option.value)
        for option in item.options or []:
            found.setdefault(option.name, [option.value])
        if item.parent_sku is None:
            for attribute in item.attributes or []:
                values = attribute.value if isinstance(attribute.value, list) else [display_value(attribute)]
                found.setdefault(attribute.name, values)
        cells: dict[str, str] = {}
        for number, (name, values) in enumerate(found.items(), 1):
            visible, _, everywhere = item.extra.get(f"Attribute flags: {name}", "1 0").partition(" ")
            cells |= {
                f"Attribute {number} name": name,
                f"Attribute {number} value(s)": join_values(values),
                f"Attribute {number} visible": visible,
                f"Attribute {number} global": everywhere,
                f"Attribute {number} default": item.extra.get(f"Attribute default: {name}", ""),
            }
        return cells
