"""Whether the store of the media files can be used; asked at most every half minute, however often health is."""

import asyncio
import time
from dataclasses import dataclass, field

from app.media.errors import StorageUnavailable
from app.media.storage import Storage

KNOWN_FOR_S = 30.0
PATIENCE_S = 5.0


@dataclass(slots=True)
class StorageHealth:
    storage: Storage
    _usable: bool = True
    _known_until: float = 0.0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def usable(self) -> bool:
        async with self._lock:
            if time.monotonic() >= self._known_until:
                try:
                    async with asyncio.timeout(PATIENCE_S):
                        await self.storage.check()
                    self._usable = True
                except (StorageUnavailable, TimeoutError):
                    self._usable = False
                self._known_until = time.monotonic() + KNOWN_FOR_S
            return self._usable
