"""JPEG: segments between markers. Kept are tables, frames and scans, JFIF without its preview, ICC, and Adobe's APP14
(without it the colours of CMYK images would be read wrongly). What follows the end marker goes: further pictures of an
MPO, the video of a motion photo.
"""

import re
from collections.abc import Iterator

from app.media.metadata.parts import FileContent, number, slices, take
from shared.utils.images import ImageUnreadable

SOI, EOI, SOS, APP0, APP1, APP2, APP14 = 0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xE2, 0xEE
# SOF0-15 with DHT, JPG and DAC among them; DQT, DNL, DRI, DHP, EXP.
KEPT = frozenset({*range(0xC0, 0xD0), *range(0xDB, 0xE0)})
STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
# Inside a scan 0xFF is followed by 0 (a stuffed byte) or by a restart marker.
NEXT_MARKER = re.compile(rb"\xff+[\x01-\xcf\xd8-\xfe]")
JFIF = b"JFIF\x00"
JFIF_HEADER = 12


def segment(marker: int, payload: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(payload) + 2).to_bytes(2, "big") + payload


def kept_segment(marker: int, payload: bytes) -> bytes | None:
    if marker in KEPT:
        return segment(marker, payload)
    if marker == APP0 and payload.startswith(JFIF) and len(payload) >= JFIF_HEADER:
        return segment(marker, payload[:JFIF_HEADER] + b"\x00\x00")
    if (marker == APP2 and payload.startswith(b"ICC_PROFILE\x00")) or (marker == APP14 and payload[:5] == b"Adobe"):
        return segment(marker, payload)
    return None


def jpeg_parts(content: FileContent, exif: bytes) -> Iterator[bytes]:
    if take(content, 0, 2) != bytes((0xFF, SOI)):
        raise ImageUnreadable("The file does not begin as a JPEG.")
    yield content[:2]
    pending_exif = segment(APP1, b"Exif\x00\x00" + exif) if exif else b""
    position = 2
    while position < len(content):
        # Decoders skip what stands between two segments, and so do we.
        position = content.find(b"\xff", position)
        if position < 0 or position + 1 >= len(content):
            return
        marker = content[position + 1]
        if marker in {0x00, 0xFF} or marker in STANDALONE:
            position += 1 if marker == 0xFF else 2
            continue
        if marker == EOI:
            yield bytes((0xFF, EOI))
            return
        length = number(content, position + 2, 2)
        payload = take(content, position + 4, length - 2)
        position += 2 + length
        if marker != APP0 and pending_exif:
            yield pending_exif
            pending_exif = b""
        if marker == SOS:
            following = NEXT_MARKER.search(content, position)
            end = following.start() if following else len(content)
            yield segment(marker, payload)
            yield from slices(content, position, end)
            position = end
        elif kept := kept_segment(marker, payload):
            yield kept
