"""How many pages are rendered side by side, and how many may wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from extract_webcontent.errors import ReadingTimeout
from shared.utils.errors import ServiceBusy

# What is still to be done when a page's time is up: its driver notices, and its browser is ended.
GRACE_S = 0.5


class RenderQueue:
    def __init__(self, concurrency: int, queue_limit: int) -> None:
        self.queue_limit = queue_limit
        self.waiting = 0
        self._turns = asyncio.Semaphore(concurrency)

    @asynccontextmanager
    async def turn(self, timeout_s: float) -> AsyncIterator[None]:
        """Raises ServiceBusy when too many wait, or when the turn did not come in time; then ReadingTimeout."""
        ends = asyncio.get_running_loop().time() + timeout_s
        if self._turns.locked() and self.waiting >= self.queue_limit:
            raise ServiceBusy("Too many pages wait for the browser.", retry_after_s=2)
        self.waiting += 1
        try:
            async with asyncio.timeout(timeout_s):
                await self._turns.acquire()
        except TimeoutError:
            raise ServiceBusy("The browser is busy with other pages.", retry_after_s=5) from None
        finally:
            self.waiting -= 1
        try:
            async with asyncio.timeout_at(ends + GRACE_S):
                yield
        except TimeoutError:
            raise ReadingTimeout(f"The browser did not show the page within {timeout_s:.0f} seconds.") from None
        finally:
            self._turns.release()
