"""A product's status follows that of its texts."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.listings.repository import ListingRepository
from app.listings.standing import review_status, standings
from app.products.reviewing import ProductReviewing


async def follow_texts(
    session: AsyncSession, product_ids: Collection[uuid.UUID], languages: Mapping[uuid.UUID, Sequence[str]]
) -> None:
    if not product_ids:
        return
    by_product: dict[uuid.UUID, list[Any]] = {product_id: [] for product_id in product_ids}
    for head in await ListingRepository(session).heads(product_ids):
        by_product[head.product_id].append(head)
    await ProductReviewing(session).listings_reviewed(
        {each: review_status(languages[each], standings(heads)) for each, heads in by_product.items()}
    )
