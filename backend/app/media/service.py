"""Photos of products: which there are, their order and texts. Files come in by MediaKeeper, and are named by hash."""

import uuid
from collections.abc import Sequence
from typing import Self

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.facts.service import FactService
from app.media.downloads.service import DownloadService
from app.media.errors import ImageAlreadyThere, ImageNotFound, MediumNotFound
from app.media.files import CONTENT_TYPES, stored_name
from app.media.models import Medium, ProductImage
from app.media.public_urls import PublicMedia
from app.media.renditions import SIZES
from app.media.repository import MediaRepository
from app.media.schemas import ImageRead, ImageUpdate, ImageUrls
from app.media.storage import Storage, StoredContent, read_whole

MAX_FILE_NAME = 255
MAX_POSITION = 2**31 - 1
ALREADY_THERE = "This very photo is already among the product's images."


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


class MediaService:
    def __init__(self, session: AsyncSession, storage: Storage | None) -> None:
        self.session = session
        self.repository = MediaRepository(session)
        self._storage = storage

    @classmethod
    def reader(cls, session: AsyncSession) -> Self:
        """For those who only ask which images there are, and need no files."""
        return cls(session, None)

    @property
    def storage(self) -> Storage:
        assert self._storage is not None, "made by reader(), which has no files"
        return self._storage

    async def add(
        self, product_id: uuid.UUID, sha256: str, *, file_name: str = "", alt: str = "", position: int | None = None
    ) -> ImageRead:
        """Show a file that MediaKeeper has stored; at the end, unless a position is given."""
        if not await self.repository.touch([sha256]):
            raise MediumNotFound("There is no such file.")
        if await self.repository.with_content(product_id, sha256):
            raise ImageAlreadyThere(ALREADY_THERE)
        image = ProductImage(
            product_id=product_id,
            sha256=sha256,
            position=await self.repository.next_position(product_id) if position is None else position,
            alt=alt,
            file_name=file_name.replace("\x00", "")[-MAX_FILE_NAME:],
        )
        self.repository.add(image)
        try:
            await self.session.flush()
        except IntegrityError as error:
            # The same bytes came in twice at once.
            if "uq_product_images_content" in str(error.orig):
                raise ImageAlreadyThere(ALREADY_THERE) from None
            raise
        medium = await self.repository.medium(sha256)
        assert medium is not None
        return image_read(image, medium)

    async def add_from_url(self, product_id: uuid.UUID, url: str, alt: str = "", position: int | None = None) -> bool:
        """Have an image fetched (app.media.downloads); whether that is something new."""
        return bool(await DownloadService(self.session).add_many([(product_id, [(url, alt)])], position))

    async def add_many_from_urls(self, images: Sequence[tuple[uuid.UUID, Sequence[tuple[str, str]]]]) -> set[uuid.UUID]:
        """The same for URLs and alt texts of many products, in few statements; those for which something is new."""
        return await DownloadService(self.session).add_many(images)

    async def with_content(self, product_id: uuid.UUID, sha256: str) -> uuid.UUID | None:
        """The id of the product's image with these bytes."""
        image = await self.repository.with_content(product_id, sha256)
        return image.id if image else None

    async def of_product(self, product_id: uuid.UUID) -> list[ImageRead]:
        return [image_read(image, medium) for image, medium in await self.repository.of_products([product_id])]

    async def of_products(self, product_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[ImageRead]]:
        """For each product that has any, its images in their order."""
        found: dict[uuid.UUID, list[ImageRead]] = {}
        for image, medium in await self.repository.of_products(product_ids):
            found.setdefault(image.product_id, []).append(image_read(image, medium))
        return found

    async def first_images(self, product_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[ImageRead, int]]:
        """For each product its first image and how many there are."""
        return {
            product_id: (images[0], len(images)) for product_id, images in (await self.of_products(product_ids)).items()
        }

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

    async def public_media(self, base_url: str | None) -> PublicMedia:
        """For those who make many public addresses, or ask which image one is of."""
        return PublicMedia(base_url, await self.repository.signing_key())

    async def open_original(self, sha256: str) -> tuple[StoredContent, str]:
        """The file without its metadata, and its content type."""
        medium = await self.repository.medium(sha256)
        if medium is None:
            raise MediumNotFound("There is no such file.")
        return await self._open(stored_name(sha256)), CONTENT_TYPES.get(medium.format, "application/octet-stream")

    async def open_rendition(self, sha256: str, size: int) -> StoredContent:
        if size not in SIZES:
            raise MediumNotFound(f"Renditions have {', '.join(map(str, SIZES))} pixels.")
        return await self._open(stored_name(sha256, size))

    async def original(self, sha256: str) -> tuple[bytes, str]:
        """All of the file at once, for services that are sent it."""
        medium = await self.repository.medium(sha256)
        if medium is None:
            raise MediumNotFound("There is no such file.")
        try:
            content = await read_whole(self.storage, stored_name(sha256))
        except FileNotFoundError:
            raise MediumNotFound("There is no such file.") from None
        return content, CONTENT_TYPES.get(medium.format, "application/octet-stream")

    async def _open(self, name: str) -> StoredContent:
        try:
            return await self.storage.get(name)
        except FileNotFoundError:
            raise MediumNotFound("There is no such file.") from None
