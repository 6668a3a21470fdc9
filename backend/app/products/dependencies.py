"""For the routes below one product: it must exist."""

from fastapi import Depends

from app.common.identifiers import RowId
from app.database import Session
from app.products.service import ProductService


async def existing_product(product_id: RowId, session: Session) -> None:
    await ProductService(session).require(product_id)


ExistingProduct = Depends(existing_product)
