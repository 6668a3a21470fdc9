"""Which products an export is about, as conditions on the table of products, and in which order they come.

A product comes before its variants, families by age. What changed since an export is read from the audit log: an event
counts when the export's snapshot could not see it. That includes what was under way while the export was made: such a
change has an earlier time than the export, but its transaction was not in the snapshot.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalogue.service import CatalogueService
from app.exports.repository import ExportRepository
from app.exports.schemas import ExportRequest
from app.products.models import Product

products = Product.__table__
ROOT = func.coalesce(products.c.parent_id, products.c.id)
IS_VARIANT = products.c.parent_id.is_not(None)
ORDER = (ROOT, IS_VARIANT, products.c.id)
MAX_ATTRIBUTE_COLUMNS = 100
MAX_EXTRA_COLUMNS = 1000

# A row knows only the lower half of the number of its transaction; the upper half follows from the present, since no
# transaction is four milliards behind. The oldest transaction that was under way is the border, not each of them: parts
# of a transaction (savepoints) have numbers of their own, which are greater. One that lasts over a week is not looked
# for.
CHANGED_PRODUCTS = """
SELECT DISTINCT event.product_id AS id FROM audit_events AS event,
    (SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint) AS next,
            CAST(CAST(pg_snapshot_xmin(CAST(:snapshot AS pg_snapshot)) AS text) AS bigint) AS border) AS known
WHERE event.product_id IS NOT NULL
    AND event.table_name IN ('products', 'product_images', 'listings', 'source_pages')
    AND event.at > CAST(:moment AS timestamptz) - interval '7 days'
    AND (event.at > CAST(:moment AS timestamptz)
        OR known.next - (known.next - CAST(CAST(event.xmin AS text) AS bigint)) % 4294967296 >= known.border)
"""


@dataclass(frozen=True, slots=True)
class Since:
    """What the export before could see."""

    snapshot: str
    moment: datetime


@dataclass(frozen=True, slots=True)
class Selection:
    conditions: list[ColumnElement[bool]]

    def query(self, *columns: Any) -> Select[Any]:
        return select(*columns).select_from(products).where(*self.conditions)


async def since_last(session: AsyncSession, name: str) -> Since | None:
    """None: there was none, or nobody knows any more what changed after it."""
    repository = ExportRepository(session)
    last = await repository.last_finished(name)
    if last is None or last.snapshot is None or last.snapshot_at is None:
        return None
    if not await repository.log_reaches_back_to(last.snapshot_at):
        return None
    return Since(last.snapshot, last.snapshot_at)


async def selection_of(
    session: AsyncSession, request: ExportRequest, since: Since | None, user_id: uuid.UUID | None
) -> Selection:
    conditions: list[ColumnElement[bool]] = [products.c.deleted_at.is_(None)]
    if request.scope == "approved":
        conditions.append(products.c.status == "approved")
    if request.product_ids is not None:
        named = postgresql.array(request.product_ids, type_=products.c.id.type)
        conditions.append(products.c.id == func.any(named))
    if request.filter is not None:
        matching = await CatalogueService(session, user_id).matching_ids(request.filter)
        conditions.append(products.c.id.in_(matching))
    if request.scope == "changed" and since is not None:
        changed = (
            text(CHANGED_PRODUCTS)
            .bindparams(moment=since.moment, snapshot=since.snapshot)
            .columns(products.c.id)
            .subquery("changed")
        )
        member = products.alias("member")
        roots = select(func.coalesce(member.c.parent_id, member.c.id)).where(
            member.c.id.in_(select(changed.c.id)), member.c.deleted_at.is_(None)
        )
        # A variant that was deleted or moved away changes the product that it belonged to.
        lost = select(member.c.parent_id).where(member.c.id.in_(select(changed.c.id)), member.c.parent_id.is_not(None))
        conditions.append(or_(ROOT.in_(roots), ROOT.in_(lost)))
    return Selection(conditions)


class SelectionReader:
    """Cheap questions about a selection, for what a header needs to know."""

    def __init__(self, session: AsyncSession, selection: Selection) -> None:
        self.session = session
        self.selection = selection

    async def count(self) -> int:
        return await self.session.scalar(self.selection.query(func.count())) or 0

    async def attribute_count(self) -> int:
        """How many attributes one product has at most, its options included."""
        has_options = or_(
            products.c.parent_id.is_not(None),
            func.cardinality(products.c.option_names) > 0,
            products.c.id.in_(select(products.c.parent_id).where(products.c.parent_id.is_not(None))),
        )
        options = func.coalesce(func.max(3).filter(has_options), 0)
        attributes = func.coalesce(func.max(func.jsonb_array_length(products.c.attributes)), 0)
        row = (await self.session.execute(self.selection.query(attributes, options))).one()
        return int(row[0]) + int(row[1])

    async def attribute_names(self) -> tuple[str, ...]:
        each = func.jsonb_array_elements(products.c.attributes).table_valued("value", name="each")
        name = each.c.value.op("->>")("name")
        query = (
            self.selection.query(name.label("name"))
            .join(each, text("true"))
            .group_by(text("name"))
            .order_by(func.count().desc(), text("name"))
            .limit(MAX_ATTRIBUTE_COLUMNS)
        )
        return tuple((await self.session.scalars(query)).all())

    async def extra_columns(self, keys: tuple[str, ...]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for key in keys:
            column = func.jsonb_object_keys(products.c.extra.op("->")(key))
            inner = self.selection.query(column.label("name")).subquery("columns")
            query = select(inner.c.name).group_by(inner.c.name).order_by(inner.c.name).limit(MAX_EXTRA_COLUMNS)
            found |= dict.fromkeys((await self.session.scalars(query)).all())
        return tuple(found)
