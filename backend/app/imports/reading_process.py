"""Reading in a process of its own: `python -m app.imports.reading_process`, told what to read by its input.

Reading is all Python, and takes longer than writing: in the backend's process it would hold up every request, and
leave a second core idle. What was read waits in the pipe until it is taken; when the backend dies, the pipe breaks.
"""

import asyncio
import contextlib
import pickle
import struct
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from app.imports.errors import TableUnreadable
from app.imports.reading import CHUNK_RESULTS, Chunk, ItemReader, Source

BACKEND = Path(__file__).resolve().parents[2]
LENGTH = struct.Struct(">Q")

Message = Chunk | str | None
"""A chunk, why the file cannot be read on, or the end."""


class ReaderLost(Exception):
    """The process ended before the file did."""


@contextlib.asynccontextmanager
async def reading(source: Source, position: int) -> AsyncIterator[AsyncIterator[Chunk]]:
    """The chunks of a file from its beginning; one of them ends exactly at `position`. Raises TableUnreadable."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app.imports.reading_process",
        cwd=BACKEND, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(pickle.dumps((source, position)))
        process.stdin.close()
        yield chunks(process.stdout)
    finally:
        if process.returncode is None:
            process.kill()
        # Also takes what is left in the pipe: without that asyncio never sees that the process has ended.
        await process.communicate()


async def chunks(stream: asyncio.StreamReader) -> AsyncIterator[Chunk]:
    while True:
        try:
            (length,) = LENGTH.unpack(await stream.readexactly(LENGTH.size))
            content = await stream.readexactly(length)
        except asyncio.IncompleteReadError:
            raise ReaderLost from None
        # From our own process, through a pipe that nobody else has.
        message: Message = await asyncio.to_thread(pickle.loads, content)
        if message is None:
            return
        if isinstance(message, str):
            raise TableUnreadable(message)
        yield message


def send(message: Message) -> None:
    content = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    sys.stdout.buffer.write(LENGTH.pack(len(content)))
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def main() -> None:
    source, left = pickle.load(sys.stdin.buffer)  # noqa: S301  # from the process that started this one
    reader = ItemReader(source)
    try:
        while (chunk := reader.next_chunk(min(left, CHUNK_RESULTS) or CHUNK_RESULTS)) is not None:
            left = max(0, left - len(chunk.results))
            send(chunk)
    except TableUnreadable as error:
        send(error.detail or error.title)
    else:
        send(None)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        main()
