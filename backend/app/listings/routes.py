from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import HTMLResponse

from app.auth.dependencies import Editor, Viewer
from app.auth.errors import NotSignedIn, RoleRequired
from app.common.entity_tags import IfMatch, PreconditionFailed, PreconditionRequired
from app.common.identifiers import RowId
from app.common.paging import Cursor, InvalidCursor, Limit, Page
from app.database import Session
from app.gateway.errors import ServiceAnswerInvalid, ServiceTimeout, ServiceUnavailable
from app.listings.comparing import compare
from app.listings.editing import ListingEditor
from app.listings.errors import (
    CheckRefused,
    ClaimNotFound,
    ClaimNotUnsupported,
    ListingExists,
    ListingHasUnsupportedClaims,
    ListingNotChecked,
    ListingNotFound,
    ListingNotReviewable,
    ListingSuperseded,
    NothingToRestore,
    NothingToUndo,
)
from app.listings.evidence import EvidenceReader, EvidenceReport
from app.listings.evidence_html import POLICY, render
from app.listings.review import ListingReview
from app.listings.schemas import (
    Approve,
    ListingCheck,
    ListingCreate,
    ListingDiff,
    ListingDraft,
    ListingRead,
    ListingVersionRead,
    Overrule,
    Reject,
)
from app.listings.service import ListingService
from app.products.dependencies import ExistingProduct
from app.products.errors import ProductNotFound
from shared.models.base import Language
from shared.utils.errors import InvalidRequest
from shared.utils.problems import problems

router = APIRouter(
    prefix="/api/v1/products/{product_id}/listings",
    tags=["listings"],
    responses=problems(NotSignedIn, RoleRequired, ProductNotFound, InvalidRequest),
)

WRITE = (ProductNotFound, ListingNotFound, PreconditionFailed, PreconditionRequired)
CHECK = (ServiceUnavailable, ServiceTimeout, ServiceAnswerInvalid, CheckRefused)


def get_service(session: Session) -> ListingService:
    return ListingService(session)


def get_review(editor: Editor, session: Session) -> ListingReview:
    return ListingReview(session, editor)


def get_editor(editor: Editor, request: Request) -> ListingEditor:
    """Has no session: it opens short ones of its own around the call to the service."""
    return ListingEditor(request.app.state.sessions, request.app.state.services, editor)


def get_evidence(session: Session, request: Request) -> EvidenceReader:
    return EvidenceReader(session, request.app.state.storage)


Listings = Annotated[ListingService, Depends(get_service)]
Review = Annotated[ListingReview, Depends(get_review)]
Editing = Annotated[ListingEditor, Depends(get_editor)]
Evidence = Annotated[EvidenceReader, Depends(get_evidence)]

ClaimId = Annotated[str, Path(min_length=1, max_length=100, description="As in `content.claims`.")]
UiLanguage = Annotated[Language, Query(description="Of the reasons and headings; `en` or `es`.")]


def tagged(response: Response, listing: ListingRead) -> ListingRead:
    response.headers["ETag"] = listing.etag
    return listing


@router.get("", dependencies=[ExistingProduct])
async def list_listings(
    _: Viewer,
    product_id: RowId,
    listings: Listings,
    all_versions: Annotated[bool, Query(description="Also older versions, newest first; the last 200.")] = False,
) -> list[ListingRead]:
    """The product's listings, for each language the one to work on, with the facts that their claims cite."""
    return await (listings.versions(product_id) if all_versions else listings.current(product_id))


@router.post("", status_code=201, responses=problems(ListingExists))
async def create_listing(
    _: Editor, product_id: RowId, body: ListingCreate, editing: Editing, response: Response
) -> ListingRead:
    """Write a listing by hand in a language that has none; its claims are checked."""
    listing = await editing.create(product_id, body)
    response.headers["Location"] = f"/api/v1/products/{product_id}/listings/{listing.id}"
    return tagged(response, listing)


