"""Start, join, cancel and retry runs. What a run does is in `runner` and `steps`."""

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from app.enrichment.ending import end_run
from app.enrichment.errors import NothingToRetry, RunNotActive, RunNotFound
from app.enrichment.models import ACTIVE, Run, RunStep
from app.enrichment.reading import run_read
from app.enrichment.repository import RunRepository
from app.enrichment.schemas import EnrichRequest, RunRead
from app.jobs.queue import defer_job
from app.media.service import MediaService
from app.products.service import ProductService
from app.settings_store.errors import SettingsNotFound
from app.settings_store.service import SettingsService
from app.sources.service import SourceService, origin_of
from shared.models.problems import InvalidField
from shared.utils.errors import InvalidRequest


class EnrichmentService:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.repository = RunRepository(session)

    async def enrich(self, product_id: uuid.UUID, body: EnrichRequest) -> RunRead:
        """A new run, or the one that is under way."""
        # The lock on the product makes two clicks at once meet here, one after the other.
        product = await ProductService(self.session).require(product_id, lock=True)
        active = await self.repository.active_of_product(product_id)
        if active is not None:
            return run_read(active, await self.repository.steps(active.id), joined=True)
        if body.brand_voice is not None:
            await self._check_voice(body.brand_voice)
        options = body.model_dump(mode="json")
        options["languages"] = list(dict.fromkeys(body.languages or product.languages))
        options["status_before"] = product.status
        run = Run(product_id=product_id, options=options)
        self.repository.add(run)
        await self.session.flush()
        await self._plan(run)
        product.status = "enriching"
        await self.repository.add_event(run.id, "run", {"status": "queued"})
        await self._defer(run.id)
        await self.session.refresh(run)
        return run_read(run, await self.repository.steps(run.id))

    async def _check_voice(self, key: str) -> None:
        try:
            await SettingsService(self.session).voice_for(brand=None, category=None, wanted=key)
        except SettingsNotFound as error:
            field = InvalidField(detail=str(error), pointer="#/brand_voice")
            raise InvalidRequest("One or more fields are not valid.", errors=[field]) from None

    async def _defer(self, run_id: uuid.UUID) -> None:
        await defer_job(self.session, "enrich", {"run_id": str(run_id)}, lock=f"run:{run_id}")

    async def _plan(self, run: Run) -> None:
        """The steps, all known from the start, so that progress has an end to move towards."""
        planned = [
            (f"describe:{image.id}", image.file_name or f"image {image.position + 1}")
            for image in await MediaService.reader(self.session).of_product(run.product_id)
        ]
        planned += [(origin_of(page.id), page.url) for page in await SourceService(self.session).pages(run.product_id)]
        planned.append(("merge", ""))
        planned += [(f"generate:{language}", language) for language in run.options["languages"]]
        for position, (key, label) in enumerate(planned):
            self.repository.add(RunStep(run_id=run.id, key=key, label=label, position=position))
        await self.session.flush()

    async def cancel(self, run_id: uuid.UUID) -> RunRead:
        run = await self._require(run_id)
        if run.status not in ACTIVE:
            raise RunNotActive(f"It is {run.status}.")
        run.cancel_requested = True
        if run.status == "queued":
            # Nobody has it yet; its job will find it ended.
            await end_run(self.session, run, "cancelled", [])
        return run_read(run, await self.repository.steps(run_id))

    async def retry(self, run_id: uuid.UUID) -> RunRead:
        """Do the failed and skipped steps again; what succeeded stays."""
        run = await self._require(run_id)
        if run.status in ACTIVE:
            return run_read(run, await self.repository.steps(run_id), joined=True)
        product = await ProductService(self.session).require(run.product_id, lock=True)
        active = await self.repository.active_of_product(run.product_id)
        if active is not None:
            return run_read(active, await self.repository.steps(active.id), joined=True)
        steps = await self.repository.steps(run_id)
        if all(step.status in {"succeeded", "reused"} for step in steps):
            raise NothingToRetry("Every step succeeded.")
        for step in steps:
            # New facts change what follows, so the merge and the texts are made again as well.
            if step.status not in {"succeeded", "reused"} or not step.key.startswith(("describe:", "extract:")):
                step.status, step.problem, step.started_at, step.finished_at = "pending", None, None, None
        run.status, run.finished_at, run.cancel_requested, run.detail, run.missing = "queued", None, False, None, []
        product.status = "enriching"
        await self.repository.add_event(run_id, "run", {"status": "queued"})
        await self._defer(run_id)
        return run_read(run, steps)

    async def _require(self, run_id: uuid.UUID) -> Run:
        run = await self.repository.find(run_id, lock=True)
        if run is None:
            raise RunNotFound("There is no such run.")
        return run
