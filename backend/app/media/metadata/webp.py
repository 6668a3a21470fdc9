"""WebP: RIFF chunks. Kept are the image, its alpha, its frames and its colour profile."""

import struct
from collections.abc import Iterator

from app.media.metadata.parts import FileContent, number, take
from shared.utils.images import ImageUnreadable

KEPT = frozenset({b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ICCP"})
IN_FRAME = frozenset({b"VP8 ", b"VP8L", b"ALPH"})
HEADER = 12
FRAME_HEADER = 16
EXIF_FLAG, XMP_FLAG = 0x08, 0x04


def chunk(name: bytes, payload: bytes) -> bytes:
    return name + struct.pack("<I", len(payload)) + payload + b"\x00" * (len(payload) % 2)


def chunks(content: FileContent, start: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    while start + 8 <= end:
        length = number(content, start + 4, 4, little=True)
        yield take(content, start, 4), take(content, start + 8, length)
        start += 8 + length + length % 2


def clean(name: bytes, payload: bytes, exif: bytes) -> bytes | None:
    if name == b"VP8X":
        flags = (payload[0] & ~(EXIF_FLAG | XMP_FLAG)) | (EXIF_FLAG if exif else 0)
        return chunk(name, bytes((flags,)) + payload[1:])
    if name == b"ANMF":
        inner = chunks(payload, FRAME_HEADER, len(payload))
        return chunk(name, payload[:FRAME_HEADER] + b"".join(chunk(*each) for each in inner if each[0] in IN_FRAME))
    return chunk(name, payload) if name in KEPT else None


def webp_parts(content: FileContent, exif: bytes) -> Iterator[bytes]:
    if take(content, 0, 4) != b"RIFF" or take(content, 8, 4) != b"WEBP":
        raise ImageUnreadable("The file does not begin as a WebP.")
    end = min(len(content), number(content, 4, 4, little=True) + 8)
    kept = [part for name, payload in chunks(content, HEADER, end) if payload and (part := clean(name, payload, exif))]
    if exif:
        kept.append(chunk(b"EXIF", exif))
    yield b"RIFF" + struct.pack("<I", 4 + sum(map(len, kept))) + b"WEBP"
    yield from kept
