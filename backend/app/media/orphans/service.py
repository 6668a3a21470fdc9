import asyncio
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from app.database import Sessions
from app.listings.service import ListingService
from app.media.archives.repository import ArchiveRepository
from app.media.files import stored_names
from app.media.orphans.repository import OrphanRepository
from app.media.orphans.schemas import OrphansReport
from app.media.storage import Storage, delete_old_files
from shared.models.base import now

log = structlog.get_logger(__name__)

JOB = "collect-orphans"
BATCH = 200
PHOTO_FILE = re.compile(r"([0-9a-f]{64})(?:-\d{1,5}\.webp)?")
ARCHIVE_FILE = re.compile(r"archive-([0-9a-f-]{36})\.zip")


@dataclass(frozen=True, slots=True)
class OrphanCollector:
    sessions: Sessions
    storage: Storage
    temporary_folder: Path
    grace: timedelta

    async def collect(self, *, dry_run: bool = False) -> OrphansReport:
        """Raises StorageUnavailable; what was removed until then stays removed, and the next round goes on."""
        report = OrphansReport(dry_run=dry_run)
        await self._files_without_rows(report)
        await self._unreferred(report)
        if not dry_run:
            await self._remove()
            report.unfinished_files = await self.storage.delete_unfinished(self.grace)
            report.unfinished_files += await asyncio.to_thread(self._temporary_files)
            log.info("orphans_collected", **report.model_dump(exclude={"dry_run"}))
        return report

    async def _unreferred(self, report: OrphansReport) -> None:
        """Count what nobody refers to; say of it that it is no longer there."""
        after = ""
        while True:
            async with self.sessions.begin() as session:
                repository = OrphanRepository(session)
                found, last = await repository.lock_candidates(self._limit(), stored=True, after=after, limit=BATCH)
                former = await repository.former_products([medium.sha256 for medium in found])
                mentioned = await ListingService(session).mentioned_images(former)
                orphans = [medium for medium in found if medium.sha256 not in mentioned]
                report.photos += len(orphans)
                report.bytes += sum(medium.total_bytes for medium in orphans)
                if not report.dry_run:
                    await repository.begin_removal([medium.sha256 for medium in orphans])
            if last is None:
                return
            after = last

    async def _remove(self) -> None:
        after = ""
        while True:
            async with self.sessions.begin() as session:
                repository = OrphanRepository(session)
                found, last = await repository.lock_candidates(self._limit(), stored=False, after=after, limit=BATCH)
                hashes = [medium.sha256 for medium in found]
                if hashes:
                    await self.storage.delete(stored_names(hashes))
                    await repository.end_removal(hashes)
            if last is None:
                return
            after = last

    async def _files_without_rows(self, report: OrphansReport) -> None:
        """As after a restored backup. They get a row, so that removing them is fenced like everything else."""
        async for batch in self.storage.names():
            old = [each.name for each in batch if each.modified_at < self._limit()]
            hashes = {match[1] for name in old if (match := PHOTO_FILE.fullmatch(name))}
            archives = {match[1]: name for name in old if (match := ARCHIVE_FILE.fullmatch(name))}
            async with self.sessions.begin() as session:
                unknown = await OrphanRepository(session).unknown(sorted(hashes))
                if unknown and not report.dry_run:
                    await OrphanRepository(session).adopt(sorted(unknown))
                needed = await ArchiveRepository(session).with_file(
                    [identifier for text in archives if (identifier := as_uuid(text))]
                )
            report.unknown_files += sum(1 for name in old if name[:64] in unknown)
            ended = [name for text, name in archives.items() if as_uuid(text) not in needed]
            report.archives += len(ended)
            if ended and not report.dry_run:
                await self.storage.delete(ended)

    def _limit(self) -> datetime:
        return now() - self.grace

    def _temporary_files(self) -> int:
        return delete_old_files(files_in(self.temporary_folder), self.grace)


def files_in(folder: Path) -> Iterator[Path]:
    return (path for path in folder.glob("*") if path.is_file())


def as_uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class CollectOrphansJob:
    collector: OrphanCollector

    async def execute(self, arguments: dict[str, Any]) -> None:
        await self.collector.collect()

    async def give_up(self, arguments: dict[str, Any]) -> None:
        return None
