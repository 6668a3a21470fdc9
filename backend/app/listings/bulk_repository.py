import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, not_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.listings.models import ListingAct, ListingVersion
from app.listings.schemas import BulkSelection
from app.products.reviewing import ProductReviewing

# The statuses that a bulk approval changed, given back where all versions of the text are still as it left them.
# Two steps: what becomes live again comes last, as only one version of a text can be live at a time.
GIVE_BACK = """
    UPDATE listings AS l
    SET status = a.status_before,
        revision = l.revision + 1,
        reviewed_by = a.before->>'reviewed_by',
        reviewed_at = (a.before->>'reviewed_at')::timestamptz,
        review_note = a.before->>'review_note'
    FROM listing_acts AS a
    WHERE a.act_id = ANY(:acts) AND l.id = a.listing_id AND (a.status_before = 'approved') = :live
"""
UNTOUCHED = """
    SELECT a.act_id
    FROM listing_acts AS a JOIN listings AS l ON l.id = a.listing_id
    WHERE a.bulk_id = :bulk AND a.product_id = ANY(:products) AND NOT a.undone
    GROUP BY a.act_id
    HAVING bool_and(
        l.status = a.status_after
        AND NOT EXISTS (
            SELECT 1 FROM listing_acts AS later
            WHERE later.product_id = a.product_id AND later.language = a.language
              AND NOT later.undone AND later.id > a.id AND later.act_id <> a.act_id
        )
    )
"""
CITED_NAMES = """
    SELECT DISTINCT l.id, fact->>'name'
    FROM listings AS l,
         jsonb_array_elements(l.claims) AS claim,
         jsonb_array_elements_text(claim->'fact_ids') AS cited,
         jsonb_array_elements(l.facts) AS fact
    WHERE l.id = ANY(:listings) AND fact->>'id' = cited
"""


def chosen(body: BulkSelection, products: Any) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if body.product_ids is not None:
        conditions.append(ListingVersion.product_id.in_(body.product_ids))
    if body.filter is not None and body.filter.status is not None:
        conditions.append(products.c.status == body.filter.status)
    if body.language is not None:
        conditions.append(ListingVersion.language == body.language)
    return conditions


class BulkRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def to_review(self, body: BulkSelection, limit: int) -> list[tuple[uuid.UUID, uuid.UUID]]:
        """Ids of versions that need review, with those of their products, oldest first."""
        products = ProductReviewing.living()
        query = (
            select(ListingVersion.id, ListingVersion.product_id)
            .join(products, products.c.id == ListingVersion.product_id)
            .where(ListingVersion.status == "needs_review", *chosen(body, products))
            .order_by(ListingVersion.id)
            .limit(limit)
        )
        return [(listing_id, product_id) for listing_id, product_id in await self.session.execute(query)]

    async def unchecked(self, body: BulkSelection, limit: int) -> Sequence[uuid.UUID]:
        products = ProductReviewing.living()
        query = (
            select(ListingVersion.id)
            .join(products, products.c.id == ListingVersion.product_id)
            .where(
                ListingVersion.status.in_(("needs_review", "approved")),
                not_(ListingVersion.checked),
                *chosen(body, products),
            )
            .order_by(ListingVersion.id)
            .limit(limit)
        )
        return (await self.session.scalars(query)).all()

    async def cited_names(self, listing_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, set[str]]:
        """Names of the facts that the claims of each version cite."""
        names: dict[uuid.UUID, set[str]] = {}
        for listing_id, name in await self.session.execute(text(CITED_NAMES), {"listings": list(listing_ids)}):
            names.setdefault(listing_id, set()).add(name)
        return names

    async def products_of(self, bulk_id: uuid.UUID) -> Sequence[uuid.UUID]:
        query = select(ListingAct.product_id).where(ListingAct.bulk_id == bulk_id).distinct()
        return (await self.session.scalars(query.order_by(ListingAct.product_id))).all()

    async def give_back(self, bulk_id: uuid.UUID, product_ids: Sequence[uuid.UUID]) -> tuple[int, int]:
        """How many acts were taken back, and how many stay because something happened since."""
        parameters = {"bulk": bulk_id, "products": list(product_ids)}
        acts = list((await self.session.scalars(text(UNTOUCHED), parameters)).all())
        left = await self.session.scalar(
            select(func.count(ListingAct.act_id.distinct())).where(
                ListingAct.bulk_id == bulk_id, ListingAct.product_id.in_(product_ids), ~ListingAct.undone
            )
        )
        for live in (False, True):
            await self.session.execute(text(GIVE_BACK), {"acts": acts, "live": live})
        await self.session.execute(
            text("UPDATE listing_acts SET undone = true WHERE act_id = ANY(:acts)"), {"acts": acts}
        )
        return len(acts), (left or 0) - len(acts)
