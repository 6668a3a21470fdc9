"""Facts as the sources gave them, and what they say together."""

import asyncio
import uuid
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.facts.merge import MergeResult, SourcedFact, merge_facts
from app.facts.models import Conflict, FactRow, MergedFact
from app.facts.repository import FactRepository
from app.facts.schemas import ConflictRead, MergedFactRead
from shared.models.facts import Fact, Source


class FactService:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.repository = FactRepository(session)

    async def replace(
        self, product_id: uuid.UUID, origin: str, facts: Sequence[Fact], snapshot_sha256: str | None = None
    ) -> None:
        """What an origin (a step's key) says now; what it said before is forgotten."""
        await self.repository.delete_origin(product_id, origin)
        self.repository.add_all(
            [
                FactRow(
                    product_id=product_id,
                    origin=origin,
                    position=position,
                    fact_id=fact.id,
                    name=fact.name,
                    value=fact.value,
                    unit=fact.unit,
                    confidence=fact.confidence,
                    source=fact.source.model_dump(mode="json"),
                    snapshot_sha256=snapshot_sha256,
                )
                for position, fact in enumerate(facts)
            ]
        )
        await self.session.flush()

    async def forget(self, product_id: uuid.UUID, origin: str) -> None:
        """Forget an origin, and merge the rest anew."""
        await self.repository.delete_origin(product_id, origin)
        await self.merge(product_id)

    async def merge(self, product_id: uuid.UUID) -> MergeResult:
        """Merge all facts of the product, and store the outcome."""
        await self.repository.one_merge_at_a_time(product_id)
        rows = await self.repository.of_product(product_id)
        # Thousands of facts take a while to compare, and the event loop has others to serve.
        result = await asyncio.to_thread(merge_facts, [to_sourced(row) for row in rows])
        await self.repository.replace_merged(
            product_id,
            [
                MergedFact(
                    product_id=product_id,
                    position=position,
                    fact_id=fact.id,
                    **fact.model_dump(mode="json", exclude={"id"}),
                )
                for position, fact in enumerate(result.facts)
            ],
            [
                Conflict(
                    product_id=product_id,
                    name=conflict.name,
                    label=conflict.label,
                    options=[option.model_dump(mode="json") for option in conflict.options],
                )
                for conflict in result.conflicts
            ],
        )
        await self.session.flush()
        return result

    async def merged(self, product_id: uuid.UUID) -> list[MergedFactRead]:
        return [
            MergedFactRead(
                id=row.fact_id,
                name=row.name,
                label=row.label,
                value=row.value,
                unit=row.unit,
                confidence=row.confidence,
                disputed=row.disputed,
                sources=row.sources,
            )
            for row in await self.repository.merged(product_id)
        ]

    async def conflicts(self, product_id: uuid.UUID) -> list[ConflictRead]:
        return [
            ConflictRead(id=row.id, name=row.name, label=row.label, options=row.options)
            for row in await self.repository.conflicts(product_id)
        ]

    async def counts_by_origin(self, product_id: uuid.UUID) -> dict[str, int]:
        return await self.repository.counts_by_origin(product_id)

    async def conflict_counts(self, product_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
        return await self.repository.conflict_counts(product_ids)


def to_sourced(row: FactRow) -> SourcedFact:
    fact = Fact(
        id=row.fact_id,
        name=row.name,
        value=row.value,
        unit=row.unit,
        confidence=row.confidence,
        source=Source.model_validate(row.source),
    )
    return SourcedFact(fact, row.snapshot_sha256)
