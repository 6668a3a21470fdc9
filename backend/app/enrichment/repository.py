import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from app.enrichment.models import ACTIVE, GOOD, Run, RunEvent, RunStep
from shared.models.base import now

CHANNEL = "run_events"


class RunRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def add(self, row: Run | RunStep) -> None:
        self.session.add(row)

    async def find(self, run_id: uuid.UUID, *, lock: bool = False) -> Run | None:
        return await self.session.get(Run, run_id, with_for_update=lock, populate_existing=lock)

    async def active_of_product(self, product_id: uuid.UUID) -> Run | None:
        return await self.session.scalar(select(Run).where(Run.product_id == product_id, Run.status.in_(ACTIVE)))

    async def of_product(self, product_id: uuid.UUID, limit: int) -> Sequence[Run]:
        return (
            await self.session.scalars(
                select(Run).where(Run.product_id == product_id).order_by(Run.id.desc()).limit(limit)
            )
        ).all()

    async def newest(self, product_ids: Sequence[uuid.UUID]) -> Sequence[Run]:
        return (
            await self.session.scalars(
                select(Run)
                .where(Run.product_id.in_(product_ids))
                .ext(distinct_on(Run.product_id))
                .order_by(Run.product_id, Run.id.desc())
            )
        ).all()

    async def steps(self, run_id: uuid.UUID) -> Sequence[RunStep]:
        return (
            await self.session.scalars(select(RunStep).where(RunStep.run_id == run_id).order_by(RunStep.position))
        ).all()

    async def step(self, run_id: uuid.UUID, key: str) -> RunStep:
        return (await self.session.scalars(select(RunStep).where(RunStep.run_id == run_id, RunStep.key == key))).one()

    async def take(self, run_id: uuid.UUID) -> int | None:
        """Begin or take over a run; the new attempt number fences all writes of those who had it before."""
        return await self.session.scalar(
            update(Run)
            .where(Run.id == run_id, Run.status.in_(("queued", "running", "waiting")))
            .values(
                attempt=Run.attempt + 1,
                status="running",
                detail=None,
                started_at=func.coalesce(Run.started_at, now()),
            )
            .returning(Run.attempt)
        )

    async def previous_success(self, run: Run, key: str, input_hash: str) -> RunStep | None:
        """The newest step of the same product that did this very work, if nothing newer replaced its outcome."""
        newest = await self.session.scalar(
            select(RunStep)
            .join(Run, Run.id == RunStep.run_id)
            .where(
                Run.product_id == run.product_id,
                Run.id != run.id,
                RunStep.key == key,
                RunStep.status.in_(("succeeded", "reused", "failed")),
            )
            .order_by(RunStep.finished_at.desc())
            .limit(1)
        )
        return newest if newest is not None and newest.status in GOOD and newest.input_hash == input_hash else None

    async def add_event(self, run_id: uuid.UUID, kind: str, data: dict[str, Any]) -> None:
        """Told to listeners when the transaction commits, never before."""
        self.session.add(RunEvent(run_id=run_id, type=kind, data=data))
        await self.session.flush()
        await self.session.execute(text("SELECT pg_notify(:channel, :run)"), {"channel": CHANNEL, "run": str(run_id)})

    async def events_after(self, run_id: uuid.UUID, event_id: int) -> Sequence[RunEvent]:
        return (
            await self.session.scalars(
                select(RunEvent).where(RunEvent.run_id == run_id, RunEvent.id > event_id).order_by(RunEvent.id)
            )
        ).all()

    async def last_event_id(self, run_id: uuid.UUID) -> int:
        return await self.session.scalar(select(func.max(RunEvent.id)).where(RunEvent.run_id == run_id)) or 0

    async def goes_on_after(self, run_id: uuid.UUID, event_id: int) -> bool:
        """Whether this is an event of the run after which more is to come, or has come."""
        event = await self.session.get(RunEvent, event_id)
        if event is None or event.run_id != run_id:
            return False
        return event.type != "end" or await self.last_event_id(run_id) > event_id

    async def cancel_requested(self, run_id: uuid.UUID) -> bool:
        return bool(await self.session.scalar(select(Run.cancel_requested).where(Run.id == run_id)))
