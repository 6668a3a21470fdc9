import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Exists, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.media.models import FormerProductImage, Medium, ProductImage

EVER_SINCE = datetime(2000, 1, 1, tzinfo=UTC)


def is_shown() -> Exists:
    return select(ProductImage.id).where(ProductImage.sha256 == Medium.sha256).exists()


class OrphanRepository:
    """Files that no product shows. Rows are locked before they are judged, and judged again once they are locked."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def lock_candidates(
        self, untouched_since: datetime, *, stored: bool, after: str, limit: int
    ) -> tuple[Sequence[Medium], str | None]:
        """In the order of their hashes, and where to go on; what somebody else has in hand is left out."""
        query = (
            select(Medium)
            .where(Medium.stored == stored, Medium.touched_at < untouched_since, Medium.sha256 > after, ~is_shown())
            .order_by(Medium.sha256)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        locked = {medium.sha256: medium for medium in (await self.session.scalars(query)).all()}
        last = max(locked) if len(locked) == limit else None
        shown = await self.session.scalars(
            select(ProductImage.sha256).where(ProductImage.sha256.in_(locked)).distinct()
        )
        for sha256 in shown:
            del locked[sha256]
        return list(locked.values()), last

    async def former_products(self, hashes: Sequence[str]) -> list[tuple[uuid.UUID, str]]:
        rows = await self.session.execute(
            select(FormerProductImage.product_id, FormerProductImage.sha256).where(
                FormerProductImage.sha256.in_(hashes)
            )
        )
        return [(product_id, sha256) for product_id, sha256 in rows]

    async def begin_removal(self, hashes: Sequence[str]) -> None:
        await self.session.execute(update(Medium).where(Medium.sha256.in_(hashes)).values(stored=False))

    async def end_removal(self, hashes: Sequence[str]) -> None:
        await self.session.execute(delete(Medium).where(Medium.sha256.in_(hashes)))

    async def adopt(self, hashes: Sequence[str]) -> None:
        """Rows for files that have none, as if nobody had touched them for ever."""
        values = [
            {"sha256": sha256, "width": 0, "height": 0, "format": "", "size_bytes": 0, "touched_at": EVER_SINCE}
            for sha256 in hashes
        ]
        await self.session.execute(insert(Medium).values(values).on_conflict_do_nothing())

    async def unknown(self, hashes: Sequence[str]) -> set[str]:
        known = await self.session.scalars(select(Medium.sha256).where(Medium.sha256.in_(hashes)))
        return set(hashes) - set(known.all())
