"""Matches, adds or undoes an archive. Each photo and the note of what became of it are committed together, so that a
kill at any point doubles nothing, and what was done is not done again.
"""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import Sessions
from app.media.archives.errors import PhotoArchiveUnreadable
from app.media.archives.matching import NO_PRODUCT, PhotoMatch, in_order
from app.media.archives.repository import ArchiveRepository
from app.media.archives.service import defer_archive, match_names, stored_name
from app.media.archives.zip_reading import Entry, EntryUnreadable, PhotoZip
from app.media.errors import ImageAlreadyThere, ImageNotFound, StorageUnavailable
from app.media.keeper import MediaKeeper
from app.media.models import PhotoArchive, PhotoArchiveFile
from app.media.preparing import temporary_file
from app.media.service import MediaService
from app.media.storage import Storage
from app.products.errors import ProductNotFound
from app.products.service import ProductService
from shared.models.base import now
from shared.utils.errors import AppError
from shared.utils.images import ImageError

log = structlog.get_logger(__name__)

SIDE_BY_SIDE = 4
UNDONE_TOGETHER = 50
STORAGE_PAUSE_S = 60.0


@dataclass(frozen=True, slots=True)
class PhotoArchiveJob:
    sessions: Sessions
    storage: Storage
    keeper: MediaKeeper
    temporary_folder: Path

    async def execute(self, arguments: dict[str, Any]) -> None:
        archive_id = uuid.UUID(arguments["archive_id"])
        try:
            await self._execute(archive_id)
        except StorageUnavailable as error:
            log.warning("photo_archive_waits", archive=str(archive_id), reason=error.detail)
            async with self.sessions.begin() as session:
                await defer_archive(session, archive_id, delay_s=STORAGE_PAUSE_S)

    async def give_up(self, arguments: dict[str, Any]) -> None:
        await self._end(uuid.UUID(arguments["archive_id"]), "failed", "Something unexpected happened; see the log.")

    async def _execute(self, archive_id: uuid.UUID) -> None:
        status = await self._status(archive_id)
        if status in {"matching", "adding"}:
            with temporary_file(self.temporary_folder) as file:
                try:
                    await self.storage.fetch(stored_name(archive_id), file)
                    if status == "matching":
                        await self._match(archive_id, file)
                    if await self._status(archive_id) == "adding":
                        await self._add(archive_id, file)
                except PhotoArchiveUnreadable as error:
                    await self._end(archive_id, "failed", error.detail)
                except FileNotFoundError:
                    await self._end(archive_id, "failed", "Its ZIP file is gone. Upload it once more.")
        if await self._status(archive_id) == "undone":
            await self._undo(archive_id)
        if await self._status(archive_id) not in {"matching", "matched", "adding"}:
            await self.storage.delete([stored_name(archive_id)])

    async def _status(self, archive_id: uuid.UUID) -> str | None:
        async with self.sessions() as session:
            archive = await ArchiveRepository(session).find(archive_id)
            return archive.status if archive else None

    async def _match(self, archive_id: uuid.UUID, file: Path) -> None:
        entries = await asyncio.to_thread(read_entries, file)
        async with self.sessions.begin() as session:
            repository = ArchiveRepository(session)
            archive = await repository.find(archive_id, lock=True)
            if archive is None or archive.status != "matching":
                return
            await repository.add_files(await file_rows(session, archive, entries))
            archive.status = "matched" if archive.dry_run else "adding"

    async def _add(self, archive_id: uuid.UUID, file: Path) -> None:
        archive_file = await asyncio.to_thread(PhotoZip, file)
        with archive_file:
            while True:
                async with self.sessions() as session:
                    batch = await ArchiveRepository(session).with_outcome(archive_id, "pending", SIDE_BY_SIDE)
                if not batch:
                    break
                # Decoded side by side, but added one after the other: in their order.
                kept = await asyncio.gather(*(self._keep(archive_file, row.entry) for row in batch))
                for row, outcome in zip(batch, kept, strict=True):
                    if not await self._store(archive_id, row, outcome):
                        return
        await self._end(archive_id, "finished", None)

    async def _keep(self, archive_file: PhotoZip, entry: int) -> str | AppError | EntryUnreadable:
        """The hash of the stored photo, or why there is none. Raises StorageUnavailable."""
        with temporary_file(self.temporary_folder) as target:
            try:
                await asyncio.to_thread(archive_file.extract, entry, target)
                with target.open("rb") as content:
                    return await self.keeper.keep(content)
            except (EntryUnreadable, ImageError) as error:
                return error

    async def _store(
        self, archive_id: uuid.UUID, row: PhotoArchiveFile, outcome: str | AppError | EntryUnreadable
    ) -> bool:
        """False where the archive is no longer to be added."""
        if not isinstance(outcome, str):
            reason = f"{outcome.title}. {outcome.detail or ''}" if isinstance(outcome, AppError) else str(outcome)
            return await self._note(archive_id, row.number, outcome="failed", reason=reason.strip())
        try:
            async with self.sessions.begin() as session:
                if not await self._is_adding(session, archive_id):
                    return False
                pending = await ArchiveRepository(session).lock_file(archive_id, row.number)
                if pending is None:
                    return True
                if pending.product_id is None:
                    raise ProductNotFound
                await ProductService(session).require(pending.product_id)
                name = pending.name.replace("\\", "/").rpartition("/")[2]
                image = await MediaService.reader(session).add(pending.product_id, outcome, file_name=name)
                pending.outcome, pending.image_id = "added", image.id
                return True
        except ImageAlreadyThere:
            return await self._note(
                archive_id, row.number, outcome="already_there", reason="The product has this photo."
            )
        except ProductNotFound:
            return await self._note(
                archive_id, row.number, outcome="failed", reason="The product was deleted meanwhile."
            )

    async def _note(self, archive_id: uuid.UUID, number: int, **values: Any) -> bool:
        async with self.sessions.begin() as session:
            if not await self._is_adding(session, archive_id):
                return False
            await ArchiveRepository(session).end_image(archive_id, number, **values)
            return True

    async def _is_adding(self, session: AsyncSession, archive_id: uuid.UUID) -> bool:
        """Locked until the transaction ends, so that undoing waits for a photo that is just being added."""
        archive = await ArchiveRepository(session).find(archive_id, lock=True)
        return archive is not None and archive.status == "adding"

    async def _undo(self, archive_id: uuid.UUID) -> None:
        while True:
            async with self.sessions.begin() as session:
                repository = ArchiveRepository(session)
                batch = await repository.with_outcome(archive_id, "added", UNDONE_TOGETHER)
                for row in batch:
                    if row.product_id is not None and row.image_id is not None:
                        try:
                            await MediaService.reader(session).delete(row.product_id, row.image_id)
                        except ImageNotFound:
                            log.info("photo_was_gone", archive=str(archive_id), number=row.number)
                    await repository.end_image(archive_id, row.number, outcome="removed", image_id=None)
            if not batch:
                break
        await self._end(archive_id, "undone", None)

    async def _end(self, archive_id: uuid.UUID, status: str, reason: str | None) -> None:
        async with self.sessions.begin() as session:
            archive = await ArchiveRepository(session).find(archive_id, lock=True)
            if archive is not None and (archive.status != "undone" or status == "undone"):
                ended: datetime = now()
                archive.status, archive.reason, archive.ended_at = status, reason, ended


def read_entries(file: Path) -> list[Entry]:
    with PhotoZip(file) as archive:
        return archive.entries()


async def file_rows(session: AsyncSession, archive: PhotoArchive, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Those that have a product in the order of adding, then all others."""
    photos = [entry for entry in entries if entry.refusal is None]
    pairs = list(
        zip([entry.name for entry in photos], await match_names(session, [e.name for e in photos]), strict=True)
    )
    order = in_order(pairs)
    rest = sorted(set(range(len(photos))) - set(order))
    matched: list[tuple[Entry, PhotoMatch | None]] = [(photos[place], pairs[place][1]) for place in (*order, *rest)]
    matched += [(entry, None) for entry in entries if entry.refusal is not None]
    rows = []
    for number, (entry, match) in enumerate(matched):
        outcome, reason = entry.refusal or ("pending", None)
        if match is not None and match.product_id is None:
            outcome, reason = "unmatched", match.reason or NO_PRODUCT
        rows.append(
            {
                "archive_id": archive.id,
                "number": number,
                "entry": entry.number,
                "name": entry.name,
                "product_id": match.product_id if match else None,
                "sku": match.sku if match else None,
                "outcome": outcome,
                "reason": reason,
            }
        )
    return rows
