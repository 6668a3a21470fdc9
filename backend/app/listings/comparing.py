"""Two versions side by side."""

import asyncio
import uuid

from app.listings.diff import content_diff
from app.listings.models import ListingVersion
from app.listings.schemas import DiffSide, ListingDiff
from app.listings.service import ListingService


def side(row: ListingVersion) -> DiffSide:
    return DiffSide.model_validate({name: getattr(row, name) for name in DiffSide.model_fields})


async def compare(
    listings: ListingService, product_id: uuid.UUID, before_id: uuid.UUID, after_id: uuid.UUID
) -> ListingDiff:
    before = await listings.require(product_id, before_id)
    after = await listings.require(product_id, after_id)
    fields = await asyncio.to_thread(content_diff, before.content, after.content)
    return ListingDiff(before=side(before), after=side(after), fields=fields)
