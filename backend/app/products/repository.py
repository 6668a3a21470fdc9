import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.products.models import Product
from app.products.skus import SEPARATORS, squeezed

HIERARCHY_LOCK = 7_203_141_593


class ProductRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def add(self, product: Product) -> None:
        self.session.add(product)

    async def find(self, product_id: uuid.UUID, *, deleted: bool = False, lock: bool = False) -> Product | None:
        query = select(Product).where(Product.id == product_id)
        if not deleted:
            query = query.where(Product.deleted_at.is_(None))
        return await self.session.scalar(query.with_for_update() if lock else query)

    async def sku_is_taken(self, sku: str, except_id: uuid.UUID | None = None) -> bool:
        query = select(Product.id).where(Product.sku == sku, Product.deleted_at.is_(None))
        if except_id is not None:
            query = query.where(Product.id != except_id)
        return await self.session.scalar(query) is not None

    async def find_by_sku(self, sku: str) -> Product | None:
        return await self.session.scalar(select(Product).where(Product.sku == sku, Product.deleted_at.is_(None)))

    async def count(self) -> int:
        return await self.session.scalar(select(func.count()).where(Product.deleted_at.is_(None))) or 0

    async def lock_hierarchy(self) -> None:
        """Who changes parents and variants does so alone, before any row lock: their order could not be kept else."""
        await self.session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": HIERARCHY_LOCK})

    async def variants(self, parent_id: uuid.UUID, *, limit: int | None = None) -> Sequence[Product]:
        query = select(Product).where(Product.parent_id == parent_id, Product.deleted_at.is_(None)).order_by(Product.id)
        return (await self.session.scalars(query.limit(limit))).all()

    async def all_variants(self, parent_id: uuid.UUID) -> Sequence[Product]:
        """Also those that are deleted, locked."""
        query = select(Product).where(Product.parent_id == parent_id).order_by(Product.id).with_for_update()
        return (await self.session.scalars(query)).all()

    async def deleted_together(self, parent_id: uuid.UUID, at: datetime) -> Sequence[Product]:
        """The variants that went with their parent, locked."""
        query = select(Product).where(Product.parent_id == parent_id, Product.deleted_at == at).order_by(Product.id)
        return (await self.session.scalars(query.with_for_update())).all()

    async def delete_variants(self, parent_id: uuid.UUID, at: datetime) -> None:
        await self.session.execute(
            update(Product)
            .where(Product.parent_id == parent_id, Product.deleted_at.is_(None))
            .values(deleted_at=at, version=Product.version + 1)
            .execution_options(synchronize_session=False)
        )

    async def with_similar_skus(self, skus: Sequence[str]) -> Sequence[tuple[uuid.UUID, str]]:
        statement = text(
            "SELECT id, sku FROM products WHERE deleted_at IS NULL AND "
            "(sku = ANY(:skus) OR regexp_replace(lower(sku), :separators, '', 'g') = ANY(:squeezed)) ORDER BY id"
        )
        parameters = {
            "skus": list(skus),
            "separators": SEPARATORS,
            "squeezed": sorted({squeezed(sku) for sku in skus} - {""}),
        }
        return [(row.id, row.sku) for row in await self.session.execute(statement, parameters)]
