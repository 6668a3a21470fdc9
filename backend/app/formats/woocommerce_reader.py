"""Reads rows of WooCommerce's product CSV. A variable product waits for the variations that follow it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from app.formats.base import ReadOptions, ReadResult, Row
from app.formats.cells import trim
from app.formats.items import CatalogueItem, ItemImage, ItemTexts
from app.formats.markup import html_to_text, original_to_keep
from app.formats.rows import Plan, add_attribute_columns, add_extra, check_storable
from app.formats.values import MAX_BRAND, MAX_CATEGORY, MAX_IMAGES, MAX_NAME, MAX_TAG, MAX_TEXT, Checks
from app.formats.woocommerce_columns import DEFAULTS, NUMERIC, split_values, unescape_newlines, unguard
from app.products.schemas import ProductAttribute, ProductOption

MAX_OPTIONS = 3
ID_REFERENCE = "id:"


@dataclass(slots=True)
class Waiting:
    """A product whose options are known when its variations have been seen."""

    item: CatalogueItem
    line: int
    checks: Checks
    attributes: dict[str, list[str]]
    variants: list[ReadResult] = field(default_factory=list)


class WooCommerceReader:
    def __init__(self, mapping: dict[str, str], options: ReadOptions) -> None:
        self.plan = Plan.of(mapping)
        self.options = options
        numbers = {name.split("_")[1] for name in self.plan.fields if name.startswith("attribute_")}
        self.numbers = sorted(numbers, key=lambda number: (len(number), number))

    def read(self, rows: Iterable[Row]) -> Iterator[ReadResult]:
        waiting: Waiting | None = None
        for line, cells in rows:
            if self.plan.is_empty(cells):
                continue
            checks = Checks(line)
            if not check_storable(cells, checks):
                yield ReadResult(None, [line], checks.errors)
                continue
            kinds = [kind.strip() for kind in trim(self.text(cells, "type")).casefold().split(",")]
            item = self.item(cells, checks, kinds)
            attributes = self.attributes(cells)
            if "variation" in kinds:
                item.options = self.variation_options(attributes, checks)
                result = checks.result(item, [line])
                if waiting and waiting.item.sku == item.parent_sku and len(waiting.variants) < 2500:
                    waiting.variants.append(result)
                else:
                    yield result
                continue
            if waiting:
                yield from self.settled(waiting)
                waiting = None
            if "variable" in kinds:
                waiting = Waiting(item, line, checks, attributes)
            else:
                item.attributes = self.to_attributes(attributes, checks, item)
                yield checks.result(item, [line])
        if waiting:
            yield from self.settled(waiting)

    def settled(self, waiting: Waiting) -> Iterator[ReadResult]:
        """Options are what the variations differ in; where those stand elsewhere, what has several values, or none."""
        own = waiting.attributes
        named = {option.name for result in waiting.variants if result.item for option in result.item.options or []}
        names = [name for name, values in own.items() if (name in named if named else len(values) != 1)]
        waiting.item.option_names = names[:MAX_OPTIONS]
        rest = {name: values for name, values in own.items() if name not in waiting.item.option_names}
        waiting.item.attributes = self.to_attributes(rest, waiting.checks, waiting.item)
        yield waiting.checks.result(waiting.item, [waiting.line])
        yield from waiting.variants

    def text(self, cells: dict[str, str], name: str) -> str:
        return unguard(self.plan.cell(cells, name))

    def item(self, cells: dict[str, str], checks: Checks, kinds: list[str]) -> CatalogueItem:
        plan = self.plan
        extra: dict[str, str] = {}
        sku = trim(self.text(cells, "sku"))
        identifier = trim(plan.cell(cells, "id"))
        if not sku and identifier:
            sku = ID_REFERENCE + identifier
            checks.warning(plan.column("sku"), "sku-missing", f"The SKU is empty; “{sku[:60]}” is used instead.")
        item = CatalogueItem(sku=checks.sku(sku, plan.column("sku")), extra=extra)
        item.name = checks.text(self.text(cells, "name"), plan.column("name"), MAX_NAME) or None
        if "variation" in kinds:
            item.parent_sku = checks.sku(self.text(cells, "parent_sku"), plan.column("parent_sku"))
        if plan.has("gtin"):
            item.gtin = checks.gtin(plan.cell(cells, "gtin"), plan.column("gtin"))
        if plan.has("price"):
            item.price = checks.money(plan.cell(cells, "price"), self.options.currency, plan.column("price"))
        if plan.has("brand"):
            brands = split_values(self.text(cells, "brand"))
            item.brand = checks.text(brands[0] if brands else "", plan.column("brand"), MAX_BRAND)
        if plan.has("category"):
            categories = split_values(self.text(cells, "category"))
            item.category = checks.text(categories[0] if categories else "", plan.column("category"), MAX_CATEGORY)
            if len(categories) > 1:
                add_extra(extra, "Categories", trim(self.text(cells, "category")), checks)
        if plan.has("tags"):
            item.tags = checks.entries(split_values(self.text(cells, "tags")), plan.column("tags"), MAX_TAG)
        if plan.has("images"):
            urls = split_values(plan.cell(cells, "images"))
            item.images = [ItemImage(url) for url in checks.urls(urls, plan.column("images"), MAX_IMAGES)]
        self.read_texts(cells, item, checks)
        add_attribute_columns(plan, cells, item, checks)
        self.read_extra(cells, item, kinds, checks)
        return item

    def read_texts(self, cells: dict[str, str], item: CatalogueItem, checks: Checks) -> None:
        plan = self.plan
        raw = unescape_newlines(self.text(cells, "description"))
        markup = checks.text(raw, plan.column("description"), 5 * MAX_TEXT)
        description, bullets = html_to_text(markup)
        texts = ItemTexts(
            title=item.name or "",
            description=checks.text(description, plan.column("description"), MAX_TEXT),
            bullets=list(bullets),
            seo_title=checks.text(self.text(cells, "seo_title"), plan.column("seo_title"), MAX_NAME),
            seo_description=checks.text(self.text(cells, "seo_description"), plan.column("seo_description"), 2000),
        )
        if texts.description or texts.bullets or texts.seo_title or texts.seo_description:
            item.texts = {self.options.language: texts}
        add_extra(item.extra, "Description", original_to_keep(markup) or "", checks)

    def read_extra(self, cells: dict[str, str], item: CatalogueItem, kinds: list[str], checks: Checks) -> None:
        for column, value in self.plan.extras(cells).items():
            if column not in NUMERIC:
                value = unguard(value)
            if DEFAULTS.get(column) != value:
                add_extra(item.extra, column, value, checks)
        others = [kind for kind in kinds if kind and kind not in {"simple", "variable", "variation"}]
        if others:
            item.extra["Type"] = trim(self.text(cells, "type"))
        parent = trim(self.text(cells, "parent_sku"))
        if parent and item.parent_sku is None:
            item.extra["Parent"] = parent
        for number in self.numbers:
            name = trim(self.text(cells, f"attribute_{number}_name"))
            if not name:
                continue
            default = trim(self.text(cells, f"attribute_{number}_default"))
            add_extra(item.extra, f"Attribute default: {name}", default, checks)
            flags = [self.plan.cell(cells, f"attribute_{number}_{flag}") for flag in ("visible", "global")]
            if flags not in (["1", "0"], ["", ""]) and item.parent_sku is None:
                add_extra(item.extra, f"Attribute flags: {name}", " ".join(flags), checks)

    def attributes(self, cells: dict[str, str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for number in self.numbers:
            name = trim(self.text(cells, f"attribute_{number}_name"))
            if name:
                found.setdefault(name, split_values(self.text(cells, f"attribute_{number}_value")))
        return found

    def to_attributes(
        self, found: dict[str, list[str]], checks: Checks, item: CatalogueItem
    ) -> list[ProductAttribute] | None:
        attributes = list(item.attributes or [])
        for name, values in found.items():
            value: object = values if len(values) > 1 else "".join(values)
            if values and (attribute := checks.attribute(name, value, None, "list" if len(values) > 1 else "text")):
                attributes.append(attribute)
        return attributes if self.numbers or item.attributes is not None else None

    def variation_options(self, found: dict[str, list[str]], checks: Checks) -> list[ProductOption]:
        options = [
            option
            for name, values in found.items()
            if values and (option := checks.option(name, ", ".join(values), None))
        ]
        if len(options) > MAX_OPTIONS:
            checks.warning(None, "too-many-options", f"Of {len(options)} options the first {MAX_OPTIONS} are taken.")
        return options[:MAX_OPTIONS]
