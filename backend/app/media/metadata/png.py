"""PNG: chunks. Kept are those that say how the pixels look; text, times, EXIF and private chunks go."""

from collections.abc import Iterator
from zlib import crc32

from app.media.metadata.parts import FileContent, number, take
from shared.utils.images import ImageUnreadable

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEPT = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"mDCV",
     b"mDCv", b"cLLI", b"cLLi", b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT"}
)  # fmt: skip
AROUND = 12
"""Length, name and checksum of a chunk."""


def chunk(name: bytes, payload: bytes) -> bytes:
    return len(payload).to_bytes(4, "big") + name + payload + crc32(name + payload).to_bytes(4, "big")


def png_parts(content: FileContent, exif: bytes) -> Iterator[bytes]:
    if take(content, 0, len(SIGNATURE)) != SIGNATURE:
        raise ImageUnreadable("The file does not begin as a PNG.")
    yield SIGNATURE
    position = len(SIGNATURE)
    while position < len(content):
        length = number(content, position, 4)
        name = take(content, position + 4, 4)
        whole = take(content, position, length + AROUND)
        position += length + AROUND
        if name == b"IDAT" and exif:
            yield chunk(b"eXIf", exif)
            exif = b""
        if name in KEPT:
            yield whole
        if name == b"IEND":
            return
