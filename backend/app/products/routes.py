from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.auth.dependencies import Editor, Viewer
from app.auth.errors import NotSignedIn, RoleRequired
from app.common.entity_tags import IfMatch, PreconditionFailed, PreconditionRequired, entity_tag
from app.common.identifiers import RowId
from app.database import Session
from app.products.errors import (
    AssigneeUnknown,
    ParentDeleted,
    ProductNotFound,
    SkuTaken,
    StatusNotAllowed,
    VariantInvalid,
    VariantTaken,
)
from app.products.schemas import ProductCreate, ProductRead, ProductUpdate
from app.products.service import ProductService
from shared.utils.errors import InvalidRequest
from shared.utils.problems import problems

router = APIRouter(
    prefix="/api/v1/products", tags=["products"], responses=problems(NotSignedIn, RoleRequired, InvalidRequest)
)
# `problems` of a route replace those of the router with the same status, so both are named.
PLACE_PROBLEMS = (InvalidRequest, VariantInvalid, AssigneeUnknown, VariantTaken, ParentDeleted)


def get_service(session: Session) -> ProductService:
    return ProductService(session)


Products = Annotated[ProductService, Depends(get_service)]


@router.post("", status_code=201, responses=problems(SkuTaken, *PLACE_PROBLEMS))
async def create_product(_: Editor, body: ProductCreate, products: Products, response: Response) -> ProductRead:
    """Create a product."""
    product = await products.create(body)
    response.headers["ETag"] = entity_tag(product.version)
    response.headers["Location"] = f"/api/v1/products/{product.id}"
    return product


@router.get("/{product_id}/variants", responses=problems(ProductNotFound))
async def list_variants(_: Viewer, product_id: RowId, products: Products) -> list[ProductRead]:
    """The product's variants, in the order in which they came."""
    return await products.variants(product_id)


@router.patch(
    "/{product_id}",
    responses=problems(
        ProductNotFound, SkuTaken, StatusNotAllowed, *PLACE_PROBLEMS, PreconditionFailed, PreconditionRequired
    ),
)
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
    """Delete a product and its variants; they can be restored together."""
    await products.delete(product_id, if_match)


@router.post(
    "/{product_id}/restore",
    responses=problems(ProductNotFound, SkuTaken, ParentDeleted, VariantTaken, InvalidRequest, VariantInvalid),
)
async def restore_product(_: Editor, product_id: RowId, products: Products, response: Response) -> ProductRead:
    """Bring a deleted product back, with all that belongs to it."""
    product = await products.restore(product_id)
    response.headers["ETag"] = entity_tag(product.version)
    return product