@router.get("/versions", dependencies=[ExistingProduct], responses=problems(InvalidCursor))
async def list_versions(
    _: Viewer,
    product_id: RowId,
    listings: Listings,
    language: Annotated[Language | None, Query(description="Only versions in this language.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ListingVersionRead]:
    """The history without the texts, newest first: who wrote each version, and what became of it."""
    return await listings.history(product_id, language, limit, cursor)


@router.get("/{listing_id}", dependencies=[ExistingProduct], responses=problems(ListingNotFound))
async def get_listing(
    _: Viewer, product_id: RowId, listing_id: RowId, listings: Listings, response: Response
) -> ListingRead:
    """One version."""
    return tagged(response, await listings.get(product_id, listing_id))


@router.patch("/{listing_id}", responses=problems(*WRITE, ListingSuperseded))
async def edit_listing(
    _: Editor,
    product_id: RowId,
    listing_id: RowId,
    body: ListingDraft,
    editing: Editing,
    response: Response,
    if_match: IfMatch = None,
) -> ListingRead:
    """Write a new version with what is sent changed. Its claims are checked, later when the service is down."""
    return tagged(response, await editing.edit(product_id, listing_id, body, if_match))


@router.post("/{listing_id}/check", responses=problems(ListingNotFound, *CHECK))
async def check_draft(
    _: Editor, product_id: RowId, listing_id: RowId, body: ListingDraft, editing: Editing
) -> ListingCheck:
    """Check a draft by the product's facts, and store nothing."""
    return await editing.check_draft(product_id, listing_id, body)


@router.post("/{listing_id}/recheck", responses=problems(*WRITE, ListingNotReviewable, *CHECK))
async def check_again(
    _: Editor,
    product_id: RowId,
    listing_id: RowId,
    editing: Editing,
    response: Response,
    ui_language: UiLanguage = "en",
    if_match: IfMatch = None,
) -> ListingRead:
    """Check a version again by the facts of today, and keep the outcome."""
    return tagged(response, await editing.check_again(product_id, listing_id, ui_language, if_match))


@router.post(
    "/{listing_id}/approve",
    responses=problems(*WRITE, ListingSuperseded, ListingNotReviewable, ListingNotChecked, ListingHasUnsupportedClaims),
)
async def approve_listing(
    _: Editor,
    product_id: RowId,
    listing_id: RowId,
    review: Review,
    response: Response,
    body: Approve | None = None,
    if_match: IfMatch = None,
) -> ListingRead:
    """Let a version go live; the one that was live before is superseded."""
    return tagged(response, await review.approve(product_id, listing_id, if_match, body.note if body else None))


@router.post("/{listing_id}/reject", responses=problems(*WRITE, ListingSuperseded, ListingNotReviewable))
async def reject_listing(
    _: Editor,
    product_id: RowId,
    listing_id: RowId,
    body: Reject,
    review: Review,
    response: Response,
    if_match: IfMatch = None,
) -> ListingRead:
    """Refuse a version, or take a live one down."""
    return tagged(response, await review.reject(product_id, listing_id, if_match, body.reason))


@router.post("/{listing_id}/restore", status_code=201, responses=problems(*WRITE, NothingToRestore))
async def restore_listing(
    _: Editor, product_id: RowId, listing_id: RowId, review: Review, response: Response, if_match: IfMatch = None
) -> ListingRead:
    """Make a new version with the very texts of an old one."""
    return tagged(response, await review.restore(product_id, listing_id, if_match))


@router.post("/{listing_id}/undo", responses=problems(*WRITE, NothingToUndo))
async def undo_listing(
    _: Editor, product_id: RowId, listing_id: RowId, review: Review, response: Response, if_match: IfMatch = None
) -> ListingRead:
    """Take back the last act on this text: all versions get back the statuses that they had."""
    return tagged(response, await review.undo(product_id, listing_id, if_match))


@router.post(
    "/{listing_id}/claims/{claim_id}/overrule",
    responses=problems(*WRITE, ListingSuperseded, ClaimNotFound, ClaimNotUnsupported),
)
async def overrule_claim(
    _: Editor,
    product_id: RowId,
    listing_id: RowId,
    claim_id: ClaimId,
    body: Overrule,
    review: Review,
    response: Response,
    if_match: IfMatch = None,
) -> ListingRead:
    """Keep a claim that no fact supports, and say why. It is recorded, and shown in the evidence report."""
    return tagged(response, await review.overrule(product_id, listing_id, claim_id, if_match, body.reason))


@router.get("/{listing_id}/diff", dependencies=[ExistingProduct], responses=problems(ListingNotFound))
async def diff_listings(
    _: Viewer,
    product_id: RowId,
    listing_id: RowId,
    listings: Listings,
    against: Annotated[RowId, Query(description="The version to start from.")],
) -> ListingDiff:
    """What changed from the version `against` to this one, word by word."""
    return await compare(listings, product_id, against, listing_id)


@router.get("/{listing_id}/evidence", responses=problems(ListingNotFound))
async def get_evidence_report(_: Viewer, product_id: RowId, listing_id: RowId, evidence: Evidence) -> EvidenceReport:
    """What each sentence rests on: facts, quotes with the words around them, places in photos."""
    return await evidence.report(product_id, listing_id)


@router.get(
    "/{listing_id}/evidence.html",
    response_class=HTMLResponse,
    responses=problems(ListingNotFound),
)
async def get_printable_evidence(
    _: Viewer, product_id: RowId, listing_id: RowId, evidence: Evidence, ui_language: UiLanguage = "en"
) -> HTMLResponse:
    """The evidence report to print or to keep: one page without scripts that loads nothing."""
    report = await evidence.report(product_id, listing_id)
    headers = {
        "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "private, no-store",
    }
    return HTMLResponse(render(report, ui_language), headers=headers)
