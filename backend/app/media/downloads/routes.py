from typing import Annotated

from fastapi import APIRouter, Depends, Request

from app.auth.dependencies import Editor, Viewer
from app.auth.errors import NotSignedIn, RoleRequired
from app.common.identifiers import RowId
from app.database import Session
from app.media.downloads.errors import ImageDownloadNotFound
from app.media.downloads.schemas import ImageDownloadCreate, ImageDownloadRead, ImageDownloadsRetried
from app.media.downloads.service import DownloadService
from app.products.dependencies import ExistingProduct
from app.products.errors import ProductNotFound
from app.settings import Settings
from shared.utils.errors import InvalidRequest
from shared.utils.outbound import OutboundPolicy, UrlNotAllowed
from shared.utils.problems import problems

router = APIRouter(
    prefix="/api/v1/products/{product_id}/image-downloads",
    tags=["media"],
    dependencies=[ExistingProduct],
    responses=problems(NotSignedIn, RoleRequired, ProductNotFound, InvalidRequest),
)


def get_service(session: Session) -> DownloadService:
    return DownloadService(session)


Downloads = Annotated[DownloadService, Depends(get_service)]


@router.get("")
async def list_image_downloads(_: Viewer, product_id: RowId, downloads: Downloads) -> list[ImageDownloadRead]:
    """The images that the product gets from URLs: on their way, there, or failed with the reason."""
    return await downloads.of_product(product_id)


@router.post("", status_code=202, responses=problems(UrlNotAllowed))
async def add_image_download(
    _: Editor, product_id: RowId, body: ImageDownloadCreate, downloads: Downloads, request: Request
) -> ImageDownloadRead:
    """Have an image fetched from a URL. The same URL again changes nothing, unless it had failed."""
    settings: Settings = request.app.state.settings
    OutboundPolicy(allow=settings.outbound_allow).target(body.url)
    await downloads.add_many([(product_id, [(body.url, body.alt)])])
    return await downloads.by_url(product_id, body.url)


@router.post("/retry", status_code=202)
async def retry_image_downloads(_: Editor, product_id: RowId, downloads: Downloads) -> ImageDownloadsRetried:
    """Fetch everything that failed once more."""
    return ImageDownloadsRetried(retried=await downloads.retry(product_id))


@router.post("/{download_id}/retry", status_code=202, responses=problems(ImageDownloadNotFound))
async def retry_image_download(
    _: Editor, product_id: RowId, download_id: RowId, downloads: Downloads
) -> ImageDownloadsRetried:
    """Fetch one that failed once more."""
    return ImageDownloadsRetried(retried=await downloads.retry(product_id, download_id))
