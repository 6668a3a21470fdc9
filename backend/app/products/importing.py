"""Products of a file into the catalogue, a chunk at a time: two statements for a thousand products, not two thousand.

Only what the file speaks of changes; what it says already is left alone, with its version. Rows are locked in the
order of their ids, so that what is read is what is written over, and two writers never wait for each other in a ring.
"""

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.common.identifiers import new_id
from app.formats.items import CatalogueItem
from app.products.models import Product
from app.products.repository import ProductRepository
from app.products.schemas import ProductAttribute, category_path
from app.products.variants import MAX_VARIANTS
from app.sources.service import SourceService
from shared.models.base import Money

ImportMode = Literal["create_and_update", "create_only", "update_only"]
Result = Literal["created", "updated", "unchanged", "skipped", "failed"]

MAX_ATTRIBUTES = 500
COLUMNS = {
    "name": "text",
    "brand": "text",
    "category": "text",
    "status": "text",
    "gtin": "text",
    "price_amount": "numeric",
    "price_currency": "text",
    "attributes": "jsonb",
    "keywords": "jsonb",
    "languages": "jsonb",
    "tags": "text[]",
    "parent_id": "uuid",
    "option_names": "text[]",
    "options": "jsonb",
    "extra": "jsonb",
}
"""What an import may change, and the types of PostgreSQL."""

RECORDS = (
    f"jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, sku text, {', '.join(map(' '.join, COLUMNS.items()))})"
)
INSERT = text(
    f"INSERT INTO products (id, sku, version, {', '.join(COLUMNS)}) "  # noqa: S608  # names of our own
    f"SELECT r.id, r.sku, 1, {', '.join(f'r.{name}' for name in COLUMNS)} FROM {RECORDS}"
)
UPDATE = text(
    f"UPDATE products SET {', '.join(f'{name} = r.{name}' for name in COLUMNS)}, "  # noqa: S608  # names of our own
    f"version = products.version + 1, updated_at = now() FROM {RECORDS} WHERE products.id = r.id"
)
STORED = select(Product.id, Product.sku, *(getattr(Product, name) for name in COLUMNS))

NEW: dict[str, Any] = {
    **dict.fromkeys(("brand", "category", "gtin", "price_amount", "price_currency", "parent_id")),
    **{name: [] for name in ("attributes", "keywords", "tags", "option_names", "options")},
    "status": "draft",
    "extra": {},
}


@dataclass(frozen=True, slots=True)
class UpsertOptions:
    """`source` names the format, under which columns without a field are kept; `language` is for new products.

    `approves_texts`: whether the texts of the items, which follow, count as approved.
    """

    source: str
    language: str = "en"
    mode: ImportMode = "create_and_update"
    replace_attributes: bool = False
    approves_texts: bool = False


@dataclass(frozen=True, slots=True)
class ItemProblem:
    """`field` is the item's. A failed product was not written; else it was, but for this."""

    field: str | None
    code: str
    message: str


@dataclass(slots=True)
class UpsertOutcome:
    """`waits` says that the parent is not there yet: `link` does it once it is."""

    result: Result
    product_id: uuid.UUID | None = None
    problems: list[ItemProblem] = field(default_factory=list)
    waits: bool = False


@dataclass(slots=True)
class Target:
    """A product as it shall be. `before` is how it is stored; None for a new one."""

    id: uuid.UUID
    sku: str
    values: dict[str, Any]
    before: dict[str, Any] | None
    outcome: UpsertOutcome


@dataclass(frozen=True, slots=True)
class WaitingVariant:
    sku: str
    parent_sku: str
    options: list[dict[str, str]]


def money_columns(price: Money | None) -> dict[str, Any]:
    return {
        "price_amount": Decimal(price.amount) if price else None,
        "price_currency": price.currency if price else None,
    }


def attribute_value(attribute: ProductAttribute) -> dict[str, Any]:
    return {"name": attribute.name, "type": attribute.type, "value": attribute.value, "unit": attribute.unit}


