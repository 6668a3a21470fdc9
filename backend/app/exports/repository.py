import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.models import AuditEvent
from app.common.paging import InvalidCursor, bounded_total, decode_cursor, encode_cursor
from app.exports.models import Export


class ExportRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def add(self, row: Export) -> None:
        self.session.add(row)

    async def find(self, export_id: uuid.UUID) -> Export | None:
        return await self.session.get(Export, export_id)

    async def delete(self, row: Export) -> None:
        await self.session.delete(row)

    async def page(self, limit: int, cursor: str | None) -> tuple[Sequence[Export], str | None, int | None]:
        query = select(Export)
        total = await bounded_total(self.session, query)
        if cursor is not None:
            (identifier,) = decode_cursor(cursor, 1)
            query = query.where(Export.id < as_uuid(identifier))
        rows = (await self.session.scalars(query.order_by(Export.id.desc()).limit(limit + 1))).all()
        return rows[:limit], encode_cursor(rows[limit - 1].id) if len(rows) > limit else None, total

    async def last_finished(self, name: str) -> Export | None:
        return await self.session.scalar(
            select(Export)
            .where(Export.name == name, Export.finished_at.is_not(None))
            .order_by(Export.snapshot_at.desc())
            .limit(1)
        )

    async def finish(self, export_id: uuid.UUID, values: dict[str, Any]) -> None:
        await self.session.execute(
            update(Export).where(Export.id == export_id).values(**values, finished_at=func.now())
        )

    async def snapshot(self) -> tuple[str, datetime]:
        """What this transaction sees. The time is that of its start, so nothing seen is newer."""
        row = (await self.session.execute(text("SELECT pg_current_snapshot()::text, now()"))).one()
        return row[0], row[1]

    async def log_reaches_back_to(self, moment: datetime) -> bool:
        """Whether the log of changes, which is pruned at times, has anything as old as that."""
        return await self.session.scalar(select(AuditEvent.id).where(AuditEvent.at <= moment).limit(1)) is not None


def as_uuid(value: object) -> uuid.UUID:
    try:
        return uuid.UUID(str(value))
    except ValueError:
        raise InvalidCursor("Use next_cursor as it was given.") from None
