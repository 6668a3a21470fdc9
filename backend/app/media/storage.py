"""Where image files lie: a folder, or a bucket of an S3-compatible store (app.media.s3).

Files are named by what they hold, so writing one again is harmless. Every write is atomic: a file is there as a whole,
or not at all.
"""

import asyncio
import contextlib
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from app.media.errors import StorageUnavailable

CHUNK_BYTES = 256 * 1024
UNFINISHED = ".new-"


@dataclass(frozen=True, slots=True)
class StoredContent:
    """A file that is being read: its size is known before its bytes come."""

    size: int
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class StoredName:
    name: str
    size: int
    modified_at: datetime


class Storage(Protocol):
    """Raises StorageUnavailable where the store cannot be reached, refuses the key, or is full."""

    async def put(self, name: str, source: Path | bytes) -> None: ...

    async def get(self, name: str) -> StoredContent:
        """Raises FileNotFoundError."""

    async def fetch(self, name: str, target: Path) -> None:
        """As a file of this machine; it must not be changed. Raises FileNotFoundError."""

    async def delete(self, names: Sequence[str]) -> None:
        """What is not there counts as deleted."""

    def names(self) -> AsyncIterator[Sequence[StoredName]]:
        """All files, in batches."""

    async def delete_unfinished(self, older_than: timedelta) -> int:
        """What interrupted writes left behind."""

    async def check(self) -> None:
        """Whether files can be read and listed here."""


async def read_whole(storage: Storage, name: str) -> bytes:
    """For what is known to be small enough for memory. Raises FileNotFoundError."""
    content = await storage.get(name)
    return b"".join([chunk async for chunk in content.chunks])


@contextlib.contextmanager
def disk_errors() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StorageUnavailable(
            f"The folder of the media files cannot be used: {reason}. Nothing was changed; try again when it is mended."
        ) from error


def copy(source: Path | bytes, target: Path) -> None:
    if isinstance(source, bytes):
        target.write_bytes(source)
        return
    try:
        # At once, however large; the source's own name goes later.
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


class LocalStorage:
    """A folder, two levels deep."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        return self.folder / name[:2] / name[2:4] / name

    async def put(self, name: str, source: Path | bytes) -> None:
        await asyncio.to_thread(self._put, name, source)

    def _put(self, name: str, source: Path | bytes) -> None:
        target = self.path(name)
        with disk_errors():
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary = target.parent / f"{UNFINISHED}{secrets.token_hex(8)}"
            try:
                copy(source, temporary)
                with temporary.open("rb") as file:
                    os.fsync(file.fileno())
                temporary.replace(target)
            finally:
                temporary.unlink(missing_ok=True)

    async def get(self, name: str) -> StoredContent:
        with disk_errors():
            file = await asyncio.to_thread(self.path(name).open, "rb")
            size = os.fstat(file.fileno()).st_size

        async def chunks() -> AsyncIterator[bytes]:
            with file, disk_errors():
                while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
                    yield chunk

        return StoredContent(size, chunks())

    async def fetch(self, name: str, target: Path) -> None:
        def link() -> None:
            with disk_errors():
                target.unlink(missing_ok=True)
                copy(self.path(name), target)

        await asyncio.to_thread(link)

    async def delete(self, names: Sequence[str]) -> None:
        def unlink() -> None:
            with disk_errors():
                for name in names:
                    self.path(name).unlink(missing_ok=True)

        await asyncio.to_thread(unlink)

    async def names(self) -> AsyncIterator[Sequence[StoredName]]:
        def of_folder(folder: Path) -> list[StoredName]:
            found = []
            for path in folder.glob("*/*"):
                if not path.name.startswith(UNFINISHED):
                    with contextlib.suppress(FileNotFoundError):
                        status = path.stat()
                        modified_at = datetime.fromtimestamp(status.st_mtime, UTC)
                        found.append(StoredName(path.name, status.st_size, modified_at))
            return found

        def folders() -> list[Path]:
            return sorted(self.folder.iterdir()) if self.folder.is_dir() else []

        with disk_errors():
            for folder in await asyncio.to_thread(folders):
                if batch := await asyncio.to_thread(of_folder, folder):
                    yield batch

    async def delete_unfinished(self, older_than: timedelta) -> int:
        def unlink() -> int:
            with disk_errors():
                return delete_old_files(self.folder.glob(f"*/*/{UNFINISHED}*"), older_than)

        return await asyncio.to_thread(unlink)

    async def check(self) -> None:
        with disk_errors():
            await asyncio.to_thread(self.folder.mkdir, parents=True, exist_ok=True)


def delete_old_files(paths: Iterator[Path], older_than: timedelta) -> int:
    limit = (datetime.now(UTC) - older_than).timestamp()
    count = 0
    for path in list(paths):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < limit:
                path.unlink()
                count += 1
    return count
