"""What the formats share: bounded reading, and what is said of a structure that cannot be followed."""

import mmap
from collections.abc import Iterator

from shared.utils.images import ImageUnreadable

FileContent = bytes | mmap.mmap


class MetadataInseparable(Exception):
    """The structure is of a kind that cannot be cleaned in place; the pixels have to be stored anew."""


def take(content: FileContent, start: int, length: int) -> bytes:
    """Exactly `length` bytes. Raises ImageUnreadable where the file ends before."""
    if start < 0 or length < 0 or start + length > len(content):
        raise ImageUnreadable("The file ends too early. Send it once more, or save it anew.")
    return content[start : start + length]


def number(content: FileContent, start: int, length: int, *, little: bool = False) -> int:
    return int.from_bytes(take(content, start, length), "little" if little else "big")


def slices(content: FileContent, start: int, end: int, size: int = 1024 * 1024) -> Iterator[bytes]:
    for position in range(start, end, size):
        yield content[position : min(position + size, end)]
