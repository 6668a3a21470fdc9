from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, UploadFile
from fastapi.responses import Response

from app.auth.dependencies import Editor, Viewer
from app.auth.errors import NotSignedIn, RoleRequired
from app.common.identifiers import RowId
from app.database import Session
from app.media.errors import ImageAlreadyThere, ImageNotFound, MediumNotFound
from app.media.schemas import ImageRead, ImageUpdate
from app.media.service import MediaService
from app.products.dependencies import ExistingProduct
from app.products.errors import ProductNotFound
from app.products.service import ProductService
from shared.models.describe import MAX_IMAGE_BYTES
from shared.utils.errors import InvalidRequest
from shared.utils.images import ImageTooLarge, ImageUnreadable, NotAnImage
from shared.utils.problems import problems

router = APIRouter(
    prefix="/api/v1/products/{product_id}/images",
    tags=["media"],
    responses=problems(NotSignedIn, RoleRequired, ProductNotFound, InvalidRequest),
)
files_router = APIRouter(
    prefix="/media", tags=["media"], responses=problems(NotSignedIn, MediumNotFound, InvalidRequest)
)

# Content never changes under a hash; private, since it needs a session.
FILE_HEADERS = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}

Sha256Path = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


def get_service(session: Session, request: Request) -> MediaService:
    return MediaService(session, request.app.state.storage)


Media = Annotated[MediaService, Depends(get_service)]


@router.get("", dependencies=[ExistingProduct])
async def list_images(_: Viewer, product_id: RowId, media: Media) -> list[ImageRead]:
    """The product's images in their order."""
    return await media.of_product(product_id)


@router.post(
    "",
    status_code=201,
    responses=problems(NotAnImage, ImageTooLarge, ImageUnreadable, ImageAlreadyThere),
)
async def upload_image(_: Editor, product_id: RowId, image: UploadFile, media: Media, session: Session) -> ImageRead:
    """Add an image: JPEG, PNG, WebP, AVIF, HEIC or GIF, at most 20 MB and 50 megapixels."""
    # Decoded before the database is asked for anything, so that a slow image holds no connection.
    decoded = await media.decode(await image.read(MAX_IMAGE_BYTES + 1))
    await ProductService(session).require(product_id)
    return await media.add(product_id, decoded, image.filename or "")


@router.patch("/{image_id}", responses=problems(ImageNotFound))
async def update_image(_: Editor, product_id: RowId, image_id: RowId, body: ImageUpdate, media: Media) -> ImageRead:
    """Change the alt text, or move the image to another position (0 is the first)."""
    return await media.update(product_id, image_id, body)


@router.delete("/{image_id}", status_code=204, responses=problems(ImageNotFound))
async def delete_image(_: Editor, product_id: RowId, image_id: RowId, media: Media) -> None:
    """Take the image off the product, with the facts that were read from it."""
    await media.delete(product_id, image_id)


@files_router.get("/{sha256}/original", response_class=Response)
async def original_file(_: Viewer, sha256: Sha256Path, media: Media) -> Response:
    """The file as it was uploaded."""
    content, content_type = await media.original(sha256)
    return Response(content, media_type=content_type, headers=FILE_HEADERS)


@files_router.get("/{sha256}/{size}.webp", response_class=Response)
async def rendition_file(_: Viewer, sha256: Sha256Path, size: int, media: Media) -> Response:
    """A rendition with the given longest side in pixels: 320, 800 or 1600."""
    return Response(await media.rendition(sha256, size), media_type="image/webp", headers=FILE_HEADERS)
