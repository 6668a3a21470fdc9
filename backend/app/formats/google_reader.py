"""Reads offers of Google's product data; variants of one group bring their parent along, once."""

from collections.abc import Iterable, Iterator

from app.formats.base import ReadOptions, ReadResult, Row
from app.formats.cells import plain_header, trim, unguard
from app.formats.google_columns import (
    ATTRIBUTE_COLUMNS,
    MAX_ADDITIONAL_IMAGES,
    OPTION_SECTION,
    split_quoted,
    split_structured,
    unquoted,
)
from app.formats.items import CatalogueItem, ItemImage, ItemTexts
from app.formats.rows import Plan, add_attribute_columns, add_extra, check_storable
from app.formats.values import MAX_ATTRIBUTES, MAX_BRAND, MAX_CATEGORY, MAX_NAME, MAX_TEXT, Checks
from app.products.schemas import ProductAttribute, ProductOption

DEFAULTS = {"availability": "in_stock", "condition": "new"}
MAX_OPTIONS = 3


class GoogleReader:
    def __init__(self, mapping: dict[str, str], options: ReadOptions) -> None:
        self.plan = Plan.of(mapping)
        self.options = options

    def read(self, rows: Iterable[Row]) -> Iterator[ReadResult]:
        groups: set[str] = set()
        for line, cells in rows:
            if self.plan.is_empty(cells):
                continue
            checks = Checks(line)
            if not check_storable(cells, checks):
                yield ReadResult(None, [line], checks.errors)
                continue
            item = self.item(cells, checks)
            result = checks.result(item, [line])
            parent = item.parent_sku
            if parent is not None and result.item is not None and parent not in groups:
                groups.add(parent)
                # The file says nothing about it but that it exists.
                yield ReadResult(CatalogueItem(sku=parent, new_name=item.name), [line])
            yield result

    def text(self, cells: dict[str, str], field: str) -> str:
        return trim(self.plan.text(cells, field))

    def item(self, cells: dict[str, str], checks: Checks) -> CatalogueItem:
        plan = self.plan
        item = CatalogueItem(sku=checks.sku(plan.text(cells, "sku"), plan.column("sku")))
        if plan.has("brand"):
            item.brand = checks.text(plan.text(cells, "brand"), plan.column("brand"), MAX_BRAND)
        if plan.has("category"):
            cell = self.text(cells, "category")
            # Several are alternatives, quoted; the first is the main one.
            first = unquoted(split_quoted(cell, ",")[0]) if cell.startswith('"') else cell
            item.category = checks.text(first, plan.column("category"), MAX_CATEGORY)
        if plan.has("gtin"):
            item.gtin = checks.gtin(plan.cell(cells, "gtin"), plan.column("gtin"))
        if plan.has("price"):
            item.price = checks.money(
                plan.cell(cells, "price"), self.options.currency, plan.column("price"), decimal_point=True
            )
        if plan.has("image", "images"):
            urls = [trim(plan.cell(cells, "image")), *self.repeated(cells, "images")]
            item.images = [ItemImage(url) for url in checks.urls(urls, plan.column("image"), MAX_ADDITIONAL_IMAGES + 1)]
        group = self.text(cells, "parent_sku")
        if group and group != item.sku:
            item.parent_sku = checks.sku(group, plan.column("parent_sku"))
        self.read_texts(cells, item, checks)
        self.read_details(cells, item, checks)
        add_attribute_columns(plan, cells, item, checks)
        for column, value in plan.extras(cells).items():
            name = plain_header(column).replace(" ", "_")
            value = unguard(value)
            if DEFAULTS.get(name) != value and not (name == "identifier_exists" and value == "no"):
                add_extra(item.extra, name, value, checks)
        return item

    def repeated(self, cells: dict[str, str], field: str) -> list[str]:
        cell = self.text(cells, field)
        return [part for part in map(unquoted, split_quoted(cell, ",")) if part] if cell else []

    def read_texts(self, cells: dict[str, str], item: CatalogueItem, checks: Checks) -> None:
        plan = self.plan
        title, description = self.text(cells, "title"), self.text(cells, "description")
        ai_title, structured_title = split_structured(self.text(cells, "structured_title"))
        ai_description, structured_description = split_structured(self.text(cells, "structured_description"))
        texts = ItemTexts(
            title=checks.text(title or structured_title, plan.column("title"), MAX_NAME),
            description=checks.text(description or structured_description, plan.column("description"), MAX_TEXT),
            bullets=[trim(bullet) for bullet in self.repeated(cells, "bullets") if trim(bullet)],
            ai_written=(ai_title and not title) or (ai_description and not description),
        )
        item.name = texts.title or None
        if texts.description or texts.bullets or texts.ai_written:
            item.texts = {self.options.language: texts}

    def read_details(self, cells: dict[str, str], item: CatalogueItem, checks: Checks) -> None:
        plan = self.plan
        if not plan.has("product_detail", *ATTRIBUTE_COLUMNS):
            return
        attributes: list[ProductAttribute] = []
        options: list[ProductOption] = []
        cell = self.text(cells, "product_detail")
        details = [split_quoted(part, ":") for part in split_quoted(cell, ",")] if cell else []
        for parts in details[:MAX_ATTRIBUTES]:
            section, name, value = detail_parts(parts)
            if not name or not value:
                checks.warning(plan.column("product_detail"), "detail-invalid", "A detail lacks its name or its value.")
            elif section == OPTION_SECTION and item.parent_sku is not None and len(options) < MAX_OPTIONS:
                option = checks.option(name, value, plan.column("product_detail"))
                options += [option] if option else []
            elif attribute := checks.attribute(name, value, plan.column("product_detail")):
                attributes.append(attribute)
        known = {str(attribute.value) for attribute in attributes} | {option.value for option in options}
        for column in ATTRIBUTE_COLUMNS:
            value = self.text(cells, column)
            if not value or value in known:
                continue
            if attribute := checks.attribute(column.replace("_", " ").capitalize(), value, plan.column(column)):
                attributes.append(attribute)
        item.attributes = attributes
        if item.parent_sku is not None:
            item.options = options


def detail_parts(parts: list[str]) -> tuple[str, str, str]:
    """Section, name and value; the section may be left out."""
    texts = [unquoted(part) for part in parts]
    if len(texts) == 2:
        texts.insert(0, "")
    section, name, value = [*texts, "", ""][:3]
    return section, name, value
