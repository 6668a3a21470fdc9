"""From the rows of a file to products: what the format makes of them, each SKU once, in chunks of bounded size."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.formats.base import ReadOptions, ReadResult, Row, RowError
from app.formats.registry import FORMATS
from app.imports.errors import TableUnreadable
from app.imports.tables import BadRow, TableShape, read_rows

# Writing a chunk takes the backend's only thread for a while: a small one lets requests in between.
CHUNK_RESULTS = 250
CHUNK_CHARACTERS = 4_000_000


@dataclass(frozen=True, slots=True)
class Source:
    """A file and all that says how it is read; the same source always gives the same results in the same order."""

    path: Path
    shape: TableShape
    format: str
    mapping: dict[str, str]
    language: str
    currency: str | None
    max_rows: int


@dataclass(slots=True)
class Chunk:
    """`rows`: how many were read of the file by then."""

    results: list[ReadResult] = field(default_factory=list)
    rows: int = 0


class ItemReader:
    """Reads a source from its beginning, once."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._bad: list[BadRow] = []
        self._characters = 0
        self._rows = 0
        self._sku_column = next((column for column, name in source.mapping.items() if name == "sku"), None)
        self._seen: dict[str, int] = {}
        self._results = self._read()

    def next_chunk(self, most: int = CHUNK_RESULTS) -> Chunk | None:
        """None at the end. Raises TableUnreadable where the file cannot be read on."""
        chunk = Chunk()
        self._characters = 0
        for result in self._results:
            chunk.results.append(result)
            if len(chunk.results) >= most or self._characters >= CHUNK_CHARACTERS:
                break
        chunk.rows = self._rows
        return chunk if chunk.results else None

    def _rows_of_file(self) -> Iterator[Row]:
        for row in read_rows(self._source.path, self._source.shape):
            self._rows += 1
            if self._rows > self._source.max_rows:
                raise TableUnreadable(
                    f"The file has more than {self._source.max_rows:,} rows. What stands above was read; "
                    "split the file, and import the rest as a file of its own."
                )
            if isinstance(row, BadRow):
                self._bad.append(row)
                self._characters += 200
            else:
                self._characters += sum(map(len, row[1].values()))
                yield row

    def _read(self) -> Iterator[ReadResult]:
        source = self._source
        options = ReadOptions(language=source.language, currency=source.currency)
        for result in FORMATS[source.format].read(self._rows_of_file(), source.mapping, options):
            yield from self._refused()
            yield self._once(result)
        yield from self._refused()

    def _refused(self) -> Iterator[ReadResult]:
        for bad in self._bad:
            yield ReadResult(None, [bad.line], [RowError(bad.line, bad.column, "row-unreadable", bad.message)])
        self._bad.clear()

    def _once(self, result: ReadResult) -> ReadResult:
        if result.item is None:
            return result
        line = result.lines[0]
        first = self._seen.get(result.item.sku)
        if first is None:
            self._seen[result.item.sku] = line
            return result
        message = f"The SKU {result.item.sku} stands in row {first} already; the first one counts."
        return ReadResult(None, result.lines, [RowError(line, self._sku_column, "duplicate-sku", message)])
