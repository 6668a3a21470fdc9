"""Many products at once, for those who review their texts: languages, locks, and the status that follows."""

import uuid
from collections.abc import Collection, Mapping
from typing import Any, Literal

from sqlalchemy import Subquery, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.products.models import Product


class ProductReviewing:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    @staticmethod
    def living() -> Subquery:
        """Products that are not deleted, to be joined: id, sku, name, status, assignee_id."""
        return (
            select(Product.id, Product.sku, Product.name, Product.status, Product.assignee_id)
            .where(Product.deleted_at.is_(None))
            .subquery("living_products")
        )

    async def languages_of(self, product_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
        """Also of products that were deleted: they may be restored."""
        rows = await self.session.execute(select(Product.id, Product.languages).where(Product.id.in_(product_ids)))
        return dict(rows.all())

    async def lock(self, product_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
        """The languages of the living ones among them, locked in the order of their ids until the transaction ends."""
        rows = await self.session.execute(
            select(Product.id, Product.languages)
            .where(Product.id.in_(product_ids), Product.deleted_at.is_(None))
            .order_by(Product.id)
            .with_for_update()
        )
        return dict(rows.all())

    async def listings_reviewed(self, statuses: Mapping[uuid.UUID, Literal["needs_review", "approved"]]) -> None:
        """What reviewing their texts came to; a run that is under way says so itself at its end."""
        for status in ("needs_review", "approved"):
            product_ids = [product_id for product_id, each in statuses.items() if each == status]
            changes: dict[str, Any] = {"status": status}
            if product_ids:
                await self.session.execute(
                    update(Product)
                    .where(Product.id.in_(product_ids), Product.status.not_in(("enriching", status)))
                    .values(changes)
                    .execution_options(synchronize_session=False)
                )
