from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.auth.dependencies import Viewer
from app.auth.errors import NotSignedIn, RoleRequired
from app.common.identifiers import RowId
from app.database import Session
from app.listings.schemas import ListingRead
from app.listings.service import ListingService
from app.products.dependencies import ExistingProduct
from app.products.errors import ProductNotFound
from shared.utils.errors import InvalidRequest
from shared.utils.problems import problems

router = APIRouter(
    prefix="/api/v1/products/{product_id}/listings",
    tags=["listings"],
    responses=problems(NotSignedIn, RoleRequired, ProductNotFound, InvalidRequest),
)


def get_service(session: Session) -> ListingService:
    return ListingService(session)


Listings = Annotated[ListingService, Depends(get_service)]


@router.get("", dependencies=[ExistingProduct])
async def list_listings(
    _: Viewer,
    product_id: RowId,
    listings: Listings,
    all_versions: Annotated[bool, Query(description="Also older versions, newest first.")] = False,
) -> list[ListingRead]:
    """The product's listings, one for each language, with the facts that their claims cite."""
    return await (listings.versions(product_id) if all_versions else listings.current(product_id))
