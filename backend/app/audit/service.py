"""The audit log. Rows are written by triggers (migration 0010), so that no code path can forget to; what is no change
of a row, such as a failed sign-in, is recorded here.
"""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.models import AuditEvent
from app.audit.repository import ROWS_AT_A_TIME, AuditRepository
from app.audit.schemas import Action, AuditEventRead, AuditFilter, HistoryEvent
from app.common.paging import InvalidCursor, Page, decode_cursor, encode_cursor
from app.database import Sessions
from shared.models.base import now

log = structlog.get_logger(__name__)

COLUMNS = (
    "id", "at", "actor_id", "actor_name", "api_key_id", "action", "table", "row_id", "product_id", "before", "after",
    "request_id",
)  # fmt: skip
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
LARGEST_ID = 2**63 - 1
PRUNE_EVERY_S = 3600.0


def to_read(event: AuditEvent) -> AuditEventRead:
    return AuditEventRead.model_validate(
        {
            "table": event.table_name,
            **{name: getattr(event, name) for name in AuditEventRead.model_fields if name != "table"},
        }
    )


def to_history(event: AuditEvent) -> HistoryEvent:
    return HistoryEvent.model_validate(to_read(event).model_dump())


def cursor_id(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    (identifier,) = decode_cursor(cursor, 1)
    if not isinstance(identifier, int) or not 0 <= identifier <= LARGEST_ID:
        raise InvalidCursor("Use next_cursor as it was given.")
    return identifier


def cell(value: Any) -> str:
    """As text; what a spreadsheet would take for a formula gets an apostrophe in front."""
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


class AuditService:
    def __init__(self, session: AsyncSession) -> None:
        self.repository = AuditRepository(session)

    async def record(
        self, action: Action, table: str, *, row_id: str | None, after: dict[str, Any] | None = None
    ) -> None:
        """Something that is no change of a row. The actor is the transaction's, as for the triggers."""
        await self.repository.add(action, table, row_id, after)

    async def list(self, wanted: AuditFilter, *, limit: int, cursor: str | None) -> Page[AuditEventRead]:
        rows, following, total = await self.repository.page(wanted, limit=limit, before_id=cursor_id(cursor))
        next_cursor = encode_cursor(following) if following else None
        return Page(items=[to_read(row) for row in rows], next_cursor=next_cursor, total=total)

    async def history(self, wanted: AuditFilter, *, limit: int, cursor: str | None) -> Page[HistoryEvent]:
        rows, following, total = await self.repository.page(wanted, limit=limit, before_id=cursor_id(cursor))
        next_cursor = encode_cursor(following) if following else None
        return Page(items=[to_history(row) for row in rows], next_cursor=next_cursor, total=total)


async def csv_lines(sessions: Sessions, wanted: AuditFilter) -> AsyncIterator[bytes]:
    """The filtered log as CSV, oldest first, a few hundred rows at a time."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    async with sessions() as session:
        count = 0
        async for event in AuditRepository(session).stream(wanted):
            values = to_read(event).model_dump()
            values["at"] = event.at.isoformat()
            writer.writerow([cell(values[name]) for name in COLUMNS])
            count += 1
            if count % ROWS_AT_A_TIME == 0:
                yield buffer.getvalue().encode()
                buffer.seek(0)
                buffer.truncate()
    yield buffer.getvalue().encode()


async def prune(sessions: Sessions, days: int) -> None:
    """Forget what is older than this."""
    async with sessions.begin() as session:
        count = await AuditRepository(session).prune(now() - timedelta(days=days))
    if count:
        log.info("audit_events_pruned", count=count, older_than_days=days)


async def prune_for_ever(sessions: Sessions, days: int) -> None:
    """Forget every hour, as long as this runs."""
    while True:
        try:
            await prune(sessions, days)
        except (SQLAlchemyError, OSError) as error:
            log.warning("audit_not_pruned", error=type(error).__name__)
        await asyncio.sleep(PRUNE_EVERY_S)
