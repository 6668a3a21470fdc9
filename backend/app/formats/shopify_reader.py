"""Reads rows of Shopify's product CSV, one product with its variants and images at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.formats.base import ReadOptions, ReadResult, Row
from app.formats.cells import plain_header, trim, unguard
from app.formats.handles import handle_of, slug
from app.formats.items import CatalogueItem, ItemImage, ItemTexts
from app.formats.markup import html_to_text, original_to_keep
from app.formats.rows import Plan, add_attribute_columns, add_extra, check_storable
from app.formats.shopify_columns import BY_LEGACY, BY_NAME, NUMERIC, Column
from app.formats.values import MAX_BRAND, MAX_CATEGORY, MAX_IMAGES, MAX_NAME, MAX_TAG, MAX_TEXT, Checks
from app.products.schemas import ProductOption

MAX_ROWS_OF_A_PRODUCT = 4000
OPTIONS = (1, 2, 3)
BY_PLAIN_NAME = {plain_header(name): column for name, column in (BY_NAME | BY_LEGACY).items()}


@dataclass(slots=True)
class Group:
    """Rows of one handle."""

    handle: str
    rows: list[Row]
    overfull: bool = False


class ShopifyReader:
    def __init__(self, mapping: dict[str, str], options: ReadOptions) -> None:
        self.plan = Plan.of(mapping)
        self.options = options

    def read(self, rows: Iterable[Row]) -> Iterator[ReadResult]:
        seen: set[str] = set()
        for group in self.groups(rows):
            checks = Checks(group.rows[0][0])
            lines = [line for line, _ in group.rows]
            column = self.plan.column("handle")
            if group.overfull:
                checks.error(column, "too-many-rows", f"One product has more than {MAX_ROWS_OF_A_PRODUCT:,} rows.")
            elif group.handle and group.handle in seen:
                checks.error(
                    column, "handle-repeated",
                    f"Rows of “{group.handle[:60]}” stand further up already; rows of one handle go together.",
                )  # fmt: skip
            for _, cells in group.rows:
                check_storable(cells, checks)
            if checks.errors:
                yield ReadResult(None, lines, checks.errors)
                continue
            if group.handle:
                seen.add(group.handle)
            yield from self.read_group(group)

    def groups(self, rows: Iterable[Row]) -> Iterator[Group]:
        group: Group | None = None
        for line, cells in rows:
            if self.plan.is_empty(cells):
                continue
            handle = trim(self.plan.text(cells, "handle"))
            title = trim(self.plan.cell(cells, "title"))
            follows = group is not None and (handle == group.handle if handle else not title and bool(group.handle))
            if group is None or not follows:
                if group is not None:
                    yield group
                group = Group(handle, [])
            if len(group.rows) < MAX_ROWS_OF_A_PRODUCT:
                group.rows.append((line, cells))
            else:
                group.overfull = True
        if group is not None:
            yield group

    def read_group(self, group: Group) -> Iterator[ReadResult]:
        plan = self.plan
        first_line, first = group.rows[0]
        variants = [
            (line, cells)
            for index, (line, cells) in enumerate(group.rows)
            if index == 0 or any(trim(plan.cell(cells, name)) for name in ("sku", "option1_value", "price"))
        ]
        names = self.option_names(group)
        if len(variants) == 1 and not names:
            yield self.simple(group)
            return
        checks = Checks(first_line)
        parent = CatalogueItem(sku=checks.sku(group.handle or slug(plan.text(first, "title")), plan.column("handle")))
        self.read_product(group, parent, checks)
        parent.option_names = names
        parent.extra |= self.kept(first, "product", checks)
        variant_lines = {line for line, _ in variants[1:]}
        own = [line for line, _ in group.rows if line not in variant_lines]
        yield checks.result(parent, own)
        if checks.errors:
            # Without its parent a variant would come in as a product of its own.
            for line, _ in variants:
                checks = Checks(line)
                checks.error(None, "parent-invalid", f"Its product, on line {first_line}, could not be read.")
                yield checks.result(parent, [line])
            return
        title = parent.name or group.handle
        for line, cells in variants:
            yield self.variant(line, cells, parent.sku, names, title)

    def option_names(self, group: Group) -> list[str]:
        """Without those that Shopify gives to a product that has no options: Title, with the value Default Title."""
        names = []
        for number in OPTIONS:
            name = next((text for _, cells in group.rows if (text := self.option(cells, number, "name"))), "")
            values = {text for _, cells in group.rows if (text := self.option(cells, number, "value"))}
            if name.casefold() == "title" and {value.casefold() for value in values} <= {"default title"}:
                continue
            if name or values:
                names.append(name or f"Option {number}")
        return list(dict.fromkeys(names))

    def option(self, cells: dict[str, str], number: int, part: str) -> str:
        return trim(self.plan.text(cells, f"option{number}_{part}"))

    def simple(self, group: Group) -> ReadResult:
        plan = self.plan
        line, cells = group.rows[0]
        checks = Checks(line)
        item = CatalogueItem(sku=self.sku(cells, group.handle, checks))
        self.read_product(group, item, checks)
        self.read_variant_fields(line, cells, item, checks)
        item.extra |= self.kept(cells, "product", checks) | self.kept(cells, "variant", checks)
        if group.handle and group.handle != handle_of(item.sku):
            add_extra(item.extra, "URL handle", group.handle, checks)
        if plan.has("variant_image") and item.images is None:
            item.images = []
        url = trim(plan.cell(cells, "variant_image"))
        if url and item.images is not None and url not in {image.url for image in item.images}:
            item.images += [ItemImage(found) for found in checks.urls([url], plan.column("variant_image"), 1)]
        return checks.result(item, [line for line, _ in group.rows])

    def sku(self, cells: dict[str, str], substitute: str, checks: Checks) -> str:
        sku = trim(self.plan.text(cells, "sku"))
        if not sku and substitute:
            checks.warning(
                self.plan.column("sku"), "sku-missing", f"The SKU is empty; “{substitute[:60]}” is used instead."
            )
            sku = substitute
        return checks.sku(sku, self.plan.column("sku"))

    def variant(self, line: int, cells: dict[str, str], parent_sku: str, names: list[str], title: str) -> ReadResult:
        plan = self.plan
        checks = Checks(line)
        values = [value for number in OPTIONS if (value := self.option(cells, number, "value"))]
        substitute = "-".join(filter(None, [parent_sku, slug(" ".join(values)) or str(line)]))
        item = CatalogueItem(sku=self.sku(cells, substitute, checks), parent_sku=parent_sku)
        item.new_name = f"{title} - {' / '.join(values)}"[:MAX_NAME].strip()
        item.options = self.chosen_options(cells, names, checks)
        self.read_variant_fields(line, cells, item, checks)
        item.extra |= self.kept(cells, "variant", checks)
        url = trim(plan.cell(cells, "variant_image"))
        if url:
            item.images = [ItemImage(found) for found in checks.urls([url], plan.column("variant_image"), 1)]
        return checks.result(item, [line])

    def chosen_options(self, cells: dict[str, str], names: list[str], checks: Checks) -> list[ProductOption]:
        found = []
        for number, name in zip(OPTIONS, names, strict=False):
            value = self.option(cells, number, "value")
            option = checks.option(name, value, self.plan.column(f"option{number}_value")) if value else None
            if option:
                found.append(option)
        return found

    def read_product(self, group: Group, item: CatalogueItem, checks: Checks) -> None:
        plan = self.plan
        _, cells = group.rows[0]
        title = checks.text(plan.text(cells, "title"), plan.column("title"), MAX_NAME)
        item.name = title or None
        if plan.has("brand"):
            item.brand = checks.text(plan.text(cells, "brand"), plan.column("brand"), MAX_BRAND)
        if plan.has("category", "product_category"):
            own = plan.text(cells, "product_category")
            category = trim(plan.text(cells, "category")) or own
            item.category = checks.text(category, plan.column("category"), MAX_CATEGORY)
        if plan.has("tags"):
            item.tags = checks.entries(plan.text(cells, "tags").split(","), plan.column("tags"), MAX_TAG)
        if plan.has("images"):
            item.images = self.images(group, checks)
        self.read_texts(cells, item, title, checks)
        add_attribute_columns(plan, cells, item, checks)

    def read_texts(self, cells: dict[str, str], item: CatalogueItem, title: str, checks: Checks) -> None:
        plan = self.plan
        markup = checks.text(plan.text(cells, "description"), plan.column("description"), 5 * MAX_TEXT)
        description, bullets = html_to_text(markup)
        texts = ItemTexts(
            title=title,
            description=checks.text(description, plan.column("description"), MAX_TEXT),
            bullets=list(bullets),
            seo_title=checks.text(plan.text(cells, "seo_title"), plan.column("seo_title"), MAX_NAME),
            seo_description=checks.text(plan.text(cells, "seo_description"), plan.column("seo_description"), 2000),
        )
        if texts.description or texts.bullets or texts.seo_title or texts.seo_description:
            item.texts = {self.options.language: texts}
        add_extra(item.extra, "Description", original_to_keep(markup) or "", checks)

    def images(self, group: Group, checks: Checks) -> list[ItemImage]:
        found: list[tuple[float, int, ItemImage]] = []
        for index, (line, cells) in enumerate(group.rows):
            url = trim(self.plan.cell(cells, "images"))
            if not url:
                continue
            checks.line = line
            alt = trim(self.plan.text(cells, "image_alt"))
            position = trim(self.plan.cell(cells, "image_position"))
            order = float(position) if position.isascii() and position.isdigit() and len(position) < 10 else index + 1.0
            found += [
                (order, index, ItemImage(good, alt)) for good in checks.urls([url], self.plan.column("images"), 1)
            ]
        checks.line = group.rows[0][0]
        images = {image.url: image for _, _, image in sorted(found, key=lambda entry: entry[:2], reverse=True)}
        return list(reversed(images.values()))[:MAX_IMAGES]

    def read_variant_fields(self, line: int, cells: dict[str, str], item: CatalogueItem, checks: Checks) -> None:
        plan = self.plan
        if plan.has("price"):
            item.price = checks.money(
                plan.cell(cells, "price"), self.options.currency, plan.column("price"), decimal_point=True
            )
        if plan.has("gtin"):
            barcode = trim(plan.cell(cells, "gtin")).lstrip("'")
            tried = Checks(line)
            item.gtin = tried.gtin(barcode, plan.column("gtin"))
            if tried.errors:
                # Many shops keep codes of their own here.
                checks.warnings += tried.errors
                add_extra(item.extra, "Barcode", barcode, checks)

    def kept(self, cells: dict[str, str], level: str, checks: Checks) -> dict[str, str]:
        """By the current header's names, whichever header the file has. What is written anyway is left out."""
        plan = self.plan
        extra: dict[str, str] = {}
        for column, value in plan.extras(cells).items():
            known: Column | None = BY_PLAIN_NAME.get(plain_header(column))
            if (known.level if known else "product") != level:
                continue
            name = known.name if known else column
            if name not in NUMERIC:
                value = unguard(value)
            if known is None or value.casefold() != known.default.casefold():
                add_extra(extra, name, value, checks)
        if level == "product":
            add_extra(extra, "Product category", trim(plan.text(cells, "product_category")), checks)
        return extra
