"""The photo as it is sent: upright, within the pixel budget, without metadata.

A visual token of Qwen2.5-VL covers 28 x 28 pixels. A photo of 12 megapixels costs 16,384 of them as it comes, and
1,280 within the budget, with no loss for what a shop asks.
"""

import math
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from shared.models.describe import ImageInfo
from shared.utils.images import decode_image

TOKEN_SIDE = 28
FEWEST_TOKENS = 4
QUALITY = 92
MEDIA_TYPE = "image/jpeg"


@dataclass(frozen=True, slots=True)
class SentImage:
    content: bytes
    info: ImageInfo
    pixels: Image.Image


def budgeted_size(width: int, height: int, max_tokens: int) -> tuple[int, int]:
    """The largest size of whole tokens within the budget that keeps the proportions as well as that allows."""
    scale = min(1.0, math.sqrt(max_tokens * TOKEN_SIDE**2 / (width * height)))
    columns = max(1, round(width * scale / TOKEN_SIDE))
    rows = max(1, round(height * scale / TOKEN_SIDE))
    while columns * rows > max_tokens:
        if columns >= rows:
            columns -= 1
        else:
            rows -= 1
    while columns * rows < FEWEST_TOKENS:
        short, long = sorted((columns, rows))
        # The short side, which changes the proportions least to the eye, unless that breaks the budget.
        grown = (short + 1, long) if (short + 1) * long <= max_tokens else (short, long + 1)
        columns, rows = grown if columns <= rows else (grown[1], grown[0])
    return columns * TOKEN_SIDE, rows * TOKEN_SIDE


def prepare(content: bytes, max_tokens: int) -> SentImage:
    """CPU-bound: call it in a thread. Raises ImageError."""
    longest = math.ceil(math.sqrt(max_tokens) * TOKEN_SIDE * 4)
    decoded = decode_image(content, max_side=longest)
    size = budgeted_size(*decoded.pixels.size, max_tokens)
    pixels = decoded.pixels.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    buffer = BytesIO()
    pixels.save(buffer, "JPEG", quality=QUALITY, subsampling=0)
    return SentImage(buffer.getvalue(), decoded.info, decoded.pixels)
