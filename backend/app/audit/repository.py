from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Uuid, cast, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.models import AuditEvent
from app.audit.schemas import AuditFilter
from app.common.paging import bounded_total

ROWS_AT_A_TIME = 500


def setting(name: str) -> Any:
    """What the transaction says of its actor, as the triggers read it."""
    return func.nullif(func.current_setting(name, True), "")


def matching(wanted: AuditFilter) -> Select[AuditEvent]:
    query = select(AuditEvent)
    for column, value in (
        (AuditEvent.product_id, wanted.product_id),
        (AuditEvent.actor_id, wanted.actor_id),
        (AuditEvent.action, wanted.action),
        (AuditEvent.table_name, wanted.table),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.since is not None:
        query = query.where(AuditEvent.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditEvent.at < wanted.until)
    return query


class AuditRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, action: str, table: str, row_id: str | None, after: dict[str, Any] | None) -> None:
        await self.session.execute(
            insert(AuditEvent).values(
                actor_id=cast(setting("app.actor_id"), Uuid),
                actor_name=func.coalesce(setting("app.actor_name"), "system"),
                api_key_id=cast(setting("app.api_key_id"), Uuid),
                request_id=setting("app.request_id"),
                action=action,
                table_name=table,
                row_id=row_id,
                after=after,
            )
        )

    async def page(
        self, wanted: AuditFilter, *, limit: int, before_id: int | None
    ) -> tuple[Sequence[AuditEvent], int | None, int | None]:
        query = matching(wanted)
        total = await bounded_total(self.session, query.with_only_columns(AuditEvent.id))
        if before_id is not None:
            query = query.where(AuditEvent.id < before_id)
        rows = (await self.session.scalars(query.order_by(AuditEvent.id.desc()).limit(limit + 1))).all()
        return rows[:limit], rows[limit - 1].id if len(rows) > limit else None, total

    async def stream(self, wanted: AuditFilter) -> AsyncIterator[AuditEvent]:
        """Oldest first, from a cursor of the server: any number of events."""
        query = matching(wanted).order_by(AuditEvent.id)
        async for event in await self.session.stream_scalars(query.execution_options(yield_per=ROWS_AT_A_TIME)):
            yield event

    async def prune(self, before: datetime) -> int:
        """The one way to make the log forget."""
        return await self.session.scalar(select(func.audit_prune(before))) or 0
