from typing import Annotated

from fastapi import APIRouter, Depends, Path

from app.auth.dependencies import Editor, Viewer
from app.auth.errors import NotSignedIn, RoleRequired
from app.common.identifiers import RowId
from app.database import Session
from app.products.dependencies import ExistingProduct
from app.products.errors import ProductNotFound
from app.sources.errors import SnapshotNotFound, SourceAlreadyThere, SourceNotFound
from app.sources.schemas import SnapshotRead, SourceCreate, SourceRead
from app.sources.service import SourceService
from shared.utils.errors import InvalidRequest
from shared.utils.problems import problems

router = APIRouter(
    prefix="/api/v1/products/{product_id}/sources",
    tags=["sources"],
    responses=problems(NotSignedIn, RoleRequired, ProductNotFound, InvalidRequest),
)
snapshots_router = APIRouter(
    prefix="/api/v1/snapshots", tags=["sources"], responses=problems(NotSignedIn, RoleRequired, InvalidRequest)
)


def get_service(session: Session) -> SourceService:
    return SourceService(session)


Sources = Annotated[SourceService, Depends(get_service)]


@router.get("", dependencies=[ExistingProduct])
async def list_sources(_: Viewer, product_id: RowId, sources: Sources) -> list[SourceRead]:
    """The product's source pages, and how reading them went."""
    return await sources.of_product(product_id)


@router.post("", status_code=201, dependencies=[ExistingProduct], responses=problems(SourceAlreadyThere))
async def add_source(_: Editor, product_id: RowId, body: SourceCreate, sources: Sources) -> SourceRead:
    """Name a page that describes the product; the next run reads it."""
    return await sources.add(product_id, body.url)


@router.delete("/{source_id}", status_code=204, responses=problems(SourceNotFound))
async def delete_source(_: Editor, product_id: RowId, source_id: RowId, sources: Sources) -> None:
    """Take the page off the product, with the facts that were read from it."""
    await sources.delete(product_id, source_id)


@snapshots_router.get("/{sha256}", responses=problems(SnapshotNotFound))
async def get_snapshot(
    _: Viewer, sha256: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")], sources: Sources
) -> SnapshotRead:
    """A page's plain text as it was read; locators of facts refer to it."""
    return await sources.snapshot(sha256)
