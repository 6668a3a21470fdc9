from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.auth.dependencies import Editor, Viewer
from app.auth.errors import NotSignedIn, RoleRequired
from app.common.entity_tags import IfMatch, PreconditionFailed, PreconditionRequired, entity_tag
from app.common.identifiers import RowId
from app.common.paging import Cursor, InvalidCursor, Limit, Page
from app.database import Session
from app.products.errors import ProductNotFound, SkuTaken
from app.products.schemas import ProductCreate, ProductListItem, ProductRead, ProductStatus, ProductUpdate
from app.products.service import ProductService
from shared.utils.errors import InvalidRequest
from shared.utils.problems import problems

router = APIRouter(
    prefix="/api/v1/products", tags=["products"], responses=problems(NotSignedIn, RoleRequired, InvalidRequest)
)


def get_service(session: Session) -> ProductService:
    return ProductService(session)


Products = Annotated[ProductService, Depends(get_service)]


@router.get("", responses=problems(InvalidCursor))
async def list_products(
    _: Viewer,
    products: Products,
    search: Annotated[str | None, Query(max_length=200, description="Any part of name, SKU, brand or GTIN.")] = None,
    status: ProductStatus | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ProductListItem]:
    """List products, newest first."""
    return await products.list(search=search, status=status, limit=limit, cursor=cursor)


@router.post("", status_code=201, responses=problems(SkuTaken))
async def create_product(_: Editor, body: ProductCreate, products: Products, response: Response) -> ProductRead:
    """Create a product."""
    product = await products.create(body)
    response.headers["ETag"] = entity_tag(product.version)
    response.headers["Location"] = f"/api/v1/products/{product.id}"
    return product


@router.get("/by-sku/{sku:path}", responses=problems(ProductNotFound))
async def get_product_by_sku(_: Viewer, sku: str, products: Products, response: Response) -> ProductRead:
    """Return the product that has this very SKU."""
    product = await products.get_by_sku(sku)
    response.headers["ETag"] = entity_tag(product.version)
    return product


@router.get("/{product_id}", responses=problems(ProductNotFound))
async def get_product(_: Viewer, product_id: RowId, products: Products, response: Response) -> ProductRead:
    """Return one product."""
    product = await products.get(product_id)
    response.headers["ETag"] = entity_tag(product.version)
    return product


@router.patch("/{product_id}", responses=problems(ProductNotFound, SkuTaken, PreconditionFailed, PreconditionRequired))
async def update_product(
    _: Editor, product_id: RowId, body: ProductUpdate, products: Products, response: Response, if_match: IfMatch = None
) -> ProductRead:
    """Change what is sent, and nothing else."""
    product = await products.update(product_id, body, if_match)
    response.headers["ETag"] = entity_tag(product.version)
    return product


@router.delete(
    "/{product_id}", status_code=204, responses=problems(ProductNotFound, PreconditionFailed, PreconditionRequired)
)
async def delete_product(_: Editor, product_id: RowId, products: Products, if_match: IfMatch = None) -> None:
    """Delete a product; it can be restored."""
    await products.delete(product_id, if_match)


@router.post("/{product_id}/restore", responses=problems(ProductNotFound, SkuTaken))
async def restore_product(_: Editor, product_id: RowId, products: Products, response: Response) -> ProductRead:
    """Bring a deleted product back, with all that belongs to it."""
    product = await products.restore(product_id)
    response.headers["ETag"] = entity_tag(product.version)
    return product
