"""Photos of products: checked and rendered before anything is stored, deduplicated by hash."""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.facts.service import FactService
from app.media.errors import ImageAlreadyThere, ImageNotFound, MediumNotFound
from app.media.models import Medium, ProductImage
from app.media.renditions import SIZES, make_renditions
from app.media.repository import MediaRepository
from app.media.schemas import ImageRead, ImageUpdate, ImageUrls
from app.media.storage import LocalStorage
from shared.models.describe import ImageInfo

CONTENT_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
    "HEIC": "image/heic",
    "GIF": "image/gif",
}
MAX_FILE_NAME = 255
ALREADY_THERE = "These very bytes are already among the product's images."
# Decoding a 50-megapixel image takes 150 MB; more than two at a time would be a way to exhaust memory.
DECODING = asyncio.Semaphore(2)


def rendition_name(sha256: str, size: int) -> str:
    return f"{sha256}-{size}.webp"


def image_read(image: ProductImage, medium: Medium) -> ImageRead:
    base = f"/media/{image.sha256}"
    return ImageRead(
        id=image.id,
        sha256=image.sha256,
        position=image.position,
        alt=image.alt,
        file_name=image.file_name,
        width=medium.width,
        height=medium.height,
        urls=ImageUrls(
            original=f"{base}/original", small=f"{base}/320.webp", medium=f"{base}/800.webp", large=f"{base}/1600.webp"
        ),
    )


@dataclass(frozen=True, slots=True)
class UploadedImage:
    """The bytes as they came, what they are, and WebP renditions by longest side."""

    content: bytes
    info: ImageInfo
    renditions: dict[int, bytes]


class MediaService:
    def __init__(self, session: AsyncSession, storage: LocalStorage | None) -> None:
        self.session = session
        self.repository = MediaRepository(session)
        self._storage = storage

    @classmethod
    def reader(cls, session: AsyncSession) -> Self:
        """For those who only ask which images there are, and need no files."""
        return cls(session, None)

    @property
    def storage(self) -> LocalStorage:
        assert self._storage is not None, "made by reader(), which has no files"
        return self._storage

    async def decode(self, content: bytes) -> UploadedImage:
        """Check and render an upload; touches neither the database nor the files. Raises ImageError."""
        async with DECODING:
            info, renditions = await asyncio.to_thread(make_renditions, content)
        return UploadedImage(content, info, renditions)

    async def add(self, product_id: uuid.UUID, uploaded: UploadedImage, file_name: str) -> ImageRead:
        """Files first, then the rows: a crash in between leaves an orphan file, never a row without its file."""
        info = uploaded.info
        if await self.repository.has(product_id, info.sha256):
            raise ImageAlreadyThere(ALREADY_THERE)
        await asyncio.to_thread(self.storage.write, info.sha256, uploaded.content)
        for size, rendition in uploaded.renditions.items():
            await asyncio.to_thread(self.storage.write, rendition_name(info.sha256, size), rendition)
        await self.repository.keep_medium(info)
        image = ProductImage(
            product_id=product_id,
            sha256=info.sha256,
            position=await self.repository.next_position(product_id),
            alt="",
            file_name=file_name[-MAX_FILE_NAME:],
        )
        self.repository.add(image)
        try:
            await self.session.flush()
        except IntegrityError as error:
            # The same bytes came in twice at once.
            if "uq_product_images_content" in str(error.orig):
                raise ImageAlreadyThere(ALREADY_THERE) from None
            raise
        medium = await self.repository.medium(info.sha256)
        assert medium is not None
        return image_read(image, medium)

    async def of_product(self, product_id: uuid.UUID) -> list[ImageRead]:
        return [image_read(image, medium) for image, medium in await self.repository.of_products([product_id])]

    async def first_images(self, product_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[ImageRead, int]]:
        """For each product its first image and how many there are."""
        found: dict[uuid.UUID, tuple[ImageRead, int]] = {}
        for image, medium in await self.repository.of_products(product_ids):
            first, count = found.get(image.product_id, (image_read(image, medium), 0))
            found[image.product_id] = (first, count + 1)
        return found

    async def update(self, product_id: uuid.UUID, image_id: uuid.UUID, body: ImageUpdate) -> ImageRead:
        image = await self._require(product_id, image_id)
        if body.alt is not None:
            image.alt = body.alt
        if body.position is not None:
            others = [row for row, _ in await self.repository.of_products([product_id]) if row.id != image_id]
            others.insert(max(0, min(body.position, len(others))), image)
            for position, row in enumerate(others):
                row.position = position
        medium = await self.repository.medium(image.sha256)
        assert medium is not None
        return image_read(image, medium)

    async def delete(self, product_id: uuid.UUID, image_id: uuid.UUID) -> None:
        """The image leaves the product, with the facts that were read from it; the file stays for old versions."""
        image = await self._require(product_id, image_id, lock=True)
        await FactService(self.session).forget(product_id, f"describe:{image_id}")
        await self.repository.delete(image)

    async def hold(self, product_id: uuid.UUID, image_id: uuid.UUID) -> None:
        """Keep the image from being deleted until the transaction ends. Raises ImageNotFound."""
        await self._require(product_id, image_id, lock=True)

    async def _require(self, product_id: uuid.UUID, image_id: uuid.UUID, *, lock: bool = False) -> ProductImage:
        image = await self.repository.find(product_id, image_id, lock=lock)
        if image is None:
            raise ImageNotFound("The product has no such image.")
        return image

    async def original(self, sha256: str) -> tuple[bytes, str]:
        """The bytes as they were uploaded, and their content type."""
        medium = await self.repository.medium(sha256)
        if medium is None:
            raise MediumNotFound("There is no such file.")
        return await self._read(sha256), CONTENT_TYPES.get(medium.format, "application/octet-stream")

    async def rendition(self, sha256: str, size: int) -> bytes:
        if size not in SIZES:
            raise MediumNotFound(f"Renditions have {', '.join(map(str, SIZES))} pixels.")
        return await self._read(rendition_name(sha256, size))

    async def _read(self, name: str) -> bytes:
        try:
            return await asyncio.to_thread(self.storage.read, name)
        except FileNotFoundError:
            raise MediumNotFound("There is no such file.") from None
