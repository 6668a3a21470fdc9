import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, insert, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.common.identifiers import new_id
from app.common.paging import InvalidCursor, bounded_total, decode_cursor, encode_cursor
from app.imports.models import UNDER_WAY, Import, ImportProblem

COUNTERS = ("created", "updated", "unchanged", "skipped", "failed", "warned")
MAX_LINE = 2**31 - 1


class ImportRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def add(self, row: Import) -> None:
        self.session.add(row)

    async def find(self, import_id: uuid.UUID, *, lock: bool = False) -> Import | None:
        query = select(Import).where(Import.id == import_id).execution_options(populate_existing=True)
        return await self.session.scalar(query.with_for_update() if lock else query)

    async def delete(self, row: Import) -> None:
        await self.session.delete(row)

    async def page(self, limit: int, cursor: str | None) -> tuple[Sequence[Import], str | None, int | None]:
        query = select(Import)
        total = await bounded_total(self.session, query)
        if cursor is not None:
            (identifier,) = decode_cursor(cursor, 1)
            query = query.where(Import.id < as_uuid(identifier))
        rows = (await self.session.scalars(query.order_by(Import.id.desc()).limit(limit + 1))).all()
        return rows[:limit], encode_cursor(rows[limit - 1].id) if len(rows) > limit else None, total

    async def claim(self, import_id: uuid.UUID) -> Import | None:
        """The import, if there is anything to do; also one that another worker has begun."""
        query = (
            update(Import)
            .where(Import.id == import_id, Import.status.in_(UNDER_WAY))
            .values(status="running", started_at=func.coalesce(Import.started_at, func.now()))
            .returning(Import)
        )
        return await self.session.scalar(query)

    async def advance(self, import_id: uuid.UUID, position: int, rows_read: int, counts: dict[str, int]) -> None:
        values: dict[Any, Any] = {getattr(Import, name): getattr(Import, name) + counts[name] for name in COUNTERS}
        await self.session.execute(
            update(Import)
            .where(Import.id == import_id)
            .values({Import.position: position, Import.rows_read: rows_read, **values})
            .execution_options(synchronize_session=False)
        )

    async def add_problems(self, import_id: uuid.UUID, rows: list[dict[str, Any]]) -> None:
        if rows:
            await self.session.execute(
                insert(ImportProblem), [{"id": new_id(), "import_id": import_id, **row} for row in rows]
            )

    async def forget_problems(self, import_id: uuid.UUID) -> None:
        await self.session.execute(delete(ImportProblem).where(ImportProblem.import_id == import_id))

    async def problems_after(
        self, import_id: uuid.UUID, after: tuple[int, uuid.UUID] | None, limit: int
    ) -> Sequence[ImportProblem]:
        query = select(ImportProblem).where(ImportProblem.import_id == import_id)
        if after is not None:
            query = query.where(tuple_(ImportProblem.line, ImportProblem.id) > tuple_(*after))
        return (await self.session.scalars(query.order_by(ImportProblem.line, ImportProblem.id).limit(limit))).all()

    async def problems_page(
        self, import_id: uuid.UUID, limit: int, cursor: str | None
    ) -> tuple[Sequence[ImportProblem], str | None, int | None]:
        total = await bounded_total(self.session, select(ImportProblem).where(ImportProblem.import_id == import_id))
        after = None
        if cursor is not None:
            line, identifier = decode_cursor(cursor, 2)
            if not isinstance(line, int) or not 0 <= line <= MAX_LINE:
                raise InvalidCursor("Use next_cursor as it was given.")
            after = (line, as_uuid(identifier))
        rows = await self.problems_after(import_id, after, limit + 1)
        following = encode_cursor(rows[limit - 1].line, rows[limit - 1].id) if len(rows) > limit else None
        return rows[:limit], following, total

    async def older_than(self, days: int) -> Sequence[uuid.UUID]:
        """Imports whose files are no longer needed."""
        query = select(Import.id).where(
            Import.created_at < func.now() - text(f"interval '{days:d} days'"), Import.status.not_in(UNDER_WAY)
        )
        return (await self.session.scalars(query)).all()

    async def existing(self, import_ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
        return set((await self.session.scalars(select(Import.id).where(Import.id.in_(import_ids)))).all())


def as_uuid(value: object) -> uuid.UUID:
    try:
        return uuid.UUID(str(value))
    except ValueError:
        raise InvalidCursor("Use next_cursor as it was given.") from None
