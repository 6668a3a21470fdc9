"""Takes in image files: whatever the way they come (upload, archive, URL), this is where they are stored.

No database connection is held while an image is decoded or written. Between two steps only `touched_at` protects the
files: what was touched within the grace time is never collected (app.media.orphans).
"""

import asyncio
from pathlib import Path
from typing import IO
from weakref import WeakValueDictionary

from app.database import Sessions
from app.media.files import stored_name
from app.media.preparing import PreparedImage, copy_hashed, prepare, temporary_file
from app.media.repository import MediaRepository
from app.media.storage import Storage

# Decoding a 50-megapixel image takes 150 MB; more than two at a time would be a way to exhaust memory.
DECODING = asyncio.Semaphore(2)


class MediaKeeper:
    def __init__(self, sessions: Sessions, storage: Storage, temporary_folder: Path) -> None:
        self.sessions = sessions
        self.storage = storage
        self.temporary_folder = temporary_folder
        self._one_at_a_time: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def keep(self, content: IO[bytes]) -> str:
        """Store the image; the SHA-256 under which it lies, without its metadata.

        Bytes that came in before are neither decoded nor written again. Raises ImageError, StorageUnavailable.
        """
        with temporary_file(self.temporary_folder) as upload:
            upload_sha256 = await asyncio.to_thread(copy_hashed, content, upload)
            async with self._one_at_a_time.setdefault(upload_sha256, asyncio.Lock()):
                return await self._keep(upload, upload_sha256)

    async def _keep(self, upload: Path, upload_sha256: str) -> str:
        async with self.sessions.begin() as session:
            known = await MediaRepository(session).touch_upload(upload_sha256)
        if known is not None:
            return known
        with temporary_file(self.temporary_folder) as clean:
            async with DECODING:
                prepared = await asyncio.to_thread(prepare, upload, clean)
            async with self.sessions.begin() as session:
                there = await MediaRepository(session).reserve(prepared.info, total_bytes(prepared))
            if not there:
                await self._write(prepared)
        async with self.sessions.begin() as session:
            await MediaRepository(session).confirm(prepared.info.sha256, upload_sha256)
        return prepared.info.sha256

    async def _write(self, prepared: PreparedImage) -> None:
        sha256 = prepared.info.sha256
        writing = [self.storage.put(stored_name(sha256), prepared.file)]
        writing += [self.storage.put(stored_name(sha256, size), each) for size, each in prepared.renditions.items()]
        # All have ended before the temporary file goes, also where one of them fails.
        for outcome in await asyncio.gather(*writing, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome


def total_bytes(prepared: PreparedImage) -> int:
    return prepared.info.bytes + sum(map(len, prepared.renditions.values()))
