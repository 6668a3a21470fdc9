"""Delimited text as numbered records: quotes, line breaks and delimiters inside cells, damaged rows, nothing evaluated.

Records are numbered as a spreadsheet numbers its rows. Memory is bounded by the longest record, whatever the file
holds; a record that cannot be read is told as such, and reading goes on behind it.
"""

import csv
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TextIO

from app.imports.errors import TableUnreadable

DELIMITERS = (",", ";", "\t", "|")
STATED_DELIMITERS = ",;\t|:^~"
MAX_CELL_CHARACTERS = 1_000_000
MAX_RECORD_CHARACTERS = 4_000_000
# What follows a broken record's first line is read again. A file that needs more of that is not a table.
MAX_REREAD_CHARACTERS = 50_000_000
SNIFFED_RECORDS = 200
SNIFFED_CHARACTERS = 512 * 1024

# The limit is the process's; nothing else here reads delimited text.
csv.field_size_limit(MAX_CELL_CHARACTERS)


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a table as it stands there. `problem` says why its cells cannot be used."""

    number: int
    cells: list[str]
    problem: str | None = None


class RecordTooLong(Exception):
    """More text than any row has: a quote that is opened and never closed, or no table at all."""


class Lines:
    """The physical lines of a file; those of the record that is being read can be had again."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._again: deque[str] = deque()
        self.record: list[str] = []
        self._length = 0
        self.exhausted = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._file.readline(MAX_RECORD_CHARACTERS + 1)
        if not line:
            self.exhausted = True
            raise StopIteration
        self.record.append(line)
        self._length += len(line)
        if self._length > MAX_RECORD_CHARACTERS:
            raise RecordTooLong
        return line

    def next_record(self) -> None:
        self.record.clear()
        self._length = 0

    def give_up_first_line(self) -> str:
        """Of a broken record only the first line is lost: what follows is read again, as rows of their own."""
        if not self.record:
            # The error came before any line of it.
            return ""
        first, *rest = self.record
        self._again.extendleft(reversed(rest))
        self.next_record()
        self.exhausted = False
        if not first.endswith(("\n", "\r")) and not self._again:
            while (piece := self._file.readline(MAX_RECORD_CHARACTERS)) and not piece.endswith(("\n", "\r")):
                pass
        return first


def excel_separator(line: str) -> str | None:
    """Excel's `sep=;` in the first line says the delimiter and is no row."""
    text = line.strip("\ufeff\r\n").strip('"')
    stated = text[4:] if text.lower().startswith("sep=") else ""
    return stated if len(stated) == 1 and stated in STATED_DELIMITERS else None


def open_text(path: Path, encoding: str) -> TextIO:
    """Bytes that are not of this encoding become lone surrogates, so that their row can be told."""
    errors = "surrogateescape" if not encoding.startswith(("utf-16", "utf-32")) else "replace"
    # Line breaks as they are: inside quotes they belong to the text.
    return path.open(encoding=encoding, errors=errors, newline="")


def read_records(path: Path, encoding: str, delimiter: str) -> Iterator[Record]:
    """All records, the empty ones too. Raises TableUnreadable where hardly anything can be read."""
    with open_text(path, encoding) as file:
        first = file.readline(100)
        file.seek(0)
        lines = Lines(file)
        if excel_separator(first) is not None:
            next(lines)
            lines.next_record()
        reader = csv.reader(lines, delimiter=delimiter)
        number = reread = 0
        while True:
            number += 1
            try:
                cells = next(reader)
                if lines.exhausted or (len(lines.record) > 1 and not is_strict(lines.record, delimiter)):
                    raise csv.Error("quotes that do not match")
            except StopIteration:
                return
            except (csv.Error, RecordTooLong):
                reread += sum(map(len, lines.record))
                if reread > MAX_REREAD_CHARACTERS:
                    raise TableUnreadable(
                        f"Up to row {number} too many rows cannot be read: their quotes do not match, or they are "
                        "longer than any product. Check the delimiter and the encoding, or save the file anew as CSV."
                    ) from None
                text = lines.give_up_first_line()
                yield Record(
                    number,
                    [text.rstrip("\r\n")[:MAX_CELL_CHARACTERS]],
                    'A quote (") is opened here and not closed as it should be (a quote in a text is written twice), '
                    f"or a cell is longer than {MAX_CELL_CHARACTERS:,} characters.",
                )
                # The reader may be in the middle of a record.
                reader = csv.reader(lines, delimiter=delimiter)
                continue
            lines.next_record()
            yield Record(number, cells, damage(cells))


def is_strict(lines: list[str], delimiter: str) -> bool:
    """Whether all quotes are where they belong: else a quote is missing somewhere, and rows have run together."""
    try:
        return len(list(csv.reader(lines, delimiter=delimiter, strict=True))) == 1
    except csv.Error:
        return False


def damage(cells: list[str]) -> str | None:
    """What no text may contain: NUL characters, and bytes that the encoding does not know."""
    for cell in cells:
        if cell.isascii() and "\x00" not in cell:
            continue
        if "\x00" in cell:
            return "It contains a NUL character, which no text has."
        if any("\ud800" <= character <= "\udfff" for character in cell):
            return "It contains bytes that are not text in the file's encoding, shown as �."
    return None


def detect_delimiter(path: Path, encoding: str) -> str:
    """The delimiter that splits the first rows most evenly into the most columns."""
    with open_text(path, encoding) as file:
        sample = file.read(SNIFFED_CHARACTERS)
    first = sample.partition("\n")[0]
    if (stated := excel_separator(first)) is not None:
        return stated
    scores = {delimiter: evenness(sample, delimiter) for delimiter in DELIMITERS}
    return max(scores, key=lambda delimiter: scores[delimiter])


def evenness(sample: str, delimiter: str) -> tuple[float, int]:
    """The share of the rows that have as many cells as most have, if more than one; and that number of cells."""
    widths: Counter[int] = Counter()
    reader = csv.reader(StringIO(sample, newline=""), delimiter=delimiter)
    for _ in range(SNIFFED_RECORDS):
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error:
            continue
        if any(cells):
            widths[len(cells)] += 1
    if not widths:
        return 0.0, 0
    width, rows = max(widths.items(), key=lambda item: (item[1], item[0]))
    if width == 1:
        return 0.0, 0
    return rows / widths.total() * (1 - 1 / width), width
