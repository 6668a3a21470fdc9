"""How media files are named and typed."""

from collections.abc import Iterable

from app.media.renditions import SIZES

ORIGINAL = "original"
CONTENT_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
    "HEIC": "image/heic",
    "GIF": "image/gif",
}
EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "AVIF": "avif", "HEIC": "heic", "GIF": "gif"}


def rendition_file_name(size: int) -> str:
    return f"{size}.webp"


def stored_name(sha256: str, size: int | None = None) -> str:
    """In the storage: of the original, or of a rendition."""
    return sha256 if size is None else f"{sha256}-{size}.webp"


def stored_names(hashes: Iterable[str]) -> list[str]:
    return [stored_name(sha256, size) for sha256 in hashes for size in (None, *SIZES)]
