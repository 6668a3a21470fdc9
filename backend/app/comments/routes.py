from typing import Annotated

from fastapi import APIRouter, Depends

from app.auth.dependencies import Editor, Viewer
from app.auth.errors import NotSignedIn, RoleRequired
from app.comments.errors import CommentNotFound, NotYourComment
from app.comments.schemas import CommentRead, CommentWrite
from app.comments.service import CommentService
from app.common.identifiers import RowId
from app.common.paging import Cursor, InvalidCursor, Limit, Page
from app.database import Session
from app.products.dependencies import ExistingProduct
from app.products.errors import ProductNotFound
from shared.utils.errors import InvalidRequest
from shared.utils.problems import problems

router = APIRouter(
    prefix="/api/v1/products/{product_id}/comments",
    tags=["comments"],
    responses=problems(NotSignedIn, RoleRequired, ProductNotFound, InvalidRequest),
)


def get_service(principal: Viewer, session: Session) -> CommentService:
    return CommentService(session, principal)


Comments = Annotated[CommentService, Depends(get_service)]


@router.get("", dependencies=[ExistingProduct], responses=problems(InvalidRequest, InvalidCursor))
async def list_comments(
    _: Viewer, product_id: RowId, comments: Comments, limit: Limit = 50, cursor: Cursor = None
) -> Page[CommentRead]:
    """What was said about the product, oldest first."""
    return await comments.page(product_id, limit=limit, cursor=cursor)


@router.post("", status_code=201, dependencies=[ExistingProduct])
async def add_comment(_: Editor, product_id: RowId, body: CommentWrite, comments: Comments) -> CommentRead:
    """Say something about the product."""
    return await comments.add(product_id, body.text)


@router.patch(
    "/{comment_id}",
    dependencies=[ExistingProduct],
    responses=problems(ProductNotFound, CommentNotFound, RoleRequired, NotYourComment),
)
async def edit_comment(
    _: Editor, product_id: RowId, comment_id: RowId, body: CommentWrite, comments: Comments
) -> CommentRead:
    """Change a comment of one's own."""
    return await comments.edit(product_id, comment_id, body.text)


@router.delete(
    "/{comment_id}",
    status_code=204,
    dependencies=[ExistingProduct],
    responses=problems(ProductNotFound, CommentNotFound, RoleRequired, NotYourComment),
)
async def delete_comment(_: Editor, product_id: RowId, comment_id: RowId, comments: Comments) -> None:
    """Delete a comment of one's own; administrators delete any."""
    await comments.delete(product_id, comment_id)
