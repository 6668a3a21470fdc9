"""What waits for a reviewer: newest first, page by page, in an order that stays right while others review."""

import uuid
from typing import Any, Literal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.dependencies import Principal
from app.common.paging import EXACT_TOTAL_LIMIT, encode_cursor
from app.listings.models import ListingVersion
from app.listings.repository import HEAD_COLUMNS, ListingRepository
from app.listings.schemas import ReviewCounts, ReviewItem, ReviewQueue
from app.listings.service import position, version_read
from app.listings.standing import standing_of
from app.media.service import MediaService
from app.products.reviewing import ProductReviewing

Assignee = uuid.UUID | Literal["me", "none"]


class ReviewQueueReader:
    def __init__(self, session: AsyncSession, principal: Principal) -> None:
        self.session = session
        self.principal = principal
        self.products = ProductReviewing.living()

    def _conditions(self, language: str | None, assignee: Assignee | None) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = [ListingVersion.status == "needs_review"]
        if language is not None:
            conditions.append(ListingVersion.language == language)
        if assignee == "none":
            conditions.append(self.products.c.assignee_id.is_(None))
        elif assignee is not None:
            wanted = self.principal.id if assignee == "me" else assignee
            conditions.append(self.products.c.assignee_id == wanted)
        return conditions

    async def page(
        self, *, language: str | None, assignee: Assignee | None, limit: int, cursor: str | None
    ) -> ReviewQueue:
        conditions = self._conditions(language, assignee)
        counts = await self._counts(conditions)
        products = self.products.c
        query = (
            select(
                *HEAD_COLUMNS,
                ListingVersion.content["title"].astext.label("title"),
                products.sku,
                products.name.label("product_name"),
                products.assignee_id,
            )
            .join(self.products, products.id == ListingVersion.product_id)
            .where(*conditions)
        )
        if cursor is not None:
            query = query.where(ListingVersion.id < position(cursor))
        rows = (await self.session.execute(query.order_by(ListingVersion.id.desc()).limit(limit + 1))).all()
        shown = rows[:limit]
        return ReviewQueue(
            items=await self._items(shown),
            next_cursor=encode_cursor(shown[-1].id) if len(rows) > limit else None,
            total=counts.needs_review if counts.needs_review <= EXACT_TOTAL_LIMIT else None,
            counts=counts,
        )

    async def _items(self, rows: Any) -> list[ReviewItem]:
        product_ids = list({row.product_id for row in rows})
        by_text: dict[tuple[uuid.UUID, str], list[Any]] = {}
        for head in await ListingRepository(self.session).heads(product_ids):
            by_text.setdefault((head.product_id, head.language), []).append(head)
        images = await MediaService.reader(self.session).first_images(product_ids)
        return [
            ReviewItem(
                listing=version_read(row, standing_of(by_text[row.product_id, row.language])),
                product_id=row.product_id,
                sku=row.sku,
                product_name=row.product_name,
                assignee_id=row.assignee_id,
                image_sha256=images[row.product_id][0].sha256 if row.product_id in images else None,
                title=row.title or "",
                grounding=row.grounding,
                warnings=row.warnings,
            )
            for row in rows
        ]

    async def _counts(self, conditions: list[ColumnElement[bool]]) -> ReviewCounts:
        rows = await self.session.execute(
            select(
                ListingVersion.language,
                func.count().label("all"),
                func.count().filter(~ListingVersion.checked).label("not_checked"),
                func.count().filter(ListingVersion.open_claims > 0).label("unsupported"),
                func.count().filter(func.jsonb_array_length(ListingVersion.warnings) > 0).label("repeats"),
            )
            .join(self.products, self.products.c.id == ListingVersion.product_id)
            .where(*conditions)
            .group_by(ListingVersion.language)
            .order_by(ListingVersion.language)
        )
        found = [row._asdict() for row in rows]
        return ReviewCounts(
            needs_review=sum(row["all"] for row in found),
            not_checked=sum(row["not_checked"] for row in found),
            unsupported_claims=sum(row["unsupported"] for row in found),
            repeats_supplier=sum(row["repeats"] for row in found),
            by_language={row["language"]: row["all"] for row in found},
        )
