import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.common.paging import InvalidCursor, bounded_total, decode_cursor, encode_cursor
from app.products.models import Product


def like_pattern(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


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

    async def page(
        self, *, search: str | None, status: str | None, limit: int, cursor: str | None
    ) -> tuple[Sequence[Product], str | None, int | None]:
        query: Select[Any] = select(Product).where(Product.deleted_at.is_(None))
        if status is not None:
            query = query.where(Product.status == status)
        if search:
            pattern = like_pattern(search)
            columns = (Product.name, Product.sku, Product.brand, Product.gtin)
            query = query.where(or_(*(column.ilike(pattern, escape="\\") for column in columns)))
        total = await bounded_total(self.session, query)
        if cursor is not None:
            created, identifier = decode_cursor(cursor, 2)
            query = query.where(tuple_(Product.created_at, Product.id) < cursor_position(created, identifier))
        rows = (
            await self.session.scalars(query.order_by(Product.created_at.desc(), Product.id.desc()).limit(limit + 1))
        ).all()
        following = encode_cursor(rows[limit - 1].created_at, rows[limit - 1].id) if len(rows) > limit else None
        return rows[:limit], following, total

    async def count(self) -> int:
        return await self.session.scalar(select(func.count()).where(Product.deleted_at.is_(None))) or 0


def cursor_position(created: object, identifier: object) -> Any:
    try:
        return tuple_(datetime.fromisoformat(str(created)), uuid.UUID(str(identifier)))
    except ValueError:
        raise InvalidCursor("Use next_cursor as it was given.") from None
