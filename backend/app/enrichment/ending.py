"""How a run ends: its own state, the steps that were never begun, the product, and the word to who listens."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.enrichment.models import DONE, Run
from app.enrichment.repository import RunRepository
from app.listings.service import ListingService
from app.products.service import ProductService
from shared.models.base import now


async def end_run(session: AsyncSession, run: Run, status: str, missing: Sequence[str]) -> None:
    repository = RunRepository(session)
    for step in await repository.steps(run.id):
        if step.status not in DONE:
            step.status = "skipped"
    run.status, run.detail, run.missing, run.finished_at = status, None, list(missing), now()
    # Without a new listing the product is again what it was: an approved one stays approved.
    after = run.options.get("status_before", "draft")
    if status in {"succeeded", "partial"}:
        # The texts may have come out as they were approved, or wait beside a person's that is.
        after = await ListingService(session).review_status(run.product_id)
    await ProductService(session).enrichment_ended(run.product_id, after)
    await repository.add_event(run.id, "end", {"status": status, "missing": list(missing)})
