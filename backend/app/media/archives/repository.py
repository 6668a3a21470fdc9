import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.common.paging import bounded_total
from app.media.models import PhotoArchive, PhotoArchiveFile

ROWS_PER_STATEMENT = 2000
UNDER_WAY = ("matching", "matched", "adding")


class ArchiveRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def add(self, archive: PhotoArchive) -> None:
        self.session.add(archive)

    async def find(self, archive_id: uuid.UUID, *, lock: bool = False) -> PhotoArchive | None:
        query = select(PhotoArchive).where(PhotoArchive.id == archive_id)
        return await self.session.scalar(query.with_for_update() if lock else query)

    async def page(self, limit: int, before: uuid.UUID | None) -> tuple[Sequence[PhotoArchive], int | None]:
        """The newest first, one more than asked for where there are more."""
        query = select(PhotoArchive)
        total = await bounded_total(self.session, query)
        if before is not None:
            query = query.where(PhotoArchive.id < before)
        rows = await self.session.scalars(query.order_by(PhotoArchive.id.desc()).limit(limit + 1))
        return rows.all(), total

    async def with_file(self, archive_ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
        """Those that still need their ZIP."""
        query = select(PhotoArchive.id).where(PhotoArchive.id.in_(archive_ids), PhotoArchive.status.in_(UNDER_WAY))
        return set((await self.session.scalars(query)).all())

    async def add_files(self, rows: Sequence[dict[str, Any]]) -> None:
        for start in range(0, len(rows), ROWS_PER_STATEMENT):
            await self.session.execute(insert(PhotoArchiveFile), rows[start : start + ROWS_PER_STATEMENT])

    async def counts(self, archive_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[str, int]]:
        """By outcome; `matched` counts those that have a SKU."""
        columns = (PhotoArchiveFile.archive_id, PhotoArchiveFile.outcome)
        rows = await self.session.execute(
            select(*columns, func.count(), func.count(PhotoArchiveFile.sku))
            .where(PhotoArchiveFile.archive_id.in_(archive_ids))
            .group_by(*columns)
        )
        found: dict[uuid.UUID, dict[str, int]] = {}
        for archive_id, outcome, count, matched in rows:
            counts = found.setdefault(archive_id, {"total": 0, "matched": 0})
            counts[outcome] = count
            counts["total"] += count
            counts["matched"] += matched
        return found

    async def files(
        self, archive_id: uuid.UUID, *, outcome: str | None, after: int, limit: int
    ) -> tuple[Sequence[PhotoArchiveFile], int | None]:
        query = select(PhotoArchiveFile).where(PhotoArchiveFile.archive_id == archive_id)
        if outcome is not None:
            query = query.where(PhotoArchiveFile.outcome == outcome)
        total = await bounded_total(self.session, query)
        query = query.where(PhotoArchiveFile.number > after).order_by(PhotoArchiveFile.number).limit(limit)
        return (await self.session.scalars(query)).all(), total

    async def with_outcome(self, archive_id: uuid.UUID, outcome: str, limit: int) -> Sequence[PhotoArchiveFile]:
        query = select(PhotoArchiveFile).where(
            PhotoArchiveFile.archive_id == archive_id, PhotoArchiveFile.outcome == outcome
        )
        return (await self.session.scalars(query.order_by(PhotoArchiveFile.number).limit(limit))).all()

    async def lock_file(self, archive_id: uuid.UUID, number: int) -> PhotoArchiveFile | None:
        """A file that still waits for being added."""
        query = select(PhotoArchiveFile).where(
            PhotoArchiveFile.archive_id == archive_id,
            PhotoArchiveFile.number == number,
            PhotoArchiveFile.outcome == "pending",
        )
        return await self.session.scalar(query.with_for_update())

    async def end_pending(self, archive_id: uuid.UUID, outcome: str, reason: str) -> None:
        await self.session.execute(
            update(PhotoArchiveFile)
            .where(PhotoArchiveFile.archive_id == archive_id, PhotoArchiveFile.outcome == "pending")
            .values(outcome=outcome, reason=reason)
        )

    async def end_image(self, archive_id: uuid.UUID, number: int, **values: Any) -> None:
        await self.session.execute(
            update(PhotoArchiveFile)
            .where(PhotoArchiveFile.archive_id == archive_id, PhotoArchiveFile.number == number)
            .values(**values)
        )
