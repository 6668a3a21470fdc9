import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.common.identifiers import new_id
from app.listings.models import ListingAct, ListingVersion

# All but what is large, and of no use for deciding which version is which.
HEAD_COLUMNS = [
    column
    for column in ListingVersion.__table__.columns
    if column.name not in {"content", "facts", "claims", "overrulings"}
]


class ListingRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def add(self, row: ListingVersion | ListingAct) -> None:
        self.session.add(row)

    async def find(self, product_id: uuid.UUID, listing_id: uuid.UUID, *, lock: bool = False) -> ListingVersion | None:
        query = select(ListingVersion).where(ListingVersion.id == listing_id, ListingVersion.product_id == product_id)
        query = query.execution_options(populate_existing=True)
        return await self.session.scalar(query.with_for_update() if lock else query)

    async def to_check(self, listing_id: uuid.UUID) -> uuid.UUID | None:
        """The product of a version that still needs its check; None when there is nothing to do."""
        return await self.session.scalar(
            select(ListingVersion.product_id).where(
                ListingVersion.id == listing_id,
                ~ListingVersion.checked,
                ListingVersion.status.in_(("needs_review", "approved")),
            )
        )

    async def heads(self, product_ids: Collection[uuid.UUID], language: str | None = None) -> Sequence[Any]:
        """All versions, without their texts."""
        query = select(*HEAD_COLUMNS).where(ListingVersion.product_id.in_(product_ids))
        if language is not None:
            query = query.where(ListingVersion.language == language)
        return (await self.session.execute(query)).all()

    async def by_ids(self, listing_ids: Collection[uuid.UUID]) -> Sequence[ListingVersion]:
        return (
            await self.session.scalars(
                select(ListingVersion)
                .where(ListingVersion.id.in_(listing_ids))
                .order_by(ListingVersion.language, ListingVersion.version.desc())
            )
        ).all()

    async def contents(self, listing_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, Any]]:
        rows = await self.session.execute(
            select(ListingVersion.id, ListingVersion.content).where(ListingVersion.id.in_(listing_ids))
        )
        return dict(rows.all())

    async def versions(
        self, product_id: uuid.UUID, language: str | None, limit: int, before: uuid.UUID | None = None
    ) -> Sequence[uuid.UUID]:
        """Ids, newest first."""
        query = select(ListingVersion.id).where(ListingVersion.product_id == product_id)
        if language is not None:
            query = query.where(ListingVersion.language == language)
        if before is not None:
            query = query.where(ListingVersion.id < before)
        return (await self.session.scalars(query.order_by(ListingVersion.id.desc()).limit(limit))).all()

    async def newest_by_engine(self, product_id: uuid.UUID, language: str) -> ListingVersion | None:
        return await self.session.scalar(
            select(ListingVersion)
            .where(
                ListingVersion.product_id == product_id,
                ListingVersion.language == language,
                ListingVersion.author_kind == "ai",
                ListingVersion.restored_from.is_(None),
            )
            .order_by(ListingVersion.version.desc())
            .limit(1)
        )

    async def insert_many(self, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            await self.session.execute(insert(ListingVersion), [{"id": new_id(), **row} for row in rows])

    async def change(self, listing_ids: Collection[uuid.UUID], **values: Any) -> None:
        """What of the review changes; everybody who holds the old entity tag is refused from now on."""
        if listing_ids:
            await self.session.execute(
                update(ListingVersion)
                .where(ListingVersion.id.in_(listing_ids))
                .values(revision=ListingVersion.revision + 1, **values)
                .execution_options(synchronize_session=False)
            )

    async def languages(self, product_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
        rows = await self.session.execute(
            select(ListingVersion.product_id, func.array_agg(ListingVersion.language.distinct()))
            .where(ListingVersion.product_id.in_(product_ids))
            .group_by(ListingVersion.product_id)
        )
        return {product_id: sorted(languages) for product_id, languages in rows}

    async def last_act(self, product_id: uuid.UUID, language: str) -> ListingAct | None:
        """The newest act that nobody has taken back."""
        return await self.session.scalar(
            select(ListingAct)
            .where(
                ListingAct.product_id == product_id,
                ListingAct.language == language,
                ListingAct.subject,
                ~ListingAct.undone,
            )
            .order_by(ListingAct.id.desc())
            .limit(1)
        )

    async def acts(self, act_id: uuid.UUID) -> Sequence[ListingAct]:
        return (await self.session.scalars(select(ListingAct).where(ListingAct.act_id == act_id))).all()

    async def insert_acts(self, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            await self.session.execute(insert(ListingAct), [{"id": new_id(), "undone": False, **row} for row in rows])

    async def mark_undone(self, act_ids: Collection[uuid.UUID]) -> None:
        await self.session.execute(
            update(ListingAct)
            .where(ListingAct.act_id.in_(act_ids))
            .values(undone=True)
            .execution_options(synchronize_session=False)
        )
