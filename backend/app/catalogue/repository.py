import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import psycopg
from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    select,
    text,
    union_all,
)
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg as PsycopgDialect
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalogue.completeness import Requirements
from app.catalogue.filters import (
    Condition,
    found_among_deleted,
    found_in_index,
    found_one_by_one,
    product_search,
    products,
    query_value,
)
from app.catalogue.items import ONE_ITEM, PAGE_ITEMS
from app.catalogue.schemas import Sort
from app.catalogue.sorting import Order, Position, order_of
from app.common.paging import EXACT_TOTAL_LIMIT
from app.settings_store.models import SettingsDocument

MAX_FACET_VALUES = 100

settings_documents = SettingsDocument.__table__


@dataclass(frozen=True, slots=True)
class Matching:
    """Which products are meant, and how many: exact up to 10,000, else None.

    `along_the_way` says the same of each product that is come by: for a walk along an order, which a search for what
    is found nearly everywhere ends soon.
    """

    conditions: list[Condition]
    total: int | None
    along_the_way: list[Condition] | None = None

    @property
    def is_small(self) -> bool:
        """Few enough to be collected and sorted, instead of walking along an order in search of them."""
        return self.total is not None


@dataclass(frozen=True, slots=True)
class FoundRows:
    """The products of a page in their order. `last` is where the next page begins, if there is one.

    `settings` tells the version of the category list that was in force, None where none was ever saved.
    """

    ids: list[uuid.UUID]
    categories: set[str]
    settings: uuid.UUID | None
    last: Position | None
    total: int | None

    @classmethod
    def of(cls, rows: Sequence[Any], limit: int, total: int | None) -> "FoundRows":
        """From rows of id, sort key, category and settings, one more than the page has where another one follows."""
        shown = rows[:limit]
        return cls(
            ids=[row[0] for row in shown],
            categories={row[2] for row in shown if row[2] is not None},
            settings=rows[0][3] if rows else None,
            last=Position(shown[-1][1], shown[-1][0]) if len(rows) > limit else None,
            total=total,
        )


LIVING = products.c.deleted_at.is_(None)
SETTINGS = (
    select(settings_documents.c.id)
    .where(settings_documents.c.kind == literal_column("'categories'"))
    .order_by(settings_documents.c.version.desc())
    .limit(literal_column("1"))
    .scalar_subquery()
)


PLANNING = text(
    "SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true),"
    " set_config('random_page_cost', '1.1', true)"
)


@lru_cache(maxsize=256)
def whole_catalogue(sort: Sort, limit: int, *, begins: bool) -> str:
    """The page that is asked for most, with the bounded total in the same statement, made and compiled once."""
    order = order_of(sort)
    counted: Select[Any] = select(literal_column("1")).select_from(products).where(LIVING)
    total = select(func.count()).select_from(counted.limit(literal_column(str(EXACT_TOTAL_LIMIT + 1))).subquery())
    rows = select(products.c.id, cast(order.key, Text), products.c.category, SETTINGS, total.scalar_subquery())
    rows = rows.where(LIVING)
    if not begins:
        rows = rows.where(order.after(bindparam("key"), bindparam("id")))
    rows = rows.order_by(*order.by(order.key, products.c.id)).limit(literal_column(str(limit + 1)))
    return str(rows.compile(dialect=PsycopgDialect()))  # type: ignore[no-untyped-call]


class CatalogueRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def plan_each_query(self) -> None:
        """In this transaction: a plan for any search fits none, compiling one takes longer than it saves, and the
        tables that are asked here lie in memory, where a random page costs what the next one does.
        """
        await self.session.execute(PLANNING)

    async def matching(self, conditions: Sequence[Condition], query: str | None, *, deleted: bool) -> Matching:
        living = products.c.deleted_at.is_not(None) if deleted else LIVING
        everything: list[Condition] = [living, *conditions]
        if query is None:
            return Matching(everything, await self._count(everything))
        if deleted:
            everything.append(found_among_deleted(query))
            return Matching(everything, await self._count(everything))
        indexed = [*everything, found_in_index(query)]
        found = await self._count_found(query)
        if found is None:
            walk = [*everything, found_one_by_one(query)]
            return Matching(indexed, await self._count(indexed) if conditions else None, walk)
        return Matching(indexed, await self._count(indexed) if conditions else found)

    async def _count(self, conditions: Sequence[Condition]) -> int | None:
        limited: Select[Any] = (
            select(literal_column("1")).select_from(products).where(*conditions).limit(EXACT_TOTAL_LIMIT + 1)
        )
        counted = await self.session.scalar(select(func.count()).select_from(limited.subquery())) or 0
        return counted if counted <= EXACT_TOTAL_LIMIT else None

    async def _count_found(self, query: str) -> int | None:
        """Only living products are in the search."""
        limited: Select[Any] = (
            select(literal_column("1"))
            .select_from(product_search)
            .where(product_search.c.document.op("@@")(query_value(query)))
            .limit(EXACT_TOTAL_LIMIT + 1)
        )
        counted = await self.session.scalar(select(func.count()).select_from(limited.subquery())) or 0
        return counted if counted <= EXACT_TOTAL_LIMIT else None

    async def rows(self, matching: Matching, order: Order, after: Position | None, limit: int) -> FoundRows:
        conditions = matching.conditions if matching.is_small else matching.along_the_way or matching.conditions
        rows = select(products.c.id, order.key.label("key"), products.c.category).where(*conditions)
        if after is not None:
            rows = rows.where(order.after(after.key, after.id))
        if matching.is_small:
            # Collected first: a walk along the order could pass by everything else before it finds them.
            collected = rows.cte("collected").prefix_with("MATERIALIZED")
            rows = select(collected).order_by(*order.by(collected.c.key, collected.c.id))
        else:
            rows = rows.order_by(*order.by(order.key, products.c.id))
        # The number itself rather than a parameter: a plan for any number would be one for many rows.
        found = rows.limit(literal_column(str(limit + 1))).subquery("found")
        columns = (found.c.id, cast(found.c.key, Text), found.c.category, SETTINGS)
        result = await self.session.execute(select(*columns).order_by(*order.by(found.c.key, found.c.id)))
        return FoundRows.of(result.all(), limit, matching.total)

    async def whole(self, sort: Sort, after: Position | None, limit: int) -> FoundRows:
        """A page of all that lives."""
        position = {"key": after.key, "id": after.id} if after is not None else {}
        # Straight to the driver, as with the items: SQLAlchemy's way there takes longer than all the rest.
        cursor = await (await self._driver()).execute(whole_catalogue(sort, limit, begins=after is None), position)
        rows = await cursor.fetchall()
        # Behind the last row nobody is left to say how many there are.
        total = rows[0][4] if rows else await self._count([LIVING])
        return FoundRows.of(rows, limit, total if total is not None and total <= EXACT_TOTAL_LIMIT else None)

    async def one(self, condition: Condition) -> FoundRows | None:
        """The living product with this id or SKU."""
        query: Select[Any] = select(products.c.id, literal_column("''"), products.c.category, SETTINGS)
        rows = (await self.session.execute(query.where(condition, LIVING))).all()
        return FoundRows.of(rows, 1, None) if rows else None

    async def items(self, found: FoundRows, requirements: Requirements) -> str:
        """JSON, with commas between."""
        parameters = {"ids": found.ids, "requirements": json.dumps(requirements)}
        row = await (await (await self._driver()).execute(PAGE_ITEMS, parameters)).fetchone()
        return (row[0] if row is not None else None) or ""

    async def item(self, found: FoundRows, requirements: Requirements) -> tuple[int, str] | None:
        """The version and the JSON of one living product."""
        parameters = {"id": found.ids[0], "requirements": json.dumps(requirements)}
        row = await (await (await self._driver()).execute(ONE_ITEM, parameters)).fetchone()
        return (row[0], row[1]) if row is not None else None

    async def _driver(self) -> psycopg.AsyncConnection[tuple[Any, ...]]:
        """The session's own connection, in its transaction."""
        raw = await (await self.session.connection()).get_raw_connection()
        assert isinstance(raw.driver_connection, psycopg.AsyncConnection)
        return raw.driver_connection

    async def facets(self, conditions: Sequence[Condition]) -> dict[str, list[tuple[str, int]]]:
        # Each scan can be shared out among several processes, as it could not if one fed the other.
        groups = (
            select(products.c.status, products.c.category, products.c.brand, func.count().label("size"))
            .where(*conditions)
            .group_by(products.c.status, products.c.category, products.c.brand)
            .cte("groups")
        )
        tags = select(func.unnest(products.c.tags).label("tag")).where(*conditions).subquery("tags")
        sources: dict[str, tuple[ColumnElement[str], ColumnElement[int]]] = {
            "status": (groups.c.status, func.sum(groups.c.size)),
            "category": (groups.c.category, func.sum(groups.c.size)),
            "brand": (groups.c.brand, func.sum(groups.c.size)),
            "tag": (tags.c.tag, func.count()),
        }
        counted = [
            select(literal(name).label("facet"), column.label("value"), size.label("count"))
            .where(column.is_not(None))
            .group_by(column)
            .order_by(size.desc(), column)
            .limit(MAX_FACET_VALUES)
            .subquery()
            for name, (column, size) in sources.items()
        ]
        found: dict[str, list[tuple[str, int]]] = {name: [] for name in sources}
        for facet, value, count in await self.session.execute(union_all(*(select(each) for each in counted))):
            found[facet].append((value, int(count)))
        return found
