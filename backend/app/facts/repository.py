import uuid
from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.facts.models import Conflict, FactRow, MergedFact


class FactRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def delete_origin(self, product_id: uuid.UUID, origin: str) -> None:
        await self.session.execute(delete(FactRow).where(FactRow.product_id == product_id, FactRow.origin == origin))

    def add_all(self, rows: Sequence[FactRow | MergedFact | Conflict]) -> None:
        self.session.add_all(rows)

    async def of_product(self, product_id: uuid.UUID) -> Sequence[FactRow]:
        return (
            await self.session.scalars(
                select(FactRow).where(FactRow.product_id == product_id).order_by(FactRow.origin, FactRow.position)
            )
        ).all()

    async def one_merge_at_a_time(self, product_id: uuid.UUID) -> None:
        """Two merges of one product at once would each insert what the other has."""
        await self.session.execute(select(func.pg_advisory_xact_lock(product_id.int % 2**63)))

    async def counts_by_origin(self, product_id: uuid.UUID) -> dict[str, int]:
        rows = await self.session.execute(
            select(FactRow.origin, func.count()).where(FactRow.product_id == product_id).group_by(FactRow.origin)
        )
        return dict(rows.all())

    async def replace_merged(
        self, product_id: uuid.UUID, merged: Sequence[MergedFact], conflicts: Sequence[Conflict]
    ) -> None:
        await self.session.execute(delete(MergedFact).where(MergedFact.product_id == product_id))
        await self.session.execute(delete(Conflict).where(Conflict.product_id == product_id))
        self.add_all(merged)
        self.add_all(conflicts)

    async def merged(self, product_id: uuid.UUID) -> Sequence[MergedFact]:
        return (
            await self.session.scalars(
                select(MergedFact).where(MergedFact.product_id == product_id).order_by(MergedFact.position)
            )
        ).all()

    async def conflicts(self, product_id: uuid.UUID) -> Sequence[Conflict]:
        return (
            await self.session.scalars(
                select(Conflict).where(Conflict.product_id == product_id).order_by(Conflict.name)
            )
        ).all()

    async def conflict_counts(self, product_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
        rows = await self.session.execute(
            select(Conflict.product_id, func.count())
            .where(Conflict.product_id.in_(product_ids))
            .group_by(Conflict.product_id)
        )
        return dict(rows.all())
