"""Which images a product shall get from elsewhere, and how far that is."""

import uuid
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.jobs.queue import defer_job
from app.media.downloads.errors import ImageDownloadNotFound
from app.media.downloads.repository import DownloadRepository, WantedImage
from app.media.downloads.schemas import ImageDownloadRead
from app.media.models import ImageDownload
from app.media.public_urls import PublicMedia
from app.media.repository import MediaRepository

JOB = "fetch-image"
DOWNLOADS_PER_JOB = 50
MAX_LISTED = 1000
MAX_ALT = 500


def download_read(row: ImageDownload) -> ImageDownloadRead:
    return ImageDownloadRead.model_validate(row, from_attributes=True)


def storable(text: str) -> str:
    """What a file or a page may hold, and PostgreSQL does not."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


async def defer_downloads(session: AsyncSession, ids: Sequence[uuid.UUID], *, delay_s: float = 0) -> None:
    for start in range(0, len(ids), DOWNLOADS_PER_JOB):
        batch = [str(identifier) for identifier in ids[start : start + DOWNLOADS_PER_JOB]]
        await defer_job(session, JOB, {"download_ids": batch}, delay_s=delay_s)


class DownloadService:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.repository = DownloadRepository(session)

    async def add_many(
        self, images: Sequence[tuple[uuid.UUID, Sequence[tuple[str, str]]]], position: int | None = None
    ) -> set[uuid.UUID]:
        """Register URL and alt text of images, in their order; the products for which something is new.

        A URL of our own is not fetched: the product shows the same file at once. A URL that was fetched for the product
        before is not fetched again, unless that failed.
        """
        media = MediaRepository(self.session)
        own = PublicMedia(None, await media.signing_key())
        places = await self.repository.next_positions([product_id for product_id, _ in images])
        here: dict[tuple[uuid.UUID, str], WantedImage] = {}
        elsewhere: dict[tuple[uuid.UUID, str], WantedImage] = {}
        for product_id, wanted in images:
            first = places.get(product_id, 0) if position is None else position
            for offset, (raw_url, alt) in enumerate(wanted):
                url = storable(raw_url).strip()
                sha256 = own.resolve(url)
                source = sha256 or url
                image = WantedImage(product_id, source, storable(alt)[:MAX_ALT], first + offset)
                (elsewhere if sha256 is None else here).setdefault((product_id, source), image)
        there = await media.touch([source for _, source in here]) if here else set()
        changed = await self.repository.add_images([image for image in here.values() if image.source in there])
        added = await self.repository.add(list(elsewhere.values()))
        await defer_downloads(self.session, [identifier for identifier, _ in added])
        return changed | {product_id for _, product_id in added}

    async def of_product(self, product_id: uuid.UUID) -> list[ImageDownloadRead]:
        return [download_read(row) for row in await self.repository.of_product(product_id, MAX_LISTED)]

    async def by_url(self, product_id: uuid.UUID, url: str) -> ImageDownloadRead:
        return download_read(await self.repository.by_url(product_id, url))

    async def retry(self, product_id: uuid.UUID, identifier: uuid.UUID | None = None) -> int:
        """Fetch what failed once more: one of them, or all. How many that are."""
        if identifier is not None and await self.repository.find(product_id, identifier) is None:
            raise ImageDownloadNotFound("The product has no such image download.")
        again = await self.repository.retry(product_id, identifier)
        await defer_downloads(self.session, again)
        return len(again)
