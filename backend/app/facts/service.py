"""Facts as the sources gave them, and what they say together."""

import asyncio
import hashlib
import json
import uuid
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.facts.decisions import Decision
from app.facts.fingerprint import fingerprint_of
from app.facts.merge import MergeResult, SourcedFact, merge_facts
from app.facts.models import Conflict, FactDecision, FactRow, MergedFact
from app.facts.repository import FactRepository
from app.facts.schemas import ConflictRead, DecidedValue, DecisionInfo, FactStatus, MergedFactRead
from shared.models.facts import Fact, Source

# What the product's facts are, unless somebody asks for those that lost or were rejected.
CURRENT: tuple[FactStatus, ...] = ("used", "disputed")


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
        """Merge all facts of the product under what people decided, and store the outcome."""
        await self.repository.one_merge_at_a_time(product_id)
        facts = [to_sourced(row) for row in await self.repository.of_product(product_id)]
        decisions = [to_decision(row) for row in await self.repository.decisions(product_id)]
        # Thousands of facts take a while to compare, and the event loop has others to serve.
        result = await asyncio.to_thread(merge_facts, facts, decisions)
        await self.repository.replace_merged(
            product_id,
            [
                MergedFact(
                    product_id=product_id,
                    position=position,
                    fact_id=fact.id,
                    **fact.model_dump(mode="json", exclude={"id"}),
                )
                for position, fact in enumerate([*result.facts, *result.set_aside])
            ],
            [
                Conflict(
                    id=conflict_id(product_id, conflict.name, conflict.aspect),
                    product_id=product_id,
                    name=conflict.name,
                    label=conflict.label,
                    aspect=conflict.aspect,
                    options=[option.model_dump(mode="json") for option in conflict.options],
                    decision=conflict.decision.model_dump(mode="json") if conflict.decision else None,
                    settled_at=conflict.decision.decided_at if conflict.decision and conflict.settled else None,
                )
                for conflict in result.conflicts
            ],
        )
        await self.session.flush()
        return result

    async def merged(self, product_id: uuid.UUID, statuses: Sequence[FactStatus] = CURRENT) -> list[MergedFactRead]:
        return [to_read(row) for row in await self.repository.merged(product_id, statuses)]

    async def conflicts(self, product_id: uuid.UUID, *, settled: bool = False) -> list[ConflictRead]:
        return [to_conflict(row) for row in await self.repository.conflicts(product_id, settled=settled)]

    async def counts_by_origin(self, product_id: uuid.UUID) -> dict[str, int]:
        return await self.repository.counts_by_origin(product_id)

    async def conflict_counts(self, product_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
        return await self.repository.conflict_counts(product_ids)

    async def fingerprint(self, product_id: uuid.UUID) -> str:
        """Of the facts that texts are written from; it changes when a text may have become wrong or poor."""
        return fingerprint_of(await self.merged(product_id))


def to_read(row: MergedFact) -> MergedFactRead:
    return MergedFactRead.model_validate(
        {"id": row.fact_id, **{name: getattr(row, name) for name in MergedFactRead.model_fields if name != "id"}}
    )


def conflict_id(product_id: uuid.UUID, name: str, aspect: str) -> uuid.UUID:
    """Always the same for one conflict, also when it was gone for a while: a UUIDv7 with the time of the product's."""
    digest = hashlib.sha256(f"{product_id}|{name}|{aspect}".encode()).digest()
    octets = bytearray(product_id.bytes[:6] + digest[:10])
    octets[6] = 0x70 | octets[6] & 0x0F
    octets[8] = 0x80 | octets[8] & 0x3F
    return uuid.UUID(bytes=bytes(octets))


def options_version(row: Conflict) -> str:
    """Changes with the options, with their order, and with every decision on the conflict."""
    seen = [[(option["value"], option["unit"]) for option in row.options], row.decision and row.decision["id"]]
    return hashlib.sha256(json.dumps([*seen, row.settled_at is not None]).encode()).hexdigest()[:16]


def to_conflict(row: Conflict) -> ConflictRead:
    decision = DecisionInfo.model_validate(row.decision) if row.decision else None
    return ConflictRead(
        id=row.id,
        name=row.name,
        label=row.label,
        options=row.options,
        options_version=options_version(row),
        settled=decision if row.settled_at else None,
        settled_before=None if row.settled_at else decision,
    )


def to_decision(row: FactDecision) -> Decision:
    return Decision(
        id=row.id,
        position=row.position,
        kind=row.kind,  # type: ignore[arg-type]  # the database checks it
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        choice=row.choice,
        note=row.note,
        replaces_id=row.replaces_id,
        stands=[DecidedValue.model_validate(value) for value in row.stands],
        rejected=[DecidedValue.model_validate(value) for value in row.rejected],
        outvoted=[DecidedValue.model_validate(value) for value in row.outvoted],
        known=[DecidedValue.model_validate(value) for value in row.known],
    )


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
