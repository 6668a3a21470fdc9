import uuid
from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from app.listings.models import ListingVersion


class ListingRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def add(self, listing: ListingVersion) -> None:
        self.session.add(listing)

    async def next_version(self, product_id: uuid.UUID, language: str) -> int:
        last = await self.session.scalar(
            select(func.max(ListingVersion.version)).where(
                ListingVersion.product_id == product_id, ListingVersion.language == language
            )
        )
        return (last or 0) + 1

    async def supersede_unreviewed(self, product_id: uuid.UUID, language: str) -> None:
        """An approved version stays what it is: only a person changes that."""
        await self.session.execute(
            update(ListingVersion)
            .where(
                ListingVersion.product_id == product_id,
                ListingVersion.language == language,
                ListingVersion.status == "needs_review",
            )
            .values(status="superseded")
        )

    async def versions(self, product_id: uuid.UUID) -> Sequence[ListingVersion]:
        return (
            await self.session.scalars(
                select(ListingVersion)
                .where(ListingVersion.product_id == product_id)
                .order_by(ListingVersion.language, ListingVersion.version.desc())
            )
        ).all()

    async def current(self, product_id: uuid.UUID) -> Sequence[ListingVersion]:
        """The newest version of each language that is not superseded."""
        return (
            await self.session.scalars(
                select(ListingVersion)
                .where(ListingVersion.product_id == product_id, ListingVersion.status != "superseded")
                .ext(distinct_on(ListingVersion.language))
                .order_by(ListingVersion.language, ListingVersion.version.desc())
            )
        ).all()

    async def languages(self, product_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
        rows = await self.session.execute(
            select(ListingVersion.product_id, func.array_agg(ListingVersion.language.distinct()))
            .where(ListingVersion.product_id.in_(product_ids))
            .group_by(ListingVersion.product_id)
        )
        return {product_id: sorted(languages) for product_id, languages in rows}
