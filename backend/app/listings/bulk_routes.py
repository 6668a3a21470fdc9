from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.auth.dependencies import Editor, Viewer
from app.auth.errors import NotSignedIn, RoleRequired
from app.common.paging import Cursor, InvalidCursor, Limit
from app.database import Session
from app.listings.bulk import BulkReview
from app.listings.errors import BulkNotFound
from app.listings.review_queue import Assignee, ReviewQueueReader
from app.listings.schemas import (
    BulkApprove,
    BulkApproved,
    BulkCheck,
    BulkSelection,
    BulkUndo,
    BulkUndone,
    ReviewQueue,
)
from shared.models.base import Language
from shared.utils.errors import InvalidRequest
from shared.utils.problems import problems

bulk_router = APIRouter(
    prefix="/api/v1/listings", tags=["listings"], responses=problems(NotSignedIn, RoleRequired, InvalidRequest)
)


def get_bulk(editor: Editor, session: Session) -> BulkReview:
    return BulkReview(session, editor)


def get_queue(viewer: Viewer, session: Session) -> ReviewQueueReader:
    return ReviewQueueReader(session, viewer)


Bulk = Annotated[BulkReview, Depends(get_bulk)]
Queue = Annotated[ReviewQueueReader, Depends(get_queue)]


@bulk_router.get("/review-queue", responses=problems(InvalidCursor))
async def review_queue(
    _: Viewer,
    queue: Queue,
    language: Annotated[Language | None, Query(description="Only texts in this language.")] = None,
    assignee: Annotated[
        Assignee | None, Query(description="Of products that are assigned to this user, to `me`, or to `none`.")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ReviewQueue:
    """Texts that wait for a reviewer, newest first, and how many of which kind there are."""
    return await queue.page(language=language, assignee=assignee, limit=limit, cursor=cursor)


@bulk_router.post("/approve")
async def approve_listings(_: Editor, body: BulkApprove, bulk: Bulk) -> BulkApproved:
    """Approve all that is checked and fully supported, at most 10,000 texts a call; tell why the others are not."""
    return await bulk.approve(body)


@bulk_router.post("/bulk-undo", responses=problems(BulkNotFound))
async def undo_bulk(_: Editor, body: BulkUndo, bulk: Bulk) -> BulkUndone:
    """Take back a bulk approval; what somebody decided since stays."""
    return await bulk.undo(body.bulk_id)


@bulk_router.post("/check", status_code=202)
async def check_listings(
    _: Editor,
    body: BulkSelection,
    bulk: Bulk,
    ui_language: Annotated[Language, Query(description="Of the reasons.")] = "en",
) -> BulkCheck:
    """Have the worker check what is not checked yet, such as imported texts."""
    return await bulk.check(body, ui_language)
