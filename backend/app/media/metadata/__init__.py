"""Take all metadata out of an image file without touching one pixel.

What may stay is listed for each format, everything else goes: EXIF (with the place where the photo was taken), XMP,
IPTC, comments, embedded previews, and what cameras append behind the image. Colour profiles stay, and so does the
orientation: as EXIF with that one entry, since turning a JPEG would mean compressing it again.
"""

import struct
from collections.abc import Callable, Iterator

from app.media.metadata.gif import gif_parts
from app.media.metadata.heif import heif_parts
from app.media.metadata.jpeg import jpeg_parts
from app.media.metadata.parts import FileContent, MetadataInseparable
from app.media.metadata.png import png_parts
from app.media.metadata.webp import webp_parts

__all__ = ["FileContent", "MetadataInseparable", "orientation_only_exif", "without_metadata"]

UPRIGHT = 1

PARTS: dict[str, Callable[[FileContent, bytes], Iterator[bytes]]] = {
    "JPEG": jpeg_parts,
    "PNG": png_parts,
    "WEBP": webp_parts,
    "GIF": gif_parts,
    "AVIF": heif_parts,
    "HEIC": heif_parts,
}


def orientation_only_exif(orientation: int) -> bytes:
    """A TIFF structure with one directory of one entry; empty for an upright image."""
    if not UPRIGHT < orientation <= 8:
        return b""
    return b"MM\x00*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)


def without_metadata(content: FileContent, image_format: str, orientation: int) -> Iterator[bytes]:
    """The parts of the file that may stay, in order.

    Raises ImageUnreadable for a broken structure, and MetadataInseparable for what only decoding takes apart.
    """
    return PARTS[image_format](content, orientation_only_exif(orientation))