def merged_attributes(before: list[dict[str, Any]], given: Iterable[ProductAttribute]) -> list[dict[str, Any]]:
    """The file's values win by name, whatever its case; what it does not name stays."""
    merged = {attribute["name"].casefold(): attribute for attribute in before}
    for attribute in given:
        merged[attribute.name.casefold()] = attribute_value(attribute)
    return list(merged.values())


def wanted_values(item: CatalogueItem, before: dict[str, Any], options: UpsertOptions) -> dict[str, Any]:
    """The product's columns after the import, but for its place among variants."""
    values = dict(before)
    if item.name:
        values["name"] = item.name
    if item.brand is not None:
        values["brand"] = item.brand or None
    if item.category is not None:
        values["category"] = category_path(item.category) or None
    if item.gtin is not None:
        values["gtin"] = item.gtin or None
    if item.price is not None:
        values |= money_columns(item.price)
    # A run says `enriching`, and `approved` follows from the listings: neither is a file's to say, or to take away.
    if item.status in {"draft", "needs_review"} and before["status"] in {"draft", "needs_review"}:
        values["status"] = item.status
    if item.attributes is not None:
        kept = [] if options.replace_attributes else before["attributes"]
        values["attributes"] = merged_attributes(kept, item.attributes)
    for name in ("keywords", "tags"):
        given = getattr(item, name)
        if given is not None:
            values[name] = list(dict.fromkeys(given))
    if item.languages:
        values["languages"] = list(dict.fromkeys(item.languages))
    if item.extra:
        columns = {**before["extra"].get(options.source, {}), **item.extra}
        values["extra"] = {**before["extra"], options.source: {name: cell for name, cell in columns.items() if cell}}
    return values


def status_with_texts(item: CatalogueItem, values: dict[str, Any], options: UpsertOptions) -> str:
    """What the listings will make of a new product: said at once, not by writing every row a second time."""
    written = {language for language, texts in item.texts.items() if texts.title or texts.description}
    if not written:
        return str(values["status"])
    return "approved" if options.approves_texts and written >= set(values["languages"]) else "needs_review"


def as_rows(targets: Iterable[Target]) -> str:
    return json.dumps([{"id": target.id, "sku": target.sku, **target.values} for target in targets], default=str)


