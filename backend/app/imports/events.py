"""Progress as server-sent events. No stream holds a session."""

import asyncio
import uuid
from collections.abc import AsyncIterator

from fastapi.sse import ServerSentEvent

from app.database import Sessions
from app.imports.models import UNDER_WAY
from app.imports.repository import ImportRepository
from app.imports.service import to_read

POLL_S = 0.5


async def import_event_stream(sessions: Sessions, import_id: uuid.UUID) -> AsyncIterator[ServerSentEvent]:
    """A `snapshot` whenever something has changed, and `end` with the last one."""
    last = None
    while True:
        async with sessions() as session:
            row = await ImportRepository(session).find(import_id)
        if row is None:
            return
        ended = row.status not in UNDER_WAY
        state = (row.status, row.position, row.cancel_requested)
        if state != last or ended:
            yield ServerSentEvent(data=to_read(row), event="end" if ended else "snapshot")
        if ended:
            return
        last = state
        await asyncio.sleep(POLL_S)
