"""Items to the pieces of a file. Each writer takes batches, and says how many rows and products it wrote."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Protocol

from app.exports.schemas import ExportFormat, ExportRequest
from app.formats.base import GuardLevel, RowWriter, WriteOptions
from app.formats.google_xml import XML_CLOSING, item_xml, xml_opening
from app.formats.items import CatalogueItem
from app.formats.json_lines import item_json
from app.formats.registry import FORMATS

FILE_TYPES: dict[ExportFormat, tuple[str, str]] = {
    "shopify": ("csv", "text/csv; charset=utf-8"),
    "woocommerce": ("csv", "text/csv; charset=utf-8"),
    "google": ("tsv", "text/tab-separated-values; charset=utf-8"),
    "google-xml": ("xml", "application/xml"),
    "generic": ("csv", "text/csv; charset=utf-8"),
    "json": ("json", "application/json"),
    "json-lines": ("jsonl", "application/x-ndjson"),
}
# Spreadsheets take a file without it for one of another encoding; shops stumble over it.
BOM = "\ufeff"


class FileWriter(Protocol):
    rows: int
    products: int

    @property
    def skipped(self) -> int: ...

    def opening(self) -> str: ...

    def pieces(self, items: Sequence[CatalogueItem]) -> list[str]:
        """Pieces that must not be parted: what belongs to one product."""

    def closing(self) -> list[str]: ...


class TableFile:
    def __init__(self, writer: RowWriter, *, delimiter: str, bom: bool) -> None:
        self.writer = writer
        self.buffer = io.StringIO(newline="")
        self.csv = csv.writer(self.buffer, delimiter=delimiter)
        self.bom = bom
        self.rows = 0
        self.products = 0

    @property
    def skipped(self) -> int:
        return int(getattr(self.writer, "skipped", 0))

    def text(self, rows: Iterable[list[str]]) -> str:
        self.buffer.seek(0)
        self.buffer.truncate()
        self.csv.writerows(rows)
        return self.buffer.getvalue()

    def opening(self) -> str:
        return (BOM if self.bom else "") + self.text([self.writer.header()])

    def pieces(self, items: Sequence[CatalogueItem]) -> list[str]:
        return self.counted([self.writer.rows(item) for item in items], len(items))

    def closing(self) -> list[str]:
        return self.counted([self.writer.finish()], 0)

    def counted(self, groups: list[list[list[str]]], products: int) -> list[str]:
        self.products += products
        self.rows += sum(map(len, groups))
        return [self.text(rows) for rows in groups if rows]


class XmlFile:
    skipped = 0

    def __init__(self, options: WriteOptions, title: str) -> None:
        self.options = options
        self.title = title
        self.rows = 0
        self.products = 0

    def opening(self) -> str:
        return xml_opening(self.title)

    def pieces(self, items: Sequence[CatalogueItem]) -> list[str]:
        written = [text for item in items if (text := item_xml(item, self.options))]
        self.rows += len(written)
        self.products += len(items)
        return written

    def closing(self) -> list[str]:
        return [XML_CLOSING]


class JsonFile:
    skipped = 0

    def __init__(self, *, lines: bool) -> None:
        self.lines = lines
        self.rows = 0
        self.products = 0

    def opening(self) -> str:
        return "" if self.lines else "["

    def pieces(self, items: Sequence[CatalogueItem]) -> list[str]:
        written = []
        for item in items:
            before = "" if self.lines else ",\n" if self.rows else "\n"
            written.append(before + item_json(item) + ("\n" if self.lines else ""))
            self.rows += 1
        self.products += len(items)
        return written

    def closing(self) -> list[str]:
        return [] if self.lines else ["\n]\n"]


def guard_level(request: ExportRequest) -> GuardLevel | None:
    wanted = request.options.formula_guard
    return None if wanted is None else "full" if wanted else "none"


def file_writer(request: ExportRequest, options: WriteOptions) -> FileWriter:
    match request.format:
        case "json" | "json-lines":
            return JsonFile(lines=request.format == "json-lines")
        case "google-xml":
            return XmlFile(options, request.target)
    name = "shopify-legacy" if request.format == "shopify" and request.options.legacy_header else request.format
    delimiter = "\t" if request.format == "google" else ","
    return TableFile(FORMATS[name].writer(options), delimiter=delimiter, bom=request.format == "generic")
