"""Start a process in its own group, and read what it prints."""

import asyncio
import os
from collections.abc import Callable, Mapping
from pathlib import Path

CHUNK_BYTES = 65536
LONGEST_LINE = 256 * 1024


async def spawn(
    command: list[str], folder: Path, environment: Mapping[str, str]
) -> tuple[asyncio.subprocess.Process, asyncio.StreamReader]:
    """The process, and its output (stdout and stderr together).

    The pipe is our own: asyncio would let `wait` return only when every process that has inherited its pipe is gone.
    Forked here, in the event loop's thread, which is the main one: see guard.py.
    """
    reading, writing = os.pipe()
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            env=dict(environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=writing,
            stderr=asyncio.subprocess.STDOUT,
            process_group=0,
        )
    except BaseException:
        os.close(reading)
        raise
    finally:
        os.close(writing)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb")
    )
    return process, reader


async def copy_output(
    reader: asyncio.StreamReader, line: Callable[[bytes], None], chunk: Callable[[bytes], None] | None = None
) -> None:
    """Call `line` with each line (without its end), and `chunk` with everything as it comes, until the output ends."""
    pending = b""
    while read := await reader.read(CHUNK_BYTES):
        if chunk is not None:
            chunk(read)
        *lines, pending = (pending + read).split(b"\n")
        if len(pending) > LONGEST_LINE:
            lines, pending = [*lines, pending], b""
        for each in lines:
            line(each)
    if pending:
        line(pending)
