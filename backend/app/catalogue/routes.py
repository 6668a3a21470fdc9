from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.auth.dependencies import Editor, Viewer
from app.auth.errors import NotSignedIn, RoleRequired
from app.catalogue.schemas import BulkEditRequest, CatalogueFilter, Facets, ProductListItem, ProductPage, Sort
from app.catalogue.service import CatalogueService
from app.catalogue.sorting import Cursor
from app.common.entity_tags import entity_tag
from app.common.identifiers import RowId
from app.common.paging import InvalidCursor, Limit
from app.database import Session
from app.products.bulk_schemas import BulkOutcome
from app.products.errors import AssigneeUnknown, BulkEditNotFound, BulkEditTooLarge, ProductNotFound, SkuTaken
from shared.utils.errors import InvalidRequest
from shared.utils.problems import problems

router = APIRouter(
    prefix="/api/v1/products", tags=["products"], responses=problems(NotSignedIn, RoleRequired, InvalidRequest)
)


def get_service(principal: Viewer, session: Session) -> CatalogueService:
    return CatalogueService(session, principal.id)


Catalogue = Annotated[CatalogueService, Depends(get_service)]


class PageQuery(CatalogueFilter):
    """A filter, an order and a place in it."""

    sort: Sort = "-created_at"
    limit: Limit = 50
    cursor: Cursor = None


def json_response(content: str, **headers: str) -> Response:
    """The database has made the JSON, and `response_model` only documents it."""
    return Response(content, media_type="application/json", headers=headers)


@router.get("", response_model=ProductPage, responses=problems(InvalidCursor))
async def list_products(_: Viewer, asked: Annotated[PageQuery, Query()], catalogue: Catalogue) -> Response:
    """List products: newest first, or as `sort` says. What has no price comes last in either direction."""
    return json_response(await catalogue.page(asked, asked.sort, asked.cursor, asked.limit))


@router.get("/facets")
async def count_facets(_: Viewer, asked: Annotated[CatalogueFilter, Query()], catalogue: Catalogue) -> Facets:
    """How many of the matching products have each status, category, brand and tag."""
    return await catalogue.facets(asked)


@router.post("/bulk", responses=problems(InvalidRequest, AssigneeUnknown, BulkEditTooLarge, SkuTaken))
async def edit_products(_: Editor, body: BulkEditRequest, catalogue: Catalogue) -> BulkOutcome:
    """Change, delete or restore many products at once. It needs no If-Match, and can be undone."""
    return await catalogue.bulk_edit(body)


@router.post("/bulk/{bulk_edit_id}/undo", responses=problems(BulkEditNotFound, SkuTaken))
async def undo_bulk_edit(_: Editor, bulk_edit_id: RowId, catalogue: Catalogue) -> BulkOutcome:
    """Give the products of a bulk edit back what they had, but for those that were changed since. Works once."""
    return await catalogue.undo_bulk_edit(bulk_edit_id)


@router.get("/by-sku/{sku:path}", response_model=ProductListItem, responses=problems(ProductNotFound))
async def get_product_by_sku(_: Viewer, sku: str, catalogue: Catalogue) -> Response:
    """Return the product that has this very SKU."""
    version, content = await catalogue.item_by_sku(sku)
    return json_response(content, ETag=entity_tag(version))


@router.get("/{product_id}", response_model=ProductListItem, responses=problems(ProductNotFound))
async def get_product(_: Viewer, product_id: RowId, catalogue: Catalogue) -> Response:
    """Return one product."""
    version, content = await catalogue.item(product_id)
    return json_response(content, ETag=entity_tag(version))
