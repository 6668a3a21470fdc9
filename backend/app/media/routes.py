from fastapi import APIRouter, UploadFile

from app.auth.dependencies import Editor, Viewer
from app.auth.errors import NotSignedIn, RoleRequired
from app.common.identifiers import RowId
from app.database import Session
from app.media.dependencies import Keeper, Media
from app.media.errors import ImageAlreadyThere, ImageNotFound, StorageUnavailable
from app.media.schemas import ImageRead, ImageUpdate
from app.products.dependencies import ExistingProduct
from app.products.errors import ProductNotFound
from app.products.service import ProductService
from shared.utils.errors import InvalidRequest
from shared.utils.images import ImageTooLarge, ImageUnreadable, NotAnImage
from shared.utils.problems import problems

router = APIRouter(
    prefix="/api/v1/products/{product_id}/images",
    tags=["media"],
    responses=problems(NotSignedIn, RoleRequired, ProductNotFound, InvalidRequest),
)


@router.get("", dependencies=[ExistingProduct])
async def list_images(_: Viewer, product_id: RowId, media: Media) -> list[ImageRead]:
    """The product's images in their order."""
    return await media.of_product(product_id)


@router.post(
    "",
    status_code=201,
    dependencies=[ExistingProduct],
    responses=problems(NotAnImage, ImageTooLarge, ImageUnreadable, ImageAlreadyThere, StorageUnavailable),
)
async def upload_image(
    _: Editor, product_id: RowId, image: UploadFile, keeper: Keeper, media: Media, session: Session
) -> ImageRead:
    """Add an image: JPEG, PNG, WebP, AVIF, HEIC or GIF, at most 20 MB and 50 megapixels.

    Metadata is taken out before it is stored: where and when the photo was taken stays with whoever took it.
    """
    sha256 = await keeper.keep(image.file)
    await ProductService(session).require(product_id)
    return await media.add(product_id, sha256, file_name=image.filename or "")


@router.patch("/{image_id}", responses=problems(ImageNotFound))
async def update_image(_: Editor, product_id: RowId, image_id: RowId, body: ImageUpdate, media: Media) -> ImageRead:
    """Change the alt text, or move the image to another position (0 is the first)."""
    return await media.update(product_id, image_id, body)


@router.delete("/{image_id}", status_code=204, responses=problems(ImageNotFound))
async def delete_image(_: Editor, product_id: RowId, image_id: RowId, media: Media) -> None:
    """Take the image off the product, with the facts that were read from it."""
    await media.delete(product_id, image_id)
