"""Reads our own table, and any other with one row for each product."""

from collections.abc import Iterable, Iterator

from app.formats.base import ReadOptions, ReadResult, Row
from app.formats.cells import split_list, split_raw, trim, unescape
from app.formats.items import CatalogueItem, ItemImage, ItemTexts
from app.formats.rows import Plan, add_attribute_columns, add_extra, check_storable
from app.formats.values import (
    MAX_BRAND,
    MAX_CATEGORY,
    MAX_IMAGES,
    MAX_NAME,
    MAX_SOURCES,
    MAX_TAG,
    MAX_TEXT,
    STATUSES,
    Checks,
    read_boolean,
)

MAX_BULLETS = 50
MAX_OPTIONS = 3
TEXT_FIELDS = ("title", "description", "bullets", "seo_title", "seo_description")


class GenericReader:
    def __init__(self, mapping: dict[str, str], options: ReadOptions) -> None:
        self.plan = Plan.of(mapping)
        self.options = options
        # A column of this table, or a column that a person wants to keep as it is.
        self.own_extra = "extra" if "extra" in self.plan.extra else None

    def read(self, rows: Iterable[Row]) -> Iterator[ReadResult]:
        for line, cells in rows:
            if self.plan.is_empty(cells):
                continue
            checks = Checks(line)
            if not check_storable(cells, checks):
                yield ReadResult(None, [line], checks.errors)
                continue
            yield checks.result(self.item(cells, checks), [line])

    def text(self, cells: dict[str, str], field: str, longest: int, checks: Checks) -> str | None:
        if not self.plan.has(field):
            return None
        return checks.text(self.plan.text(cells, field), self.plan.column(field), longest)

    def several(self, cells: dict[str, str], field: str, longest: int, checks: Checks) -> list[str] | None:
        if not self.plan.has(field):
            return None
        return checks.entries(split_list(self.plan.text(cells, field)), self.plan.column(field), longest)

    def item(self, cells: dict[str, str], checks: Checks) -> CatalogueItem:
        plan = self.plan
        item = CatalogueItem(sku=checks.sku(plan.text(cells, "sku"), plan.column("sku")))
        item.name = self.text(cells, "name", MAX_NAME, checks) or None
        item.brand = self.text(cells, "brand", MAX_BRAND, checks)
        item.category = self.text(cells, "category", MAX_CATEGORY, checks)
        item.keywords = self.several(cells, "keywords", MAX_NAME, checks)
        item.tags = self.several(cells, "tags", MAX_TAG, checks)
        if plan.has("gtin"):
            item.gtin = checks.gtin(plan.cell(cells, "gtin"), plan.column("gtin"))
        if plan.has("price"):
            currency = trim(plan.text(cells, "currency")).upper() or self.options.currency
            item.price = checks.money(plan.cell(cells, "price"), currency, plan.column("price"))
        if plan.has("status"):
            item.status = self.status(cells, checks)
        if plan.has("languages"):
            item.languages = checks.languages(split_list(plan.text(cells, "languages")), plan.column("languages"))
        if plan.has("source_urls"):
            urls = split_list(plan.text(cells, "source_urls"))
            item.source_urls = checks.urls(urls, plan.column("source_urls"), MAX_SOURCES)
        if plan.has("images"):
            item.images = self.images(cells, checks)
        if plan.has("attributes"):
            item.attributes = checks.attributes(plan.text(cells, "attributes"), plan.column("attributes"))
        add_attribute_columns(plan, cells, item, checks)
        self.read_variant(cells, item, checks)
        self.read_texts(cells, item, checks)
        self.read_extra(cells, item, checks)
        return item

    def status(self, cells: dict[str, str], checks: Checks) -> str | None:
        status = trim(self.plan.text(cells, "status")).casefold().replace(" ", "_")
        if status and status not in STATUSES:
            checks.warning(self.plan.column("status"), "status-unknown", f"The status is one of {', '.join(STATUSES)}.")
            return None
        return status or None

    def images(self, cells: dict[str, str], checks: Checks) -> list[ItemImage]:
        plan = self.plan
        urls = checks.urls(split_list(plan.text(cells, "images")), plan.column("images"), MAX_IMAGES)
        images = [ItemImage(url) for url in urls]
        for part in split_raw(plan.text(cells, "image_alts"), ";"):
            number, _, alt = part.partition("=")
            if number.strip().isdecimal() and len(number.strip()) < 5 and 0 < int(number) <= len(images):
                images[int(number) - 1].alt = unescape(alt)
        return images

    def read_variant(self, cells: dict[str, str], item: CatalogueItem, checks: Checks) -> None:
        plan = self.plan
        parent = trim(plan.text(cells, "parent_sku"))
        if parent and parent != item.sku:
            item.parent_sku = checks.sku(parent, plan.column("parent_sku"))
        elif parent:
            checks.error(plan.column("parent_sku"), "parent-invalid", "A product cannot be its own parent.")
        if plan.has("option_names"):
            names = split_list(plan.text(cells, "option_names"))
            item.option_names = checks.entries(names, plan.column("option_names"), 200, MAX_OPTIONS)
        if plan.has("options"):
            found = checks.attributes(plan.text(cells, "options"), plan.column("options"))
            options = [checks.option(option.name, str(option.value), plan.column("options")) for option in found]
            item.options = [option for option in options if option is not None]

    def read_texts(self, cells: dict[str, str], item: CatalogueItem, checks: Checks) -> None:
        plan = self.plan
        bullets = split_list(plan.text(cells, "bullets"))
        if len(bullets) > MAX_BULLETS:
            checks.error(
                plan.column("bullets"), "too-many", f"{len(bullets)} bullets; at most {MAX_BULLETS} are taken."
            )
        texts = ItemTexts(
            title=self.text(cells, "title", MAX_NAME, checks) or "",
            description=self.text(cells, "description", MAX_TEXT, checks) or "",
            bullets=bullets,
            seo_title=self.text(cells, "seo_title", MAX_NAME, checks) or "",
            seo_description=self.text(cells, "seo_description", 2000, checks) or "",
        )
        if not any(getattr(texts, field) for field in TEXT_FIELDS):
            return
        try:
            texts.ai_written = read_boolean(plan.text(cells, "ai_written"))
        except ValueError:
            checks.warning(plan.column("ai_written"), "ai-written-unknown", "Write yes or no; it is taken as yes.")
            texts.ai_written = True
        item.texts = {self.options.language: texts}

    def read_extra(self, cells: dict[str, str], item: CatalogueItem, checks: Checks) -> None:
        for column, value in self.plan.extras(cells).items():
            if column != self.own_extra:
                add_extra(item.extra, column, value, checks)
        if self.own_extra:
            for part in split_raw(cells.get("extra") or "", ";"):
                name, *values = split_raw(part, "=")
                if values:
                    add_extra(item.extra, unescape(name), unescape("=".join(values)), checks)