class ProductImporter:
    def __init__(self, session: AsyncSession, options: UpsertOptions) -> None:
        self.session = session
        self.options = options
        self.repository = ProductRepository(session)

    async def upsert(self, items: Sequence[CatalogueItem]) -> list[UpsertOutcome]:
        """One outcome for each item, in their order. SKUs must be unique among the items.

        Raises IntegrityError where somebody else took a SKU meanwhile: doing it again finds that product.
        """
        if any(item.parent_sku is not None or item.options or item.option_names for item in items):
            await self.repository.lock_hierarchy()
        stored = await self._stored([item.sku for item in items])
        targets = [self._target(item, stored.get(item.sku)) for item in items]
        await Placement(self.session, targets, items).place()
        living = [target for target in targets if target.outcome.result not in {"failed", "skipped"}]
        await self._write(living)
        await self._add_sources(items, targets)
        return [target.outcome for target in targets]

    async def link(self, waiting: Sequence[WaitingVariant]) -> dict[str, UpsertOutcome]:
        """Put variants under parents that came later in the file. By SKU, without those that are gone meanwhile."""
        await self.repository.lock_hierarchy()
        stored = await self._stored([each.sku for each in waiting])
        items = [CatalogueItem(sku=each.sku, parent_sku=each.parent_sku) for each in waiting if each.sku in stored]
        targets = [self._target(item, stored[item.sku], always=True) for item in items]
        given = {each.sku: each.options for each in waiting}
        placement = Placement(self.session, targets, items, given)
        await placement.place()
        await self._write(targets)
        return {target.sku: target.outcome for target in targets}

    async def _stored(self, skus: Sequence[str]) -> dict[str, Row[Any]]:
        query = STORED.where(Product.sku.in_(skus), Product.deleted_at.is_(None)).order_by(Product.id)
        return {row.sku: row for row in await self.session.execute(query.with_for_update())}

    def _target(self, item: CatalogueItem, row: Row[Any] | None, *, always: bool = False) -> Target:
        before = {name: getattr(row, name) for name in COLUMNS} if row is not None else None
        defaults = {**NEW, "name": item.new_name, "languages": [self.options.language]}
        values = wanted_values(item, before or defaults, self.options)
        if before is None:
            values["status"] = status_with_texts(item, values, self.options)
        identifier = row.id if row is not None else new_id()
        outcome = UpsertOutcome("unchanged", identifier)
        if not always and self.options.mode == ("update_only" if before is None else "create_only"):
            outcome = UpsertOutcome("skipped", row.id if row is not None else None)
        elif not values["name"]:
            message = "The product is not in the catalogue yet, and a new one needs a name."
            outcome = UpsertOutcome("failed", None, [ItemProblem("name", "name-missing", message)])
        elif len(values["attributes"]) > MAX_ATTRIBUTES:
            message = f"With those it has already the product would have more than {MAX_ATTRIBUTES} attributes."
            outcome = UpsertOutcome("failed", None, [ItemProblem("attributes", "too-many", message)])
        return Target(identifier, item.sku, values, before, outcome)

    async def _write(self, targets: Sequence[Target]) -> None:
        created = [target for target in targets if target.before is None]
        changed = [target for target in targets if target.before is not None and target.values != target.before]
        for statement, written, result in ((INSERT, created, "created"), (UPDATE, changed, "updated")):
            if written:
                await self.session.execute(statement, {"rows": as_rows(written)})
                for target in written:
                    target.outcome.result = result  # type: ignore[assignment]

    async def _add_sources(self, items: Sequence[CatalogueItem], targets: Sequence[Target]) -> None:
        wanted = [
            (target.id, item.source_urls)
            for item, target in zip(items, targets, strict=True)
            if item.source_urls and target.outcome.result in {"created", "updated", "unchanged"}
        ]
        extended = await SourceService(self.session).add_many(wanted)
        for target in targets:
            if target.outcome.result == "unchanged" and target.id in extended:
                target.outcome.result = "updated"


@dataclass(slots=True)
class Parent:
    sku: str
    parent_id: uuid.UUID | None
    option_names: list[str]
    siblings: dict[tuple[str, ...], uuid.UUID] = field(default_factory=dict)


