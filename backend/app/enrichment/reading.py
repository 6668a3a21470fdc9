"""Runs as clients see them."""

import uuid
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.enrichment.errors import RunNotFound
from app.enrichment.models import Run, RunStep
from app.enrichment.repository import RunRepository
from app.enrichment.schemas import RunRead, RunSummary, StepRead
from shared.models.base import Usage


def step_read(step: RunStep) -> StepRead:
    return StepRead.model_validate({name: getattr(step, name) for name in StepRead.model_fields})


def total_usage(steps: Sequence[StepRead]) -> Usage:
    total = Usage()
    for step in steps:
        # A reused answer was paid for by the run that made it.
        if step.usage is not None and step.status != "reused":
            total += step.usage
    return total


def run_read(run: Run, steps: Sequence[RunStep], *, joined: bool = False) -> RunRead:
    read = [step_read(step) for step in steps]
    return RunRead(
        id=run.id,
        product_id=run.product_id,
        status=run.status,
        detail=run.detail,
        missing=run.missing,
        steps=read,
        usage=total_usage(read),
        created_at=run.created_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
        joined=joined,
    )


class RunReader:
    def __init__(self, session: AsyncSession) -> None:
        self.repository = RunRepository(session)

    async def get(self, run_id: uuid.UUID) -> RunRead:
        run = await self.repository.find(run_id)
        if run is None:
            raise RunNotFound("There is no such run.")
        return run_read(run, await self.repository.steps(run_id))

    async def of_product(self, product_id: uuid.UUID, limit: int) -> list[RunRead]:
        runs = await self.repository.of_product(product_id, limit)
        return [run_read(run, await self.repository.steps(run.id)) for run in runs]

    async def newest(self, product_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, RunSummary]:
        return {
            run.product_id: RunSummary(
                id=run.id,
                status=run.status,
                created_at=run.created_at,
                finished_at=run.finished_at,
            )
            for run in await self.repository.newest(product_ids)
        }
