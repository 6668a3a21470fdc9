"""A file as a table: which encoding and delimiter, where the header is, and then its rows by column name."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from app.imports.delimited import Record, detect_delimiter, read_records
from app.imports.encodings import WIDE_MARKS, detect_encoding, utf16_without_mark
from app.imports.errors import TableUnreadable

ERROR_LINE_COLUMN = "import_error_line"
ERROR_COLUMN = "import_error"
"""Columns of the file of failed rows. They are not read when that file comes back."""

MAX_COLUMNS = 1_000
MAX_NAME_CHARACTERS = 200
# The header is looked for in so many rows: what stands above it is a title, a date, an empty line.
HEADER_WITHIN = 20
NAMED_SHARE = 0.75
SAMPLED_RECORDS = 200
NOT_TEXT_SHARE = 0.01
TEXT_CONTROLS = b"\t\n\r\x0b\x0c\x1a\x1b"
SPREADSHEET_ERRORS = frozenset(
    {"#REF!", "#DIV/0!", "#N/A", "#VALUE!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"}
)


@dataclass(frozen=True, slots=True)
class TableShape:
    """How a file is read. `columns` are the names with their places in a record, `width` the header's cells."""

    encoding: str
    delimiter: str
    header_row: int
    width: int
    columns: list[tuple[int, str]]

    @property
    def names(self) -> list[str]:
        return [name for _, name in self.columns]


@dataclass(frozen=True, slots=True)
class BadRow:
    line: int
    message: str
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Extent:
    """The first records, and how many there are in all: exactly, where they are so few."""

    records: list[Record]
    rows: int
    exact: bool


def refuse_what_is_no_text(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(64 * 1024)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if not start:
        raise TableUnreadable("The file is empty.")
    if start in {b"<", b"{", b"["}:
        raise TableUnreadable(
            "The file is HTML, XML or JSON, not a table. Open it in a spreadsheet and save it as CSV or XLSX."
        )
    controls = sum(byte < 0x20 and byte not in TEXT_CONTROLS for byte in head)
    is_wide = head.startswith(WIDE_MARKS) or utf16_without_mark(head) is not None
    if not is_wide and controls > max(8, NOT_TEXT_SHARE * len(head)):
        raise TableUnreadable("The file is neither text nor a workbook. Send CSV, TSV, XLSX, XLS or ODS.")


def filled(cells: Iterable[str]) -> int:
    return sum(1 for cell in cells if cell.strip())


def find_header(records: list[Record]) -> int:
    """The number of the first row that fills about as many columns as most of the rows below it do.

    Titles fill fewer; a single row below that has too many cells does not matter, nor a column without a name.
    """
    counts = [(record.number, filled(record.cells)) for record in records if record.problem is None]
    counts = [(number, size) for number, size in counts if size]
    if not counts:
        raise TableUnreadable("The file has no rows.")
    for index, (number, size) in enumerate(counts):
        below = [each for _, each in counts[index + 1 :]]
        if number <= HEADER_WITHIN and 2 * sum(NAMED_SHARE * each <= size for each in below) >= len(below):
            return number
    # Fewer names than columns.
    most = max(size for _, size in counts)
    return next(number for number, size in counts if size > most / 2)


def column_names(header: list[str], records: list[Record]) -> list[tuple[int, str]]:
    """Unique names; a column without one has the name of its place, if anything is in it."""
    columns: list[tuple[int, str]] = []
    taken: set[str] = set()
    for index, cell in enumerate(header):
        name = " ".join(cell.replace("\ufeff", "").split())[:MAX_NAME_CHARACTERS]
        if name in {ERROR_LINE_COLUMN, ERROR_COLUMN}:
            continue
        if not name:
            if not any(index < len(record.cells) and record.cells[index].strip() for record in records):
                continue
            name = f"Column {index + 1}"
        unique, copy = name, 2
        while unique in taken:
            unique, copy = f"{name[: MAX_NAME_CHARACTERS - 8]} ({copy})", copy + 1
        taken.add(unique)
        columns.append((index, unique))
    if len(columns) > MAX_COLUMNS:
        raise TableUnreadable(f"The table has {len(columns):,} columns; at most {MAX_COLUMNS:,} are read.")
    return columns


def describe(
    path: Path, encoding: str | None = None, delimiter: str | None = None, header_row: int | None = None
) -> TableShape:
    """How the file is to be read; what is not given is found out. Raises TableUnreadable."""
    refuse_what_is_no_text(path)
    encoding = encoding or detect_encoding(path)
    delimiter = delimiter or detect_delimiter(path, encoding)
    records = sample_records(path, encoding, delimiter)
    header_row = header_row or find_header(records)
    header = next((record for record in records if record.number == header_row), None)
    if header is None or not filled(header.cells):
        raise TableUnreadable(f"Row {header_row} has no column names.")
    if header.problem is not None:
        raise TableUnreadable(f"The header cannot be read. {header.problem}")
    columns = column_names(header.cells, [record for record in records if record.number > header_row])
    return TableShape(encoding, delimiter, header_row, len(header.cells), columns)


def sample_records(path: Path, encoding: str, delimiter: str) -> list[Record]:
    try:
        return list(islice(read_records(path, encoding, delimiter), SAMPLED_RECORDS))
    except UnicodeError:
        raise TableUnreadable(f"The file is not in the encoding {encoding}.") from None


def estimate_rows(path: Path, shape: TableShape) -> int:
    """How many rows follow the header: exactly for small files, else by the length of the first ones."""
    count = length = 0
    records = read_records(path, shape.encoding, shape.delimiter)
    for record in islice(records, 2_000):
        count += 1
        length += sum(map(len, record.cells)) + max(1, len(record.cells))
    rest = 0 if next(records, None) is None else path.stat().st_size / (length or 1)
    return max(0, round(count * rest if rest else count) - shape.header_row)


def problem_of(record: Record, shape: TableShape) -> BadRow | None:
    if record.problem is not None:
        return BadRow(record.number, record.problem)
    if len(record.cells) > shape.width and any(cell.strip() for cell in record.cells[shape.width :]):
        return BadRow(
            record.number,
            f"The row has {len(record.cells)} cells, but the header has {shape.width}: "
            "a text with the delimiter in it must stand in quotes.",
        )
    for index, name in shape.columns:
        if index < len(record.cells) and record.cells[index][:1] == "#" and record.cells[index] in SPREADSHEET_ERRORS:
            return BadRow(record.number, f"The cell shows the spreadsheet's error {record.cells[index]}.", name)
    return None


def read_rows(path: Path, shape: TableShape) -> Iterator[tuple[int, dict[str, str]] | BadRow]:
    """The rows below the header, without the empty ones. Cells that a row lacks are empty."""
    for record in read_records(path, shape.encoding, shape.delimiter):
        if record.number <= shape.header_row or not any(map(str.strip, record.cells)):
            continue
        bad = problem_of(record, shape)
        if bad is not None:
            yield bad
            continue
        cells = record.cells
        missing = shape.width - len(cells)
        if missing > 0:
            cells = cells + [""] * missing
        yield record.number, {name: cells[index] for index, name in shape.columns}
