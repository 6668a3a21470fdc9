"""For the routes below one product: it must exist, and only who is signed in learns whether it does."""

from fastapi import Depends

from app.auth.dependencies import Viewer
from app.common.identifiers import RowId
from app.database import Session
from app.products.service import ProductService


async def existing_product(_: Viewer, product_id: RowId, session: Session) -> None:
    await ProductService(session).require(product_id)


ExistingProduct = Depends(existing_product)
