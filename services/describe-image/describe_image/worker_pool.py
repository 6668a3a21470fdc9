"""A few threads for CPU work, with a bounded queue in front of them."""

import asyncio
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from shared.utils.errors import ServiceBusy

Result = TypeVar("Result")


class WorkerPool:
    """Runs at most `workers` jobs at once and lets at most `queue_limit` wait; the next one is refused at once.

    A job whose caller has left goes on to its end (threads cannot be stopped) and holds its place until then, so
    that the bound on memory and CPU is real.
    """

    def __init__(self, workers: int, queue_limit: int) -> None:
        self.workers = workers
        self.queue_limit = queue_limit
        self.waiting = 0
        self._free = asyncio.Semaphore(workers)
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix="reader")
        self._usual_seconds = 1.0

    def refuse_when_full(self) -> None:
        """Raises ServiceBusy, whose Retry-After is about when the present queue will be done."""
        if self._free.locked() and self.waiting >= self.queue_limit:
            ahead = self.waiting + self.workers
            seconds = math.ceil(self._usual_seconds * ahead / self.workers)
            raise ServiceBusy(
                f"{self.workers} images are being read and {self.waiting} wait.", retry_after_s=min(60, max(1, seconds))
            )

    async def run(self, work: Callable[[], Result]) -> Result:
        """Raises ServiceBusy, and whatever `work` raises."""
        self.refuse_when_full()
        self.waiting += 1
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1
        started = time.monotonic()
        future = asyncio.get_running_loop().run_in_executor(self._executor, work)

        def finished(done: asyncio.Future[Result]) -> None:
            self._free.release()
            self._usual_seconds += 0.2 * (time.monotonic() - started - self._usual_seconds)
            if not done.cancelled():
                done.exception()  # marks it as seen: the caller may have left

        future.add_done_callback(finished)
        return await asyncio.shield(future)

    def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)
