"""The files themselves: for people who are signed in, and by signed addresses for shops."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Request
from fastapi.responses import Response, StreamingResponse

from app.auth.dependencies import Viewer
from app.auth.errors import NotSignedIn, RoleRequired
from app.media.dependencies import Media
from app.media.errors import MediumNotFound, StorageUnavailable
from app.media.files import EXTENSIONS, ORIGINAL, rendition_file_name
from app.media.public_urls import PATH, PublicMedia
from app.media.renditions import SIZES
from app.media.storage import StoredContent
from shared.utils.errors import InvalidRequest
from shared.utils.problems import problems

NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "The file is the one that the client has."}}

router = APIRouter(
    prefix="/media",
    tags=["media"],
    responses=problems(NotSignedIn, RoleRequired, MediumNotFound, InvalidRequest, StorageUnavailable) | NOT_MODIFIED,
)
public_router = APIRouter(
    prefix=PATH, tags=["media"], responses=problems(MediumNotFound, InvalidRequest, StorageUnavailable) | NOT_MODIFIED
)

# Content never changes under a hash.
SAFE_HEADERS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
FOREVER = "max-age=31536000, immutable"

Sha256Path = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
IfNoneMatch = Annotated[str | None, Header(alias="If-None-Match")]


def headers_of(sha256: str, name: str, visibility: str) -> dict[str, str]:
    return {"ETag": f'"{sha256[:32]}-{name}"', "Cache-Control": f"{visibility}, {FOREVER}", **SAFE_HEADERS}


def is_fresh(if_none_match: str | None, etag: str) -> bool:
    tags = {tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")}
    return etag in tags or "*" in tags


def streamed(content: StoredContent, content_type: str, headers: dict[str, str]) -> Response:
    return StreamingResponse(
        content.chunks, media_type=content_type, headers={**headers, "Content-Length": str(content.size)}
    )


@router.get("/{sha256}/original", response_class=Response)
async def original_file(_: Viewer, sha256: Sha256Path, media: Media, if_none_match: IfNoneMatch = None) -> Response:
    """The file as it was uploaded, without its metadata."""
    headers = headers_of(sha256, ORIGINAL, "private")
    if is_fresh(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    content, content_type = await media.open_original(sha256)
    return streamed(content, content_type, headers)


@router.get("/{sha256}/{size}.webp", response_class=Response)
async def rendition_file(
    _: Viewer, sha256: Sha256Path, size: int, media: Media, if_none_match: IfNoneMatch = None
) -> Response:
    """A rendition with the given longest side in pixels: 320, 800 or 1600."""
    headers = headers_of(sha256, rendition_file_name(size), "private")
    if is_fresh(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return streamed(await media.open_rendition(sha256, size), "image/webp", headers)


@public_router.get("/{signature}/{sha256}/{name}", response_class=Response)
async def public_file(
    request: Request,
    signature: Annotated[str, Path(max_length=100)],
    sha256: Sha256Path,
    name: Annotated[str, Path(max_length=20, description="320.webp, 800.webp, 1600.webp or original.jpg")],
    media: Media,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """A file by the address that exports name. Public: the signature is the permission."""
    public: PublicMedia = request.app.state.public_media
    if public.base_url is None or not public.is_signed(sha256, signature):
        raise MediumNotFound("There is no such file.")
    headers = headers_of(sha256, name, "public")
    sizes = {rendition_file_name(size): size for size in SIZES}
    originals = {f"{ORIGINAL}.{extension}" for extension in EXTENSIONS.values()}
    if name not in sizes and name not in originals:
        raise MediumNotFound("There is no such file.")
    if is_fresh(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    if name in sizes:
        return streamed(await media.open_rendition(sha256, sizes[name]), "image/webp", headers)
    content, content_type = await media.open_original(sha256)
    return streamed(content, content_type, headers)
