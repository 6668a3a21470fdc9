"""Archives as people see them: uploaded, looked through, started, undone. The work itself is done by the job."""

import csv
import uuid
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from app.common.identifiers import new_id
from app.common.paging import InvalidCursor, Page, decode_cursor, encode_cursor
from app.jobs.queue import defer_job
from app.media.archives.errors import PhotoArchiveNotFound, PhotoArchiveNotReady
from app.media.archives.matching import PhotoMatch, PhotoMatcher, PhotoName, in_order
from app.media.archives.repository import ArchiveRepository
from app.media.archives.schemas import ArchiveCounts, PhotoArchiveFileRead, PhotoArchiveRead, PhotoMatchRead
from app.media.models import PhotoArchive
from app.media.storage import Storage
from app.products.service import ProductService

JOB = "photo-archive"
MAX_FILE_NAME = 255
NAMES_PER_QUERY = 1000
FILES_PER_QUERY = 5000
# A cell that begins like this is a formula to a spreadsheet.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
REPORT_COLUMNS = ("name", "outcome", "sku", "reason")


def stored_name(archive_id: uuid.UUID) -> str:
    return f"archive-{archive_id}.zip"


async def match_names(session: AsyncSession, names: Sequence[str]) -> list[PhotoMatch]:
    """For each name its product, over few queries however many names there are."""
    found: list[PhotoMatch] = []
    products = ProductService(session)
    for start in range(0, len(names), NAMES_PER_QUERY):
        batch = names[start : start + NAMES_PER_QUERY]
        possible = set().union(*(PhotoName.parse(name).possible_skus() for name in batch))
        matcher = PhotoMatcher(await products.with_similar_skus(sorted(possible)))
        found += [matcher.match(name) for name in batch]
    return found


