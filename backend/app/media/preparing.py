"""From the bytes that came in to what is stored: hashed, checked before decoding, cleaned of metadata, rendered.

Everything here works on files and is CPU-bound: call it in a thread. Raises ImageError.
"""

import hashlib
import mmap
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from PIL import Image, ImageOps

from app.media.metadata import MetadataInseparable, without_metadata
from app.media.renditions import make_renditions
from app.media.storage import disk_errors
from shared.models.describe import MAX_IMAGE_BYTES, ImageInfo
from shared.utils.images import CONTRACT_NAMES, ImageTooLarge, ImageUnreadable, NotAnImage, open_image

COPY_BYTES = 256 * 1024
ORIENTATION = 0x0112


@dataclass(frozen=True, slots=True)
class PreparedImage:
    """A cleaned file, what it is (its hash and size are those of the cleaned file), and WebP bytes by longest side."""

    file: Path
    info: ImageInfo
    renditions: dict[int, bytes]


@contextmanager
def temporary_file(folder: Path) -> Iterator[Path]:
    with disk_errors():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            path = Path(file.name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def copy_hashed(source: IO[bytes], target: Path) -> str:
    """Write what comes in to a file, and return its SHA-256."""
    digest = hashlib.sha256()
    size = 0
    source.seek(0)
    with target.open("wb") as file:
        while chunk := source.read(COPY_BYTES):
            size += len(chunk)
            if size > MAX_IMAGE_BYTES:
                raise ImageTooLarge(f"At most {MAX_IMAGE_BYTES // 1024 // 1024} MB are accepted.")
            digest.update(chunk)
            file.write(chunk)
    if size == 0:
        raise NotAnImage("The file is empty.")
    return digest.hexdigest()


def write_clean(upload: Path, target: Path) -> None:
    """The upload without its metadata, every pixel as it was."""
    with open_image(upload) as image:
        image_format = CONTRACT_NAMES.get(image.format or "", image.format or "")
        try:
            orientation = image.getexif().get(ORIENTATION, 1)
        except (OSError, ValueError, SyntaxError, EOFError, RuntimeError):
            # Damaged metadata is metadata that goes.
            orientation = 1
    try:
        with upload.open("rb") as source, mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as content:
            parts = without_metadata(content, image_format, orientation if isinstance(orientation, int) else 1)
            with target.open("wb") as file:
                file.writelines(parts)
    except MetadataInseparable:
        store_pixels(upload, target)


def store_pixels(upload: Path, target: Path) -> None:
    """What cannot be cleaned in place becomes a PNG of its first frame: nothing of the pixels is lost."""
    try:
        with open_image(upload) as image:
            upright = ImageOps.exif_transpose(image)
            pixels = upright if upright.mode in {"RGB", "RGBA", "L", "LA"} else upright.convert("RGBA")
            pixels.info = {name: value for name, value in pixels.info.items() if name == "icc_profile"}
            pixels.save(target, "PNG", exif=Image.Exif())
    except (OSError, ValueError, SyntaxError, EOFError, RuntimeError) as error:
        raise ImageUnreadable(f"The pixels cannot be read: {error}") from None


def prepare(upload: Path, clean: Path) -> PreparedImage:
    write_clean(upload, clean)
    info, renditions = make_renditions(clean)
    return PreparedImage(clean, info, renditions)
