"""What every format has: rows in, items out, and back. A row error never stops the rows after it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol

from app.formats.items import CatalogueItem

Row = tuple[int, dict[str, str]]
"""The line in the file that a row begins on, and its cells by column."""

GuardLevel = Literal["full", "formulas", "none"]


@dataclass(frozen=True, slots=True)
class RowError:
    line: int
    column: str | None
    code: str
    message: str


@dataclass(slots=True)
class ReadResult:
    """One item, or the reasons why there is none. With `warnings` the item is good, but not all of its cells were."""

    item: CatalogueItem | None
    lines: list[int]
    errors: list[RowError] = field(default_factory=list)
    warnings: list[RowError] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """`language` is that of the file's texts; `currency` is that of its prices, where the file does not say it."""

    language: str
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """`attribute_count`, `attribute_names` and `extra_columns` make the header, before the first item is known."""

    language: str = "en"
    currency: str | None = None
    formula_guard: GuardLevel | None = None
    attribute_count: int = 0
    attribute_names: tuple[str, ...] = ()
    extra_columns: tuple[str, ...] = ()
    product_url_template: str | None = None
    availability: str = "in_stock"


class RowWriter(Protocol):
    """Writes items one by one; a parent must be followed by its variants. May hold items back until `finish`."""

    def header(self) -> list[str]: ...

    def rows(self, item: CatalogueItem) -> list[list[str]]: ...

    def finish(self) -> list[list[str]]: ...


class Format(Protocol):
    """`fields` are the names that a mapping may use, beside `attribute:<name>`, `extra` and `ignore`."""

    name: str
    fields: tuple[str, ...]

    def propose_mapping(self, header: list[str]) -> dict[str, str]: ...

    def read(self, rows: Iterable[Row], mapping: dict[str, str], options: ReadOptions) -> Iterator[ReadResult]: ...

    def writer(self, options: WriteOptions) -> RowWriter: ...

    def write(self, items: Iterable[CatalogueItem], options: WriteOptions) -> Iterator[list[str]]: ...


def write_rows(writer: RowWriter, items: Iterable[CatalogueItem]) -> Iterator[list[str]]:
    yield writer.header()
    for item in items:
        yield from writer.rows(item)
    yield from writer.finish()
