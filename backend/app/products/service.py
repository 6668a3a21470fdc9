"""The rules of the catalogue: unique SKUs, versions on every change, soft delete with restore."""

import uuid
from decimal import Decimal
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.common.entity_tags import check_if_match
from app.common.paging import Page
from app.enrichment.reading import RunReader
from app.facts.service import FactService
from app.listings.service import ListingService
from app.media.service import MediaService
from app.products.errors import ProductNotFound, SkuTaken
from app.products.merchant_facts import merchant_facts
from app.products.models import Product
from app.products.price import price_of
from app.products.repository import ProductRepository
from app.products.schemas import ProductCreate, ProductListItem, ProductRead, ProductUpdate
from app.sources.service import SourceService
from shared.models.base import now
from shared.models.facts import Fact


def to_read(product: Product) -> ProductRead:
    return ProductRead.model_validate(
        {
            **{name: getattr(product, name) for name in ProductRead.model_fields if name != "price"},
            "price": price_of(product),
        }
    )


def column_values(fields: dict[str, Any]) -> dict[str, Any]:
    """Fields of the contract as columns."""
    values = {name: value for name, value in fields.items() if name not in {"price", "source_urls"}}
    if "price" in fields:
        price = fields["price"]
        values["price_amount"] = Decimal(price["amount"]) if price else None
        values["price_currency"] = price["currency"] if price else None
    return values


class ProductService:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.repository = ProductRepository(session)

    async def create(self, body: ProductCreate) -> ProductRead:
        if await self.repository.sku_is_taken(body.sku):
            raise SkuTaken(f"There already is a product with the SKU {body.sku}.")
        product = Product(**column_values(body.model_dump()))
        self.repository.add(product)
        await self._flush(body.sku)
        sources = SourceService(self.session)
        for url in dict.fromkeys(body.source_urls):
            await sources.add(product.id, url)
        await self.session.refresh(product)
        return to_read(product)

    async def get(self, product_id: uuid.UUID) -> ProductRead:
        return to_read(await self.require(product_id))

    async def get_by_sku(self, sku: str) -> ProductRead:
        product = await self.repository.find_by_sku(sku)
        if product is None:
            raise ProductNotFound(f"There is no product with the SKU {sku}.")
        return to_read(product)

    async def require(self, product_id: uuid.UUID, *, lock: bool = False) -> Product:
        product = await self.repository.find(product_id, lock=lock)
        if product is None:
            raise ProductNotFound("There is no such product, or it was deleted.")
        return product

    async def merchant_facts(self, product_id: uuid.UUID) -> list[Fact]:
        return merchant_facts(await self.require(product_id))

    async def update(self, product_id: uuid.UUID, body: ProductUpdate, if_match: str | None) -> ProductRead:
        product = await self.require(product_id, lock=True)
        check_if_match(if_match, product.version)
        changes = column_values(body.model_dump(exclude_unset=True))
        for required in ("sku", "name", "attributes", "keywords", "languages"):
            if changes.get(required, ...) is None:
                del changes[required]
        if "sku" in changes and await self.repository.sku_is_taken(changes["sku"], product.id):
            raise SkuTaken(f"There already is a product with the SKU {changes['sku']}.")
        for name, value in changes.items():
            setattr(product, name, value)
        product.version += 1
        await self._flush(product.sku)
        await self.session.refresh(product)
        return to_read(product)

    async def delete(self, product_id: uuid.UUID, if_match: str | None) -> None:
        product = await self.require(product_id, lock=True)
        check_if_match(if_match, product.version)
        product.deleted_at = now()
        product.version += 1

    async def restore(self, product_id: uuid.UUID) -> ProductRead:
        product = await self.repository.find(product_id, deleted=True, lock=True)
        if product is None:
            raise ProductNotFound("There is no such product.")
        if product.deleted_at is not None:
            if await self.repository.sku_is_taken(product.sku, product.id):
                raise SkuTaken(f"Meanwhile another product took the SKU {product.sku}.")
            product.deleted_at = None
            product.version += 1
            await self._flush(product.sku)
            await self.session.refresh(product)
        return to_read(product)

    async def enrichment_ended(self, product_id: uuid.UUID, status: str) -> None:
        """Also for a product that was deleted meanwhile: it may be restored."""
        product = await self.repository.find(product_id, deleted=True, lock=True)
        if product is not None and product.status == "enriching":
            product.status = status

    async def list(
        self, *, search: str | None, status: str | None, limit: int, cursor: str | None
    ) -> Page[ProductListItem]:
        rows, following, total = await self.repository.page(search=search, status=status, limit=limit, cursor=cursor)
        identifiers = [row.id for row in rows]
        images = await MediaService.reader(self.session).first_images(identifiers)
        sources = await SourceService(self.session).counts(identifiers)
        conflicts = await FactService(self.session).conflict_counts(identifiers)
        languages = await ListingService(self.session).languages(identifiers)
        runs = await RunReader(self.session).newest(identifiers)
        items = []
        for row in rows:
            image, image_count = images.get(row.id, (None, 0))
            items.append(
                ProductListItem(
                    **to_read(row).model_dump(),
                    image=image,
                    image_count=image_count,
                    source_count=sources.get(row.id, 0),
                    conflict_count=conflicts.get(row.id, 0),
                    listing_languages=languages.get(row.id, []),
                    run=runs.get(row.id),
                )
            )
        return Page(items=items, next_cursor=following, total=total)

    async def _flush(self, sku: str) -> None:
        """The unique index has the last word when two requests take one SKU at once."""
        try:
            await self.session.flush()
        except IntegrityError as error:
            if "uq_products_sku_living" in str(error.orig):
                raise SkuTaken(f"There already is a product with the SKU {sku}.") from None
            raise
