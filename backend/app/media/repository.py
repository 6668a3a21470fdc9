import uuid
from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.media.models import FormerProductImage, MediaSigningKey, Medium, MediumUpload, ProductImage
from shared.models.describe import ImageInfo

ImageWithMedium = tuple[ProductImage, Medium]


class MediaRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def touch_upload(self, upload_sha256: str) -> str | None:
        """The stored file that these bytes became before, kept from being collected for the grace time."""
        return await self.session.scalar(
            update(Medium)
            .where(Medium.sha256 == MediumUpload.medium_sha256, MediumUpload.sha256 == upload_sha256, Medium.stored)
            .values(touched_at=func.now())
            .returning(Medium.sha256)
        )

    async def touch(self, hashes: Sequence[str]) -> set[str]:
        """Those of the files that are there; they stay until the transaction ends, and for the grace time after."""
        # In one order, so that two transactions never wait for each other.
        locked = select(Medium.sha256).where(Medium.sha256.in_(hashes), Medium.stored).order_by(Medium.sha256)
        there = (await self.session.scalars(locked.with_for_update(key_share=True))).all()
        touched = update(Medium).where(Medium.sha256.in_(there)).values(touched_at=func.now())
        await self.session.execute(touched)
        return set(there)

    async def reserve(self, info: ImageInfo, total_bytes: int) -> bool:
        """Make the row of a file that is about to be written; whether the file is there already."""
        values = {
            "width": info.width,
            "height": info.height,
            "format": info.format,
            "size_bytes": info.bytes,
            "total_bytes": total_bytes,
        }
        statement = (
            insert(Medium)
            .values(sha256=info.sha256, **values)
            .on_conflict_do_update(index_elements=[Medium.sha256], set_={**values, "touched_at": func.now()})
            .returning(Medium.stored)
        )
        return bool(await self.session.scalar(statement))

    async def confirm(self, sha256: str, upload_sha256: str) -> None:
        await self.session.execute(
            update(Medium).where(Medium.sha256 == sha256).values(stored=True, touched_at=func.now())
        )
        statement = insert(MediumUpload).values(sha256=upload_sha256, medium_sha256=sha256)
        await self.session.execute(
            statement.on_conflict_do_update(
                index_elements=[MediumUpload.sha256], set_={"medium_sha256": statement.excluded.medium_sha256}
            )
        )

    async def medium(self, sha256: str) -> Medium | None:
        return await self.session.get(Medium, sha256)

    async def signing_key(self) -> bytes:
        return (await self.session.scalars(select(MediaSigningKey.key))).one()

    def add(self, image: ProductImage) -> None:
        self.session.add(image)

    async def next_position(self, product_id: uuid.UUID) -> int:
        last = await self.session.scalar(
            select(func.max(ProductImage.position)).where(ProductImage.product_id == product_id)
        )
        return 0 if last is None else last + 1

    async def with_content(self, product_id: uuid.UUID, sha256: str) -> ProductImage | None:
        return await self.session.scalar(
            select(ProductImage).where(ProductImage.product_id == product_id, ProductImage.sha256 == sha256)
        )

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
        former = insert(FormerProductImage).values(product_id=image.product_id, sha256=image.sha256)
        await self.session.execute(former.on_conflict_do_nothing())
        await self.session.delete(image)
