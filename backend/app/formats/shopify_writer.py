"""Writes Shopify's product CSV: a parent and its variants as rows of one handle."""

from itertools import zip_longest

from app.formats.base import RowWriter, WriteOptions
from app.formats.cells import guard, trim
from app.formats.handles import handle_of
from app.formats.items import CatalogueItem, ItemImage, ItemTexts
from app.formats.markup import description_html
from app.formats.shopify_columns import BY_LEGACY, BY_NAME, COLUMNS, LEGACY_ORDER, NUMERIC, header_of

MAX_OPTIONS = 3
PRODUCT_COLUMNS = [column for column in COLUMNS if column.level == "product" and column.field == "extra"]
VARIANT_COLUMNS = [column for column in COLUMNS if column.level == "variant" and column.field == "extra"]


def option_names(parent: CatalogueItem, variants: list[CatalogueItem]) -> list[str]:
    named = [option.name for variant in variants for option in variant.options or []]
    return list(dict.fromkeys([*(parent.option_names or []), *named]))[:MAX_OPTIONS]


class ShopifyWriter(RowWriter):
    """Holds a product back until its variants are there. A variant without its product has no place in the file."""

    def __init__(self, options: WriteOptions, *, legacy: bool) -> None:
        self.options = options
        self.legacy = legacy
        self.guard = options.formula_guard or "formulas"
        self.handles: set[str] = set()
        self.pending: list[CatalogueItem] = []
        self.skipped = 0
        self.columns = list(LEGACY_ORDER) if legacy else [column.name for column in COLUMNS]
        own = set(BY_NAME) | set(BY_LEGACY)
        self.more = [column for column in options.extra_columns if column not in own]
        self.columns += self.more

    def header(self) -> list[str]:
        return header_of(legacy=self.legacy) + self.more

    def rows(self, item: CatalogueItem) -> list[list[str]]:
        if item.parent_sku is None:
            finished = self.finish()
            self.pending = [item]
            return finished
        if self.pending and item.parent_sku == self.pending[0].sku:
            self.pending.append(item)
        else:
            self.skipped += 1
        return []

    def finish(self) -> list[list[str]]:
        if not self.pending:
            return []
        product, *variants = self.pending
        self.pending = []
        handle = product.extra.get("URL handle") or handle_of(product.sku)
        if handle in self.handles:
            handle = f"{handle}-{handle_of(product.sku + chr(0)).rpartition('-')[2]}"
        self.handles.add(handle)
        names = option_names(product, variants) if variants else []
        variant_rows = [self.variant_cells(variant, names) for variant in variants] or [self.simple_cells(product)]
        rows = []
        for index, (variant, image) in enumerate(zip_longest(variant_rows, product.images or [])):
            cells: dict[str, str] = {"URL handle": handle}
            if index == 0:
                cells |= self.product_cells(product)
                cells |= {f"Option{number} name": name for number, name in enumerate(names, 1)}
            cells |= variant or {}
            if image is not None:
                cells |= self.image_cells(image, index + 1)
            rows.append([self.cell(cells, column) for column in self.columns])
        return rows

    def cell(self, cells: dict[str, str], column: str) -> str:
        value = cells.get(column, "")
        if not value or column in NUMERIC:
            return value
        if self.legacy and column == "Continue selling when out of stock":
            return value.lower()
        return guard(value, self.guard)

    def product_cells(self, product: CatalogueItem) -> dict[str, str]:
        texts = product.texts.get(self.options.language) or ItemTexts()
        extra = product.extra
        live = product.status == "approved"
        category = product.category or ""
        cells = {column.name: extra.get(column.name) or column.default for column in PRODUCT_COLUMNS}
        cells |= {column: extra.get(column, "") for column in self.more}
        return cells | {
            "Title": trim(texts.title) or product.name or product.sku,
            "Description": description_html(texts.description, texts.bullets, extra.get("Description")),
            "Vendor": product.brand or "",
            "Product category": extra.get("Product category", ""),
            "Type": "" if category == extra.get("Product category") else category,
            "Tags": ", ".join(tag.replace(",", " ") for tag in product.tags or []),
            "Published on online store": extra.get("Published on online store") or ("TRUE" if live else "FALSE"),
            "Status": extra.get("Status") or ("Active" if live else "Draft"),
            "SEO title": texts.seo_title,
            "SEO description": texts.seo_description,
        }

    def sellable_cells(self, item: CatalogueItem) -> dict[str, str]:
        price = item.price
        written = price is not None and self.options.currency in {None, price.currency}
        cells = {column.name: item.extra.get(column.name) or column.default for column in VARIANT_COLUMNS}
        return cells | {
            "SKU": item.sku,
            "Barcode": item.gtin or item.extra.get("Barcode", ""),
            "Price": price.amount if price is not None and written else "",
        }

    def simple_cells(self, item: CatalogueItem) -> dict[str, str]:
        return self.sellable_cells(item) | {"Option1 name": "Title", "Option1 value": "Default Title"}

    def variant_cells(self, variant: CatalogueItem, names: list[str]) -> dict[str, str]:
        values = {option.name: option.value for option in variant.options or []}
        cells = self.sellable_cells(variant)
        cells |= {f"Option{number} value": values.get(name, "") for number, name in enumerate(names, 1)}
        cells["Variant image URL"] = variant.images[0].url if variant.images else ""
        return cells

    def image_cells(self, image: ItemImage, position: int) -> dict[str, str]:
        return {"Product image URL": image.url, "Image position": str(position), "Image alt text": image.alt}
