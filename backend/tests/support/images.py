"""Image files for tests, made on the spot."""

import struct
import zlib
from io import BytesIO

import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()


def image_bytes(
    image_format: str = "PNG",
    size: tuple[int, int] = (40, 30),
    color: tuple[int, int, int] = (200, 30, 40),
    orientation: int | None = None,
) -> bytes:
    image = Image.new("RGB", size, color)
    # One odd corner, so that rotations show.
    image.paste((255, 255, 255), (0, 0, max(1, size[0] // 4), max(1, size[1] // 4)))
    options = {}
    if orientation is not None:
        exif = Image.Exif()
        exif[0x0112] = orientation
        options["exif"] = exif.tobytes()
    buffer = BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


def png_of_claimed_size(width: int, height: int) -> bytes:
    """A well-formed grey PNG of any size: a few kilobytes of zeros, deflated without ever holding the pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    deflate = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    rows = b"".join(deflate.compress(row) for _ in range(height)) + deflate.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