class Placement:
    """Variants under their parents, by the same rules as in the app; who breaks one is kept, but not as a variant."""

    def __init__(
        self,
        session: AsyncSession,
        targets: Sequence[Target],
        items: Sequence[CatalogueItem],
        options: dict[str, list[dict[str, str]]] | None = None,
    ) -> None:
        self.session = session
        self.pairs = [
            (target, item) for target, item in zip(targets, items, strict=True) if target.outcome.result == "unchanged"
        ]
        self.given = options or {}
        self.parents: dict[uuid.UUID, Parent] = {}
        self.by_sku: dict[str, uuid.UUID] = {}
        self.with_variants: set[uuid.UUID] = set()

    async def place(self) -> None:
        if not any(item.parent_sku is not None or item.option_names or item.options for _, item in self.pairs):
            return
        await self._load()
        for target, item in self.pairs:
            if item.option_names is not None:
                self._name_options(target, item)
        moving = [
            (target, item)
            for target, item in self.pairs
            if item.parent_sku is not None or (item.options is not None and target.values["parent_id"] is not None)
        ]
        for target, _ in moving:
            self._leave(target)
        for target, item in moving:
            self._place(target, item)

    async def _load(self) -> None:
        """All parents that the items name or have, and the variants of both."""
        skus = {item.parent_sku for _, item in self.pairs if item.parent_sku}
        ids = {target.values["parent_id"] for target, _ in self.pairs if target.values["parent_id"]}
        columns = select(Product.id, Product.sku, Product.parent_id, Product.option_names)
        living = Product.deleted_at.is_(None)
        for row in await self.session.execute(columns.where(living, Product.sku.in_(skus) | Product.id.in_(ids))):
            self._know(row.id, row.sku, row.parent_id, row.option_names)
        for target, _ in self.pairs:
            self._know(target.id, target.sku, target.values["parent_id"], target.values["option_names"])
        variants = select(Product.id, Product.parent_id, Product.options)
        for each in await self.session.execute(variants.where(living, Product.parent_id.in_(self.parents))):
            if each.parent_id is not None:
                self.with_variants.add(each.parent_id)
                self.parents[each.parent_id].siblings[values_of(each.options)] = each.id

    def _know(self, identifier: uuid.UUID, sku: str, parent_id: uuid.UUID | None, names: list[str]) -> None:
        self.by_sku[sku] = identifier
        self.parents.setdefault(identifier, Parent(sku, parent_id, names))

    def _name_options(self, target: Target, item: CatalogueItem) -> None:
        names = list(dict.fromkeys(item.option_names or []))
        if names == target.values["option_names"]:
            return
        if target.id in self.with_variants:
            warn(target, "option_names", "It has variants already, so what they differ in is changed in the app only.")
            return
        target.values["option_names"] = names
        self.parents[target.id].option_names = names

    def _leave(self, target: Target) -> None:
        parent = self.parents.get(target.values["parent_id"])
        key = values_of(target.values["options"])
        if parent is not None and parent.siblings.get(key) == target.id:
            del parent.siblings[key]

    def _place(self, target: Target, item: CatalogueItem) -> None:
        before = target.values["parent_id"], target.values["options"]
        target.values |= {"parent_id": None, "options": []}
        options = self.given.get(target.sku) or [option.model_dump() for option in item.options or []]
        parent_id = before[0]
        if item.parent_sku is not None:
            if not item.parent_sku:
                return
            parent_id = self.by_sku.get(item.parent_sku)
        if parent_id is None:
            target.outcome.waits = True
            # A variant whose parent is to come stays what it is until then.
            target.values |= dict(zip(("parent_id", "options"), before, strict=True))
            return
        parent = self.parents[parent_id]
        problem = self._problem(target, parent_id, parent, options)
        if problem is not None:
            warn(target, "parent_sku", f"{problem} The product is kept, but not as a variant.")
            return
        named = {option["name"].casefold(): option["value"] for option in options}
        ordered = [{"name": name, "value": named[name.casefold()]} for name in parent.option_names]
        parent.siblings[values_of(ordered)] = target.id
        self.parents[target.id].parent_id = parent_id
        target.values |= {"parent_id": parent_id, "options": ordered}

    def _problem(
        self, target: Target, parent_id: uuid.UUID, parent: Parent, options: list[dict[str, str]]
    ) -> str | None:
        if parent_id == target.id:
            return "A product cannot be its own variant."
        if parent.parent_id is not None:
            return f"{parent.sku} is a variant itself, so it cannot have variants."
        if target.id in self.with_variants or self.parents[target.id].siblings:
            return "It has variants itself, so it cannot become one."
        if target.values["option_names"]:
            return "It names options for variants of its own, so it cannot be one."
        if not parent.option_names:
            return f"It is not said what the variants of {parent.sku} differ in: its option names."
        named = {option["name"].casefold(): option["value"] for option in options}
        if len(named) != len(options) or set(named) != {name.casefold() for name in parent.option_names}:
            return (
                f"It needs one value for each option of {parent.sku}, and no other: {', '.join(parent.option_names)}."
            )
        key = tuple(named[name.casefold()].casefold() for name in parent.option_names)
        if parent.siblings.get(key, target.id) != target.id:
            return f"{parent.sku} has a variant with these options already: {' / '.join(named.values())}."
        if len(parent.siblings) >= MAX_VARIANTS:
            return f"{parent.sku} has {MAX_VARIANTS} variants; there can be no more."
        return None


def values_of(options: list[dict[str, str]]) -> tuple[str, ...]:
    return tuple(option["value"].casefold() for option in options)


def warn(target: Target, field_name: str, message: str) -> None:
    target.outcome.problems.append(ItemProblem(field_name, "variant-invalid", message))
