"""Versions of listings. What a model writes becomes a new version to review; it never touches an approved one."""

import uuid
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.facts.schemas import MergedFactRead
from app.listings.models import ListingVersion
from app.listings.repository import ListingRepository
from app.listings.schemas import ListingRead
from shared.models.generate import Listing


def to_read(row: ListingVersion) -> ListingRead:
    return ListingRead.model_validate({name: getattr(row, name) for name in ListingRead.model_fields})


class ListingService:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.repository = ListingRepository(session)

    async def add_written(
        self, product_id: uuid.UUID, run_id: uuid.UUID, listing: Listing, facts: Sequence[MergedFactRead]
    ) -> ListingRead:
        """A new version by an engine; the facts are kept as they were, so that its claims stay traceable."""
        await self.repository.supersede_unreviewed(product_id, listing.language)
        row = ListingVersion(
            product_id=product_id,
            language=listing.language,
            version=await self.repository.next_version(product_id, listing.language),
            author="ai",
            run_id=run_id,
            content=listing.model_dump(mode="json"),
            facts=[fact.model_dump(mode="json") for fact in facts],
        )
        self.repository.add(row)
        await self.session.flush()
        await self.session.refresh(row)
        return to_read(row)

    async def current(self, product_id: uuid.UUID) -> list[ListingRead]:
        return [to_read(row) for row in await self.repository.current(product_id)]

    async def versions(self, product_id: uuid.UUID) -> list[ListingRead]:
        return [to_read(row) for row in await self.repository.versions(product_id)]

    async def languages(self, product_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
        return await self.repository.languages(product_ids)
