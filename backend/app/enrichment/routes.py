from collections.abc import AsyncIterable
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from app.auth.dependencies import Editor, Viewer
from app.auth.errors import NotSignedIn, RoleRequired
from app.common.identifiers import RowId
from app.database import Session
from app.enrichment.errors import NothingToRetry, RunNotActive, RunNotFound
from app.enrichment.events import run_event_stream
from app.enrichment.reading import RunReader
from app.enrichment.schemas import EnrichRequest, RunRead
from app.enrichment.service import EnrichmentService
from app.products.dependencies import ExistingProduct
from app.products.errors import ProductNotFound
from shared.utils.errors import InvalidRequest
from shared.utils.problems import problems

REFUSALS = problems(NotSignedIn, RoleRequired, InvalidRequest)
product_router = APIRouter(prefix="/api/v1/products/{product_id}", tags=["enrichment"], responses=REFUSALS)
router = APIRouter(prefix="/api/v1/runs", tags=["enrichment"], responses=REFUSALS)


def get_service(session: Session) -> EnrichmentService:
    return EnrichmentService(session)


Enrichment = Annotated[EnrichmentService, Depends(get_service)]


@product_router.post(
    "/enrich",
    status_code=202,
    responses={200: {"model": RunRead, "description": "Joined the run under way."}, **problems(ProductNotFound)},
)
async def enrich_product(
    _: Editor, product_id: RowId, enrichment: Enrichment, response: Response, body: EnrichRequest | None = None
) -> RunRead:
    """Read the photos and pages, merge the facts, and write the listings. One run at a time: a second call joins."""
    run = await enrichment.enrich(product_id, body or EnrichRequest())
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    if run.joined:
        response.status_code = 200
    return run


@product_router.get("/runs", dependencies=[ExistingProduct], responses=problems(ProductNotFound))
async def list_runs(
    _: Viewer, product_id: RowId, session: Session, limit: Annotated[int, Query(ge=1, le=50)] = 10
) -> list[RunRead]:
    """The product's runs, newest first."""
    return await RunReader(session).of_product(product_id, limit)


@router.get("/{run_id}", responses=problems(RunNotFound))
async def get_run(_: Viewer, run_id: RowId, session: Session) -> RunRead:
    """One run with its steps."""
    return await RunReader(session).get(run_id)


async def existing_run(_: Viewer, run_id: RowId, session: Session) -> None:
    await RunReader(session).get(run_id)


@router.get(
    "/{run_id}/events",
    response_class=EventSourceResponse,
    dependencies=[Depends(existing_run)],
    responses=problems(RunNotFound),
)
async def run_events(
    _: Viewer,
    run_id: RowId,
    request: Request,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", max_length=100)] = None,
) -> AsyncIterable[ServerSentEvent]:
    """Live progress as server-sent events: snapshot, step, run, end. Resumes after `Last-Event-ID`."""
    position = int(last_event_id) if last_event_id and last_event_id.isdecimal() and len(last_event_id) < 19 else None
    state = request.app.state
    async for event in run_event_stream(state.sessions, state.run_event_listener, run_id, position):
        yield event


@router.post("/{run_id}/cancel", status_code=202, responses=problems(RunNotFound, RunNotActive))
async def cancel_run(_: Editor, run_id: RowId, enrichment: Enrichment) -> RunRead:
    """Stop the run; what it has read so far stays."""
    return await enrichment.cancel(run_id)


@router.post("/{run_id}/retry", status_code=202, responses=problems(RunNotFound, NothingToRetry))
async def retry_run(_: Editor, run_id: RowId, enrichment: Enrichment) -> RunRead:
    """Do again what failed; what succeeded stays."""
    return await enrichment.retry(run_id)
