"""Open untrusted images safely: bytes and pixels are limited before anything is decoded.

ImageError
├── NotAnImage (415)       no known image format, SVG included
├── ImageTooLarge (413)    too many bytes or pixels
└── ImageUnreadable (422)  truncated or damaged
"""

import hashlib
import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pillow_heif
from PIL import Image, UnidentifiedImageError

from shared.models.describe import MAX_IMAGE_BYTES, MAX_IMAGE_PIXELS, ImageInfo
from shared.utils.errors import AppError

pillow_heif.register_heif_opener()

# What Pillow may try; everything else it knows (PSD, EPS, …) has no place in a shop and a history of bugs.
# An MPO (several JPEGs in one file) is opened by the JPEG plugin; it has no name of its own here, and asking for it
# raises KeyError.
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF", "GIF")
CONTRACT_NAMES = {"HEIF": "HEIC", "MPO": "JPEG"}

# EXIF orientation → what puts the image upright.
TRANSPOSITIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

Image.MAX_IMAGE_PIXELS = MAX_IMAGE_PIXELS

ImageSource = bytes | Path
"""An image's bytes, or the file that they lie in: it is then decoded from there, and never wholly in memory."""


class ImageError(AppError):
    status, title = 422, "The image cannot be used"


class NotAnImage(ImageError):
    status, title = 415, "Not an image that we can read"


class ImageTooLarge(ImageError):
    status, title = 413, "The image is too large"


class ImageUnreadable(ImageError):
    status, title = 422, "The image is damaged"


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """RGB pixels after EXIF rotation, without metadata. `info` has the size of the whole image, in pixels."""

    pixels: Image.Image
    info: ImageInfo


def size_of(source: ImageSource) -> int:
    return len(source) if isinstance(source, bytes) else source.stat().st_size


def sha256_of(source: ImageSource) -> str:
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_image(source: ImageSource) -> Image.Image:
    """Only reads the header. Raises ImageError."""
    size = size_of(source)
    if size == 0:
        raise NotAnImage("The file is empty.")
    if size > MAX_IMAGE_BYTES:
        raise ImageTooLarge(f"At most {MAX_IMAGE_BYTES // 1024 // 1024} MB are accepted.")
    try:
        with warnings.catch_warnings():
            # Pillow only warns up to twice its limit; to us the limit is the limit.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(BytesIO(source) if isinstance(source, bytes) else source, formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageTooLarge(f"At most {MAX_IMAGE_PIXELS // 1_000_000} megapixels are accepted.") from None
    except UnidentifiedImageError:
        raise NotAnImage("Send JPEG, PNG, WebP, AVIF, HEIC or GIF.") from None
    except (OSError, ValueError, SyntaxError, EOFError, RuntimeError) as error:
        raise ImageUnreadable(f"The header cannot be read: {error}") from None
    width, height = image.size
    if width * height > MAX_IMAGE_PIXELS:
        raise ImageTooLarge(f"At most {MAX_IMAGE_PIXELS // 1_000_000} megapixels are accepted.")
    return image


def decode_image(source: ImageSource, *, max_side: int | None = None) -> DecodedImage:
    """Decode the first frame; with `max_side` the pixels are scaled down, JPEG already while decoding.

    CPU-bound: call it in a thread. Raises ImageError.
    """
    image = open_image(source)
    image_format = CONTRACT_NAMES.get(image.format or "", image.format or "")
    try:
        orientation = image.getexif().get(0x0112, 1)
        width, height = image.size if orientation not in {5, 6, 7, 8} else image.size[::-1]
        if max_side is not None and image.format in {"JPEG", "MPO"}:
            image.draft("RGB", (max_side, max_side))
        image.seek(0)
        if max_side is not None and image.mode in {"RGB", "L", "CMYK"}:
            image.thumbnail((max_side, max_side), Image.Resampling.LANCZOS, reducing_gap=3.0)
        # Other modes are flattened before: Pillow scales palette images by leaving pixels out, and premultiplies
        # transparent ones in a further copy. Turned last, when there is least to turn.
        pixels = flatten(image)
        image.close()
        if max_side is not None:
            pixels.thumbnail((max_side, max_side), Image.Resampling.LANCZOS, reducing_gap=3.0)
        if orientation in TRANSPOSITIONS:
            pixels = pixels.transpose(TRANSPOSITIONS[orientation])
    except (OSError, ValueError, SyntaxError, EOFError, RuntimeError) as error:
        raise ImageUnreadable(f"The pixels cannot be read: {error}") from None
    info = ImageInfo(
        width=width,
        height=height,
        format=image_format,
        sha256=sha256_of(source),
        bytes=size_of(source),
    )
    return DecodedImage(pixels, info)


def flatten(image: Image.Image) -> Image.Image:
    """RGB on white: shops show transparent images on white, and black would invent a colour."""
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        # convert() copies also what needs no converting: 200 MB at 50 megapixels.
        rgba = image if image.mode == "RGBA" else image.convert("RGBA")
        flat = Image.new("RGB", rgba.size, "white")
        flat.paste(rgba, mask=rgba)
        return flat
    if image.mode.startswith("I;16") or image.mode == "I":
        # convert() would clip 16-bit values at 255 and leave a white image.
        return image.point(lambda value: value / 256).convert("L").convert("RGB")
    flat = image.convert("RGB")
    flat.info.clear()
    return flat
