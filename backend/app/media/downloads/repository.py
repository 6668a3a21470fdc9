import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, union_all, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.common.identifiers import new_id
from app.media.models import ImageDownload, ProductImage

ROWS_PER_STATEMENT = 1000


@dataclass(frozen=True, slots=True)
class WantedImage:
    """`source` is a URL, or the hash of a file that is there already."""

    product_id: uuid.UUID
    source: str
    alt: str
    position: int


def url_hash(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


class DownloadRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def next_positions(self, product_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
        """Behind the images that are there, and those that are on their way."""
        places = union_all(
            *(
                select(table.product_id, table.position).where(table.product_id.in_(product_ids))
                for table in (ProductImage, ImageDownload)
            )
        ).subquery()
        rows = await self.session.execute(
            select(places.c.product_id, func.max(places.c.position) + 1).group_by(places.c.product_id)
        )
        return dict(rows.all())

    async def add_images(self, wanted: Sequence[WantedImage]) -> set[uuid.UUID]:
        """Show files that are there; the products that did not show them yet."""
        changed: set[uuid.UUID] = set()
        for start in range(0, len(wanted), ROWS_PER_STATEMENT):
            values = [
                {"id": new_id(), "product_id": each.product_id, "sha256": each.source, "position": each.position,
                 "alt": each.alt, "file_name": ""}
                for each in wanted[start : start + ROWS_PER_STATEMENT]
            ]  # fmt: skip
            statement = insert(ProductImage).values(values).on_conflict_do_nothing().returning(ProductImage.product_id)
            changed.update((await self.session.scalars(statement)).all())
        return changed

    async def add(self, wanted: Sequence[WantedImage]) -> list[tuple[uuid.UUID, uuid.UUID]]:
        """Ids and products of the downloads that are new, or had failed and are tried once more."""
        added: list[tuple[uuid.UUID, uuid.UUID]] = []
        for start in range(0, len(wanted), ROWS_PER_STATEMENT):
            values = [
                {"id": new_id(), "product_id": each.product_id, "url": each.source, "url_sha256": url_hash(each.source),
                 "alt": each.alt, "position": each.position, "status": "pending"}
                for each in wanted[start : start + ROWS_PER_STATEMENT]
            ]  # fmt: skip
            statement = insert(ImageDownload).values(values)
            statement = statement.on_conflict_do_update(
                index_elements=[ImageDownload.product_id, ImageDownload.url_sha256],
                set_={"status": "pending", "reason": None, "attempts": 0, "updated_at": func.now()},
                where=ImageDownload.status == "failed",
            )
            rows = await self.session.execute(statement.returning(ImageDownload.id, ImageDownload.product_id))
            added += [(identifier, product_id) for identifier, product_id in rows]
        return added

    async def of_product(self, product_id: uuid.UUID, limit: int) -> Sequence[ImageDownload]:
        query = select(ImageDownload).where(ImageDownload.product_id == product_id)
        return (await self.session.scalars(query.order_by(ImageDownload.position, ImageDownload.id).limit(limit))).all()

    async def by_url(self, product_id: uuid.UUID, url: str) -> ImageDownload:
        query = select(ImageDownload).where(
            ImageDownload.product_id == product_id, ImageDownload.url_sha256 == url_hash(url)
        )
        return (await self.session.scalars(query)).one()

    async def pending(self, ids: Sequence[uuid.UUID]) -> Sequence[ImageDownload]:
        query = select(ImageDownload).where(ImageDownload.id.in_(ids), ImageDownload.status == "pending")
        return (await self.session.scalars(query.order_by(ImageDownload.id))).all()

    async def lock_pending(self, identifier: uuid.UUID) -> ImageDownload | None:
        query = select(ImageDownload).where(ImageDownload.id == identifier, ImageDownload.status == "pending")
        return await self.session.scalar(query.with_for_update())

    async def retry(self, product_id: uuid.UUID, identifier: uuid.UUID | None) -> Sequence[uuid.UUID]:
        statement = update(ImageDownload).where(
            ImageDownload.product_id == product_id, ImageDownload.status == "failed"
        )
        if identifier is not None:
            statement = statement.where(ImageDownload.id == identifier)
        again = statement.values(status="pending", attempts=0, reason=None).returning(ImageDownload.id)
        return (await self.session.scalars(again)).all()

    async def find(self, product_id: uuid.UUID, identifier: uuid.UUID) -> ImageDownload | None:
        return await self.session.scalar(
            select(ImageDownload).where(ImageDownload.product_id == product_id, ImageDownload.id == identifier)
        )

    async def fail_pending(self, ids: Sequence[uuid.UUID], reason: str) -> None:
        await self.session.execute(
            update(ImageDownload)
            .where(ImageDownload.id.in_(ids), ImageDownload.status == "pending")
            .values(status="failed", reason=reason)
        )
