"""The rules of the catalogue: unique SKUs, variants, versions on every change, soft delete with restore."""

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.common.entity_tags import check_if_match
from app.products.errors import AssigneeUnknown, ParentDeleted, ProductNotFound, SkuTaken, StatusNotAllowed
from app.products.merchant_facts import merchant_facts
from app.products.models import Product
from app.products.price import price_of
from app.products.repository import ProductRepository
from app.products.schemas import ProductCreate, ProductRead, ProductUpdate
from app.products.variants import MAX_VARIANTS, PLACE, VariantRules
from app.settings_store.service import SettingsService
from app.sources.service import SourceService
from shared.models.base import now
from shared.models.facts import Fact
from shared.models.problems import InvalidField

# Fields that are never null: an update that sends null for one of them leaves it as it is.
REQUIRED = frozenset(
    {"sku", "name", "status", "attributes", "keywords", "tags", "languages", "option_names", "options"}
)


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
    for name in ("brand", "category"):
        if values.get(name) == "":
            values[name] = None
    if "price" in fields:
        price = fields["price"]
        values["price_amount"] = Decimal(price["amount"]) if price else None
        values["price_currency"] = price["currency"] if price else None
    return values


class ProductService:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.repository = ProductRepository(session)
        self.variant_rules = VariantRules(self.repository)

    async def create(self, body: ProductCreate) -> ProductRead:
        if await self.repository.sku_is_taken(body.sku):
            raise SkuTaken(f"There already is a product with the SKU {body.sku}.")
        values = column_values(body.model_dump())
        if "languages" not in body.model_fields_set:
            values["languages"] = (await SettingsService(self.session).languages()).languages
        product = Product(**values)
        if product.parent_id is not None:
            await self.repository.lock_hierarchy()
        await self.variant_rules.place(product)
        self.repository.add(product)
        await self._flush(product.sku)
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

    async def variants(self, product_id: uuid.UUID) -> list[ProductRead]:
        await self.require(product_id)
        return [to_read(product) for product in await self.repository.variants(product_id, limit=MAX_VARIANTS)]

    async def update(self, product_id: uuid.UUID, body: ProductUpdate, if_match: str | None) -> ProductRead:
        changes = column_values(body.model_dump(exclude_unset=True))
        moves = bool(PLACE & changes.keys())
        if moves:
            await self.repository.lock_hierarchy()
        product = await self.require(product_id, lock=True)
        check_if_match(if_match, product.version)
        changes = {name: value for name, value in changes.items() if value is not None or name not in REQUIRED}
        if "sku" in changes and await self.repository.sku_is_taken(changes["sku"], product.id):
            raise SkuTaken(f"There already is a product with the SKU {changes['sku']}.")
        if "status" in changes and product.status == "enriching":
            raise StatusNotAllowed("It is being enriched; its status follows from that. Wait, or cancel the run.")
        if changes.get("parent_id", ...) is None:
            changes.setdefault("options", [])
        names = changes.pop("option_names", product.option_names)
        with self.session.no_autoflush:
            if names != product.option_names:
                await self.variant_rules.name_options(product, names)
            for name, value in changes.items():
                setattr(product, name, value)
            if moves:
                await self.variant_rules.place(product)
        product.version += 1
        await self._flush(product.sku)
        await self.session.refresh(product)
        return to_read(product)

    async def delete(self, product_id: uuid.UUID, if_match: str | None) -> None:
        """Its variants go with it, and come back with it."""
        await self.repository.lock_hierarchy()
        product = await self.require(product_id, lock=True)
        check_if_match(if_match, product.version)
        product.deleted_at = now()
        product.version += 1
        await self.repository.delete_variants(product.id, product.deleted_at)

    async def restore(self, product_id: uuid.UUID) -> ProductRead:
        await self.repository.lock_hierarchy()
        product = await self.repository.find(product_id, deleted=True, lock=True)
        if product is None:
            raise ProductNotFound("There is no such product.")
        if product.deleted_at is not None:
            together = await self.repository.deleted_together(product.id, product.deleted_at)
            for each in (product, *together):
                if await self.repository.sku_is_taken(each.sku, each.id):
                    raise SkuTaken(f"Meanwhile another product took the SKU {each.sku}.")
            await self.variant_rules.place(product)
            for each in (product, *together):
                each.deleted_at = None
                each.version += 1
            await self._flush(product.sku)
            await self.session.refresh(product)
        return to_read(product)

    async def enrichment_ended(self, product_id: uuid.UUID, status: str) -> None:
        """Also for a product that was deleted meanwhile: it may be restored."""
        product = await self.repository.find(product_id, deleted=True, lock=True)
        if product is not None and product.status == "enriching":
            product.status = status

    async def listing_reviewed(self, product_id: uuid.UUID, status: Literal["needs_review", "approved"]) -> None:
        """What reviewing the listings came to; a run that is under way says so itself at its end."""
        product = await self.repository.find(product_id, deleted=True, lock=True)
        if product is not None and product.status != "enriching":
            product.status = status

    async def _flush(self, sku: str) -> None:
        """The database has the last word when two requests take one SKU at once, or a user is gone."""
        try:
            await self.session.flush()
        except IntegrityError as error:
            if "uq_products_sku_living" in str(error.orig):
                raise SkuTaken(f"There already is a product with the SKU {sku}.") from None
            if "fk_products_assignee_id_users" in str(error.orig):
                detail = "The product can be assigned to an existing user only."
                raise AssigneeUnknown(detail, errors=[InvalidField(detail=detail, pointer="#/assignee_id")]) from None
            if "fk_products_parent_id_products" in str(error.orig):
                raise ParentDeleted("The parent is gone; choose another one.") from None
            raise

    async def with_similar_skus(self, skus: Sequence[str]) -> Sequence[tuple[uuid.UUID, str]]:
        """Ids and SKUs of products whose SKU is one of these, but for upper and lower case and separators."""
        return await self.repository.with_similar_skus(skus)
