import uuid
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.media.models import Medium, ProductImage
from shared.models.describe import ImageInfo

ImageWithMedium = tuple[ProductImage, Medium]


class MediaRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def keep_medium(self, info: ImageInfo) -> None:
        await self.session.execute(
            insert(Medium)
            .values(sha256=info.sha256, width=info.width, height=info.height, format=info.format, size_bytes=info.bytes)
            .on_conflict_do_nothing()
        )

    async def medium(self, sha256: str) -> Medium | None:
        return await self.session.get(Medium, sha256)

    def add(self, image: ProductImage) -> None:
        self.session.add(image)

    async def next_position(self, product_id: uuid.UUID) -> int:
        last = await self.session.scalar(
            select(func.max(ProductImage.position)).where(ProductImage.product_id == product_id)
        )
        return 0 if last is None else last + 1

    async def has(self, product_id: uuid.UUID, sha256: str) -> bool:
        found = await self.session.scalar(
            select(ProductImage.id).where(ProductImage.product_id == product_id, ProductImage.sha256 == sha256)
        )
        return found is not None

    async def find(self, product_id: uuid.UUID, image_id: uuid.UUID, *, lock: bool = False) -> ProductImage | None:
        query = select(ProductImage).where(ProductImage.product_id == product_id, ProductImage.id == image_id)
        return await self.session.scalar(query.with_for_update() if lock else query)

    async def of_products(self, product_ids: Sequence[uuid.UUID]) -> Sequence[ImageWithMedium]:
        rows = await self.session.execute(
            select(ProductImage, Medium)
            .join(Medium, Medium.sha256 == ProductImage.sha256)
            .where(ProductImage.product_id.in_(product_ids))
            .order_by(ProductImage.product_id, ProductImage.position, ProductImage.id)
        )
        return [(image, medium) for image, medium in rows]

    async def delete(self, image: ProductImage) -> None:
        await self.session.delete(image)
