"""Live progress: rows in `run_events`, announced by NOTIFY, sent as server-sent events. No stream holds a session."""

import asyncio
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator

import psycopg
import structlog
from fastapi.sse import ServerSentEvent

from app.database import Sessions
from app.enrichment.models import ACTIVE
from app.enrichment.reading import RunReader
from app.enrichment.repository import CHANNEL, RunRepository

log = structlog.get_logger(__name__)

# A lost notification delays an event by this long at most.
RECHECK_S = 5.0


class RunEventListener:
    """One LISTEN connection per process wakes the streams of the runs that have news."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._wakers: dict[str, set[asyncio.Event]] = defaultdict(set)

    async def run(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self.wake_all()
                    async for notification in connection.notifies():
                        for waker in self._wakers.get(notification.payload, ()):
                            waker.set()
            except (psycopg.Error, OSError) as error:
                log.warning("event_listener_reconnects", error=str(error))
            await asyncio.sleep(1.0)

    def wake_all(self) -> None:
        for wakers in self._wakers.values():
            for waker in wakers:
                waker.set()

    def subscribe(self, run_id: uuid.UUID) -> asyncio.Event:
        waker = asyncio.Event()
        self._wakers[str(run_id)].add(waker)
        return waker

    def unsubscribe(self, run_id: uuid.UUID, waker: asyncio.Event) -> None:
        wakers = self._wakers.get(str(run_id))
        if wakers is not None:
            wakers.discard(waker)
            if not wakers:
                del self._wakers[str(run_id)]


async def run_event_stream(
    sessions: Sessions, listener: RunEventListener, run_id: uuid.UUID, last_event_id: int | None
) -> AsyncIterator[ServerSentEvent]:
    """First a `snapshot` (unless the client's last event is known, and not the end), then what happens, until `end`."""
    waker = listener.subscribe(run_id)
    try:
        async with sessions() as session:
            repository = RunRepository(session)
            if last_event_id is not None and await repository.goes_on_after(run_id, last_event_id):
                position, ended = last_event_id, False
            else:
                # The position is read before the state, so that no event between the two is lost.
                position = await repository.last_event_id(run_id)
                run = await RunReader(session).get(run_id)
                ended = run.status not in ACTIVE
                yield ServerSentEvent(data=run, event="snapshot", id=str(position))
        while not ended:
            waker.clear()
            async with sessions() as session:
                events = await RunRepository(session).events_after(run_id, position)
            for event in events:
                position = event.id
                ended = event.type == "end"
                yield ServerSentEvent(data=event.data, event=event.type, id=str(event.id))
            if not events:
                try:
                    async with asyncio.timeout(RECHECK_S):
                        await waker.wait()
                except TimeoutError:
                    continue
    finally:
        listener.unsubscribe(run_id, waker)
