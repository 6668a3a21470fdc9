"""Workbooks (XLSX, XLS, XLSB, ODS): checked, then turned into CSV by a process of its own."""

import asyncio
import json
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from app.imports.errors import TableUnreadable

ZIP_MARK = b"PK\x03\x04"
OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_UNPACKED_BYTES = 1_500_000_000
MAX_PARTS = 5_000
TIMEOUT_S = 180.0
PARTS_OF_WORKBOOKS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")
TOO_BIG = "The workbook is too big when it is unpacked. Save it as CSV, which is read row by row."
BACKEND = Path(__file__).resolve().parents[2]
# Each may take much memory for a while.
CONVERTING = asyncio.Semaphore(1)


@dataclass(frozen=True, slots=True)
class ConvertedSheet:
    """`merged`: how many areas were merged over several rows; their value then counts for each row."""

    sheet: str
    sheets: list[str]
    rows: int
    merged: int


def is_workbook(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(8).startswith((ZIP_MARK, OLE_MARK))


def check_archive(path: Path) -> None:
    """What the archive's directory says of the unpacked size, before anything is unpacked."""
    with path.open("rb") as file:
        if not file.read(4).startswith(ZIP_MARK):
            return
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise TableUnreadable("The file is a damaged archive. Save the workbook anew, or as CSV.") from None
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise TableUnreadable(TOO_BIG)
    if not {part.filename for part in parts} & set(PARTS_OF_WORKBOOKS):
        raise TableUnreadable("The file is a ZIP archive, but no workbook. Send the table itself: CSV, XLSX or ODS.")


async def convert_workbook(path: Path, target: Path, sheet: str | None) -> ConvertedSheet:
    """Write the sheet (else the first that has anything in it) to `target` as CSV; both paths must be absolute.

    Raises TableUnreadable.
    """
    await asyncio.to_thread(check_archive, path)
    arguments = [str(path), str(target), *([sheet] if sheet is not None else [])]
    async with CONVERTING:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "app.imports.workbook_process", *arguments,
            cwd=BACKEND,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            async with asyncio.timeout(TIMEOUT_S):
                output, _ = await process.communicate()
        except TimeoutError:
            raise TableUnreadable("The workbook takes too long to be read. Save it as CSV.") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()
    if process.returncode != 0:
        # Killed by its limits of memory or time, or by a bug in the library that only this file finds.
        raise TableUnreadable(TOO_BIG)
    answer = json.loads(output)
    if "problem" in answer:
        raise TableUnreadable(answer["problem"])
    return ConvertedSheet(**answer)
