"""The rows with problems as a file of their own, in the form of the file that they came in: to mend and send again.

What is wrong stands in two columns in front, so that a row with too many cells does not push it away. Those columns
are not read when the file comes back.
"""

import asyncio
import csv
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

from app.database import Sessions
from app.formats.cells import guard
from app.imports.delimited import Record, read_records
from app.imports.repository import ImportRepository
from app.imports.tables import ERROR_COLUMN, ERROR_LINE_COLUMN, TableShape

BATCH = 1_000
NO_TEXT = re.compile("[\ud800-\udfff]")


def as_csv(rows: list[list[str]], delimiter: str) -> bytes:
    buffer = StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter).writerows(rows)
    return NO_TEXT.sub("\ufffd", buffer.getvalue()).encode()


def without_error_columns(record: Record, header: list[str]) -> list[str]:
    """Of a file that is itself one of failed rows."""
    ours = {ERROR_LINE_COLUMN, ERROR_COLUMN}
    return [
        cell for index, cell in enumerate(record.cells) if index >= len(header) or header[index].strip() not in ours
    ]


def described(problems: list[dict[str, Any]]) -> str:
    texts = [f"{each['column']}: {each['message']}" if each["column"] else each["message"] for each in problems]
    # A column may be called what it likes, also a formula.
    return guard(" · ".join(dict.fromkeys(texts)), "full")


async def failed_rows(sessions: Sessions, import_id: uuid.UUID, path: Path, shape: TableShape) -> AsyncIterator[bytes]:
    """CSV with a byte order mark, which spreadsheets need. No session is held while bytes are sent."""
    records = read_records(path, shape.encoding, shape.delimiter)
    header: list[str] = []
    for record in await asyncio.to_thread(lambda: list(islice(records, shape.header_row))):
        header = record.cells
    first = without_error_columns(Record(shape.header_row, header), header)
    yield b"\xef\xbb\xbf" + as_csv([[ERROR_LINE_COLUMN, ERROR_COLUMN, *first]], shape.delimiter)
    after: tuple[int, uuid.UUID] | None = None
    while True:
        async with sessions() as session:
            problems = await ImportRepository(session).problems_after(import_id, after, BATCH)
        if not problems:
            return
        after = problems[-1].line, problems[-1].id
        texts: dict[int, str] = {}
        for each in problems:
            for line in each.lines:
                text = described(each.problems) if line == each.line else ""
                texts[line] = " · ".join(filter(None, dict.fromkeys([texts.get(line, ""), text])))
        rows = await asyncio.to_thread(lambda wanted=texts: list(rows_with(records, wanted, header)))  # type: ignore[misc]
        yield as_csv(rows, shape.delimiter)


def rows_with(records: Iterator[Record], wanted: dict[int, str], header: list[str]) -> Iterator[list[str]]:
    """Those of the wanted rows that were not read yet, up to the last one."""
    last = max(wanted)
    for record in records:
        if record.number in wanted:
            yield [str(record.number), wanted[record.number], *without_error_columns(record, header)]
        if record.number >= last:
            return
