"""WebP renditions: made once for each content, without metadata, never larger than the original."""

from io import BytesIO
from pathlib import Path

from PIL import Image

from shared.models.describe import ImageInfo
from shared.utils.images import decode_image

SIZES = (320, 800, 1600)
QUALITY = 82
# Method 2 takes a third less time than the default 4, for 2 % larger files.
METHOD = 2


def encode_webp(pixels: Image.Image) -> bytes:
    buffer = BytesIO()
    pixels.save(buffer, "WEBP", quality=QUALITY, method=METHOD)
    return buffer.getvalue()


def make_renditions(file: Path) -> tuple[ImageInfo, dict[int, bytes]]:
    """The image's facts, and WebP bytes by longest side. CPU-bound; raises ImageError."""
    decoded = decode_image(file, max_side=max(SIZES))
    info, pixels = decoded.info, decoded.pixels
    del decoded
    renditions = {}
    for size in sorted(SIZES, reverse=True):
        # From large to small, each from the one before.
        pixels.thumbnail((size, size), Image.Resampling.LANCZOS, reducing_gap=3.0)
        renditions[size] = encode_webp(pixels)
    return info, renditions
