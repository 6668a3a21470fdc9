"""A file, or where it is larger than the shop takes, a ZIP of several: decided before the first byte is sent."""

import io
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import IO, Any, cast

# Shopify takes 15 MB a file.
MAX_PART_BYTES = 15_000_000 - 65_536


class Outlet(io.RawIOBase):
    """A file that cannot go back, for zipfile: what is written is taken away at once."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.written += data
        return len(data)

    def take(self) -> bytes:
        data = bytes(self.written)
        self.written.clear()
        return data


@dataclass(slots=True)
class Delivery:
    """What is sent: in one piece, or as a ZIP of numbered parts."""

    is_archive: bool
    chunks: AsyncIterator[bytes]


async def whole_file(header: bytes, pieces: AsyncIterator[list[bytes]]) -> AsyncIterator[bytes]:
    yield header
    async for group in pieces:
        if group:
            yield b"".join(group)


async def in_parts(header: bytes, pieces: AsyncIterator[list[bytes]], stem: str, ending: str) -> Delivery:
    """Holds at most one part in memory, to learn whether there will be more."""
    first = bytearray(header)
    async for group in pieces:
        for index, piece in enumerate(group):
            if len(first) + len(piece) > MAX_PART_BYTES and len(first) > len(header):
                return Delivery(True, archive(header, bytes(first), group[index:], pieces, stem, ending))
            first += piece
    return Delivery(False, single(bytes(first)))


async def single(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def archive(
    header: bytes, first: bytes, rest: list[bytes], pieces: AsyncIterator[list[bytes]], stem: str, ending: str
) -> AsyncIterator[bytes]:
    outlet = Outlet()
    number = 1
    with zipfile.ZipFile(cast("IO[bytes]", outlet), "w", zipfile.ZIP_DEFLATED, compresslevel=3) as target:
        part = target.open(f"{stem}-{number}.{ending}", "w")
        try:
            part.write(first)
            size = len(first)
            yield outlet.take()
            group: list[bytes] | None = rest
            while group is not None:
                for piece in group:
                    if size + len(piece) > MAX_PART_BYTES and size > len(header):
                        part.close()
                        number += 1
                        part = target.open(f"{stem}-{number}.{ending}", "w")
                        part.write(header)
                        size = len(header)
                    part.write(piece)
                    size += len(piece)
                if outlet.written:
                    yield outlet.take()
                group = await anext(pieces, None)
        finally:
            part.close()
    yield outlet.take()
