"""GIF: blocks. Kept are frames, their timing, the loop and a colour profile; comments, texts and XMP go."""

from collections.abc import Iterator

from app.media.metadata.parts import FileContent, take
from shared.utils.images import ImageUnreadable

HEADER = 13
EXTENSION, IMAGE, TRAILER = 0x21, 0x2C, 0x3B
GRAPHIC_CONTROL, APPLICATION = 0xF9, 0xFF
KEPT_APPLICATIONS = frozenset({b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"})


def color_table_size(flags: int) -> int:
    return 3 << ((flags & 0x07) + 1) if flags & 0x80 else 0


def end_of_blocks(content: FileContent, position: int) -> int:
    """Where a series of sub-blocks ends, its empty last one included."""
    while length := take(content, position, 1)[0]:
        position += 1 + length
    return position + 1


def gif_parts(content: FileContent, exif: bytes) -> Iterator[bytes]:
    """GIF knows no orientation: `exif` is always empty."""
    if take(content, 0, 6) not in {b"GIF87a", b"GIF89a"}:
        raise ImageUnreadable("The file does not begin as a GIF.")
    position = HEADER + color_table_size(take(content, 10, 1)[0])
    yield take(content, 0, position)
    while position < len(content):
        start, kind = position, content[position]
        if kind == TRAILER:
            break
        if kind == IMAGE:
            position += 10 + color_table_size(take(content, position + 9, 1)[0]) + 1
            kept = True
        elif kind == EXTENSION:
            label, length = take(content, position + 1, 2)
            kept = label == GRAPHIC_CONTROL or (
                label == APPLICATION and take(content, position + 3, length) in KEPT_APPLICATIONS
            )
            position += 2
        else:
            # Decoders skip stray bytes between blocks.
            position += 1
            continue
        position = end_of_blocks(content, position)
        if kept:
            yield take(content, start, position - start)
    yield bytes((TRAILER,))