def guarded(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


class ArchiveService:
    def __init__(self, session: AsyncSession, storage: Storage) -> None:
        self.session = session
        self.storage = storage
        self.repository = ArchiveRepository(session)

    async def add(
        self, file: Path, size_bytes: int, file_name: str, *, dry_run: bool, created_by: str
    ) -> PhotoArchiveRead:
        """The file first, then the row: a crash in between leaves a file that is collected later."""
        archive = PhotoArchive(
            id=new_id(),
            file_name=file_name.replace("\x00", "")[-MAX_FILE_NAME:],
            size_bytes=size_bytes,
            status="matching",
            dry_run=dry_run,
            created_by=created_by,
        )
        await self.storage.put(stored_name(archive.id), file)
        self.repository.add(archive)
        await self.session.flush()
        await self.session.refresh(archive)
        await self._defer(archive.id)
        return archive_read(archive, {})

    async def get(self, archive_id: uuid.UUID) -> PhotoArchiveRead:
        return await self._read(await self._require(archive_id))

    async def page(self, limit: int, cursor: str | None) -> Page[PhotoArchiveRead]:
        rows, total = await self.repository.page(limit, cursor_id(cursor) if cursor else None)
        shown = rows[:limit]
        counts = await self.repository.counts([row.id for row in shown])
        following = encode_cursor(shown[-1].id) if len(rows) > limit else None
        items = [archive_read(row, counts.get(row.id, {})) for row in shown]
        return Page(items=items, next_cursor=following, total=total)

    async def files(
        self, archive_id: uuid.UUID, *, outcome: str | None, limit: int, cursor: str | None
    ) -> Page[PhotoArchiveFileRead]:
        await self._require(archive_id)
        after = cursor_number(cursor) if cursor else -1
        rows, total = await self.repository.files(archive_id, outcome=outcome, after=after, limit=limit + 1)
        following = encode_cursor(rows[limit - 1].number) if len(rows) > limit else None
        items = [PhotoArchiveFileRead.model_validate(row, from_attributes=True) for row in rows[:limit]]
        return Page(items=items, next_cursor=following, total=total)

    async def report(self, archive_id: uuid.UUID) -> str:
        """Every file and what became of it, as CSV that a spreadsheet opens without running anything."""
        await self._require(archive_id)
        buffer = StringIO()
        writer = csv.writer(buffer)
        writer.writerow(REPORT_COLUMNS)
        after = -1
        while True:
            rows, _ = await self.repository.files(archive_id, outcome=None, after=after, limit=FILES_PER_QUERY)
            for row in rows:
                writer.writerow([guarded(str(getattr(row, column) or "")) for column in REPORT_COLUMNS])
            if len(rows) < FILES_PER_QUERY:
                return buffer.getvalue()
            after = rows[-1].number

    async def start(self, archive_id: uuid.UUID) -> PhotoArchiveRead:
        """Add the photos of an archive that was only matched so far."""
        archive = await self._require(archive_id, lock=True)
        if archive.status != "matched":
            raise PhotoArchiveNotReady("Only an archive that was matched as a trial can be started.")
        archive.status, archive.dry_run = "adding", False
        await self._defer(archive_id)
        return await self._read(archive)

    async def undo(self, archive_id: uuid.UUID) -> PhotoArchiveRead:
        """Take away what the archive added, also while it still adds."""
        archive = await self._require(archive_id, lock=True)
        if archive.status == "matching":
            raise PhotoArchiveNotReady("Its photos are just being matched. Try again in a moment.")
        if archive.status != "undone":
            archive.status = "undone"
            await self.repository.end_pending(archive_id, "ignored", "The archive was undone before.")
            await self._defer(archive_id)
        return await self._read(archive)

    async def match(self, names: Sequence[str]) -> list[PhotoMatchRead]:
        """Which product each photo would go to, without any file."""
        pairs = list(zip(names, await match_names(self.session, names), strict=True))
        orders: dict[int, int] = {}
        seen: dict[uuid.UUID | None, int] = {}
        for place in in_order(pairs):
            product_id = pairs[place][1].product_id
            orders[place] = seen.get(product_id, 0)
            seen[product_id] = orders[place] + 1
        return [
            PhotoMatchRead(
                name=name, product_id=match.product_id, sku=match.sku, order=orders.get(place), reason=match.reason
            )
            for place, (name, match) in enumerate(pairs)
        ]

    async def _defer(self, archive_id: uuid.UUID) -> None:
        await defer_archive(self.session, archive_id)

    async def _require(self, archive_id: uuid.UUID, *, lock: bool = False) -> PhotoArchive:
        archive = await self.repository.find(archive_id, lock=lock)
        if archive is None:
            raise PhotoArchiveNotFound("There is no such photo archive.")
        return archive

    async def _read(self, archive: PhotoArchive) -> PhotoArchiveRead:
        await self.session.flush()
        return archive_read(archive, (await self.repository.counts([archive.id])).get(archive.id, {}))


async def defer_archive(session: AsyncSession, archive_id: uuid.UUID, *, delay_s: float = 0) -> None:
    lock = f"{JOB}:{archive_id}"
    await defer_job(session, JOB, {"archive_id": str(archive_id)}, lock=lock, delay_s=delay_s)


def archive_read(archive: PhotoArchive, counts: dict[str, int]) -> PhotoArchiveRead:
    fields = {name: getattr(archive, name) for name in PhotoArchiveRead.model_fields if name != "counts"}
    return PhotoArchiveRead.model_validate({**fields, "counts": ArchiveCounts(**counts)})


def cursor_id(cursor: str) -> uuid.UUID:
    try:
        return uuid.UUID(str(decode_cursor(cursor, 1)[0]))
    except ValueError:
        raise InvalidCursor("Use next_cursor as it was given.") from None


def cursor_number(cursor: str) -> int:
    (number,) = decode_cursor(cursor, 1)
    if not isinstance(number, int) or not -1 <= number < 2**31:
        raise InvalidCursor("Use next_cursor as it was given.")
    return number
