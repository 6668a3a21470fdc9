import uuid
from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.facts.models import Conflict, FactDecision, FactRow, MergedFact


class FactRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def delete_origin(self, product_id: uuid.UUID, origin: str) -> None:
        await self.session.execute(delete(FactRow).where(FactRow.product_id == product_id, FactRow.origin == origin))

    def add_all(self, rows: Sequence[FactRow | MergedFact | Conflict | FactDecision]) -> None:
        self.session.add_all(rows)

    async def of_product(self, product_id: uuid.UUID) -> Sequence[FactRow]:
        return (
            await self.session.scalars(
                select(FactRow).where(FactRow.product_id == product_id).order_by(FactRow.origin, FactRow.position)
            )
        ).all()

    async def one_merge_at_a_time(self, product_id: uuid.UUID) -> None:
        """Two merges of one product at once would each insert what the other has; and a decision must see the last."""
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
        self.add_all(merged)
        before = {(row.name, row.aspect): row for row in await self.conflicts(product_id)}
        for conflict in conflicts:
            # A conflict that is still there keeps its row, and so its id.
            row = before.pop((conflict.name, conflict.aspect), None)
            if row is None:
                self.session.add(conflict)
                continue
            row.label = conflict.label
            row.options = conflict.options
            row.decision = conflict.decision
            row.settled_at = conflict.settled_at
        for row in before.values():
            await self.session.delete(row)

    async def merged(self, product_id: uuid.UUID, statuses: Sequence[str]) -> Sequence[MergedFact]:
        return (
            await self.session.scalars(
                select(MergedFact)
                .where(MergedFact.product_id == product_id, MergedFact.status.in_(statuses))
                .order_by(MergedFact.position)
            )
        ).all()

    async def conflicts(self, product_id: uuid.UUID, *, settled: bool | None = None) -> Sequence[Conflict]:
        query = select(Conflict).where(Conflict.product_id == product_id).order_by(Conflict.name, Conflict.aspect)
        if settled is not None:
            query = query.where(Conflict.settled_at.is_not(None) if settled else Conflict.settled_at.is_(None))
        return (await self.session.scalars(query)).all()

    async def conflict_counts(self, product_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
        """Those that are still open."""
        rows = await self.session.execute(
            select(Conflict.product_id, func.count())
            .where(Conflict.product_id.in_(product_ids), Conflict.settled_at.is_(None))
            .group_by(Conflict.product_id)
        )
        return dict(rows.all())

    async def decisions(self, product_id: uuid.UUID) -> Sequence[FactDecision]:
        return (
            await self.session.scalars(
                select(FactDecision).where(FactDecision.product_id == product_id).order_by(FactDecision.position)
            )
        ).all()

    async def delete_decision(self, row: FactDecision) -> None:
        """With all edits of the hand-made fact, if it is one; the database takes them along."""
        await self.session.execute(delete(FactDecision).where(FactDecision.id == row.id))
