from typing import Annotated

from fastapi import APIRouter, Depends

from app.auth.dependencies import Viewer
from app.auth.errors import NotSignedIn, RoleRequired
from app.common.identifiers import RowId
from app.database import Session
from app.facts.schemas import ConflictRead, MergedFactRead
from app.facts.service import FactService
from app.products.dependencies import ExistingProduct
from app.products.errors import ProductNotFound
from shared.utils.errors import InvalidRequest
from shared.utils.problems import problems

router = APIRouter(
    prefix="/api/v1/products/{product_id}",
    tags=["facts"],
    responses=problems(NotSignedIn, RoleRequired, ProductNotFound, InvalidRequest),
)


def get_service(session: Session) -> FactService:
    return FactService(session)


Facts = Annotated[FactService, Depends(get_service)]


@router.get("/facts", dependencies=[ExistingProduct])
async def list_facts(_: Viewer, product_id: RowId, facts: Facts) -> list[MergedFactRead]:
    """What is known about the product, each fact with every place that says so."""
    return await facts.merged(product_id)


@router.get("/conflicts", dependencies=[ExistingProduct])
async def list_conflicts(_: Viewer, product_id: RowId, facts: Facts) -> list[ConflictRead]:
    """Where sources disagree."""
    return await facts.conflicts(product_id)
