"""What people see before anything is written: the columns with samples, and the first products as they would be."""

from dataclasses import dataclass, fields, replace
from itertools import islice
from pathlib import Path
from typing import Any

from app.formats.items import CatalogueItem
from app.formats.registry import FORMATS
from app.imports.reading import ItemReader, Source
from app.imports.schemas import ImportColumn, PreviewRow, RowProblem
from app.imports.tables import BadRow, TableShape, read_rows

PREVIEW_RESULTS = 20
SAMPLED_ROWS = 50
SAMPLES = 3
SAMPLE_CHARACTERS = 80
TEXT_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Preview:
    columns: list[ImportColumn]
    fields: list[str]
    rows: list[PreviewRow]


def cut(value: Any, longest: int = TEXT_CHARACTERS) -> Any:
    """The same value, its texts no longer than that."""
    match value:
        case str():
            return value if len(value) <= longest else value[: longest - 1] + "…"
        case list():
            return [cut(each, longest) for each in value]
        case dict():
            return {name: cut(each, longest) for name, each in value.items()}
    return value


def cut_item(item: CatalogueItem) -> CatalogueItem:
    short = replace(item, **{each.name: cut(getattr(item, each.name)) for each in fields(item) if each.name != "texts"})
    short.texts = {
        language: replace(texts, **{each.name: cut(getattr(texts, each.name)) for each in fields(texts)})
        for language, texts in item.texts.items()
    }
    return short


def samples(path: Path, shape: TableShape) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {name: [] for name in shape.names}
    for row in islice(read_rows(path, shape), SAMPLED_ROWS):
        if isinstance(row, BadRow):
            continue
        for name, cell in row[1].items():
            text = cut(" ".join(cell.split()), SAMPLE_CHARACTERS)
            if text and len(found[name]) < SAMPLES and text not in found[name]:
                found[name].append(text)
    return found


def make_preview(source: Source) -> Preview:
    """Reads the first rows. Raises TableUnreadable."""
    found = samples(source.path, source.shape)
    columns = [
        ImportColumn(name=name, samples=found[name], mapped_to=source.mapping.get(name, "ignore"))
        for name in source.shape.names
    ]
    chunk = ItemReader(source).next_chunk(PREVIEW_RESULTS)
    rows = [
        PreviewRow(
            line=min(result.lines),
            lines=sorted(set(result.lines)),
            item=cut_item(result.item) if result.item is not None else None,
            problems=[
                RowProblem(line=each.line, column=each.column, code=each.code, message=each.message)
                for each in (*result.errors, *result.warnings)
            ],
        )
        for result in (chunk.results if chunk else [])
    ]
    return Preview(columns, [*FORMATS[source.format].fields, "extra", "ignore"], rows)
