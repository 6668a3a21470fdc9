"""Answers kept in memory: the same image asked about in the same way is looked at once, also when asked at once."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable

from shared.models.describe import DescribeResponse


class AnswerCache:
    """The `limit` last answers. Who asks while the same answer is being made waits for that one.

    The work goes on when one of several callers leaves, and is cancelled when the last one does.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.hits = 0
        self._answers: OrderedDict[Hashable, DescribeResponse] = OrderedDict()
        self._in_flight: dict[Hashable, tuple[asyncio.Task[DescribeResponse], set[object]]] = {}

    async def get(self, key: Hashable, make: Callable[[], Awaitable[DescribeResponse]]) -> DescribeResponse:
        """Raises whatever `make` raises; a failure is not remembered."""
        known = self._answers.get(key)
        if known is not None:
            self._answers.move_to_end(key)
            self.hits += 1
            return known
        entry = self._in_flight.get(key)
        if entry is None:
            entry = asyncio.create_task(self._make(key, make)), set()
            self._in_flight[key] = entry
        else:
            self.hits += 1
        task, waiting = entry
        token = object()
        waiting.add(token)
        try:
            return await asyncio.shield(task)
        finally:
            waiting.discard(token)
            if not waiting and not task.done():
                task.cancel()
                # A newcomer must not join what is being cancelled.
                self._in_flight.pop(key, None)

    async def _make(self, key: Hashable, make: Callable[[], Awaitable[DescribeResponse]]) -> DescribeResponse:
        try:
            answer = await make()
        finally:
            entry = self._in_flight.get(key)
            if entry is not None and entry[0] is asyncio.current_task():
                del self._in_flight[key]
        self._answers[key] = answer
        while len(self._answers) > self.limit:
            self._answers.popitem(last=False)
        return answer
