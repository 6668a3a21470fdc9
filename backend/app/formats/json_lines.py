"""All that we know of products as JSON: an array in a file, or one object on each line. Nothing is lost.

Both are written and read item by item. Reading decodes one value after another, so an array of any length needs the
memory of its longest item only.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError, create_model

from app.formats.base import ReadResult, RowError
from app.formats.items import CatalogueItem
from app.products.schemas import (
    Brand,
    Gtin,
    Languages,
    Name,
    OptionalName,
    OptionNames,
    ProductStatus,
    Sku,
    Tags,
    Url,
)

ITEM = TypeAdapter(CatalogueItem)
# What the catalogue takes; the item's own types leave lengths open.
NoText = Annotated[str, Field(max_length=0)]
FIELDS = create_model(
    "ItemFields",
    sku=(Sku, ...),
    name=(Name | None, ...),
    new_name=(Name | None, ...),
    brand=(Brand | None, ...),
    category=(OptionalName | None, ...),
    gtin=(Gtin | NoText | None, ...),
    status=(ProductStatus | None, ...),
    keywords=(Annotated[list[OptionalName], Field(max_length=100)] | None, ...),
    tags=(Tags | None, ...),
    languages=(Languages | None, ...),
    source_urls=(Annotated[list[Url], Field(max_length=20)] | None, ...),
    parent_sku=(Sku | None, ...),
    option_names=(OptionNames | None, ...),
)
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
MAX_ITEM_CHARACTERS = 4_000_000


def item_json(item: CatalogueItem) -> str:
    """On one line. What the file says nothing about is left out."""
    return ITEM.dump_json(item, exclude_none=True).decode()


def write_json(items: Iterable[CatalogueItem], *, lines: bool = False) -> Iterator[str]:
    if lines:
        for item in items:
            yield item_json(item) + "\n"
        return
    opening = "[\n"
    for item in items:
        yield opening + item_json(item)
        opening = ",\n"
    yield "\n]\n" if opening != "[\n" else "[]\n"


def read_json(chunks: Iterable[str]) -> Iterator[ReadResult]:
    """An array or lines, in pieces of any size. Lines are counted from 1, where each item begins."""
    decoder = json.JSONDecoder()
    buffer, line, started = "", 1, False
    source = iter(chunks)
    ended = False
    while True:
        stripped = buffer.lstrip(" \t\r\n,\ufeff" if started else " \t\r\n[\ufeff")
        line += buffer[: len(buffer) - len(stripped)].count("\n")
        buffer = stripped
        if buffer.startswith("]"):
            return
        value: Any = None
        length = 0
        if buffer:
            try:
                value, length = decoder.raw_decode(buffer)
            except (ValueError, RecursionError) as error:
                # Not all of it may be there yet.
                if ended or len(buffer) > MAX_ITEM_CHARACTERS or isinstance(error, RecursionError):
                    yield failed(line, "json-invalid", f"What begins here is no JSON that can be read: {error}")
                    return
        if length and (ended or length < len(buffer)):
            started = True
            yield to_result(value, line)
            line += buffer[:length].count("\n")
            buffer = buffer[length:]
        elif ended:
            return
        else:
            piece = next(source, None)
            ended = piece is None
            buffer += piece or ""


def to_result(value: Any, line: int) -> ReadResult:
    try:
        item = ITEM.validate_python(value)
        FIELDS.model_validate(item, from_attributes=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or None
        return failed(line, "item-invalid", f"{first['msg']}.", where)
    if NUL.search(json.dumps(value)):
        return failed(line, "unstorable-character", "A NUL character stands in this item; remove it.")
    return ReadResult(item, [line])


def failed(line: int, code: str, message: str, column: str | None = None) -> ReadResult:
    return ReadResult(None, [line], [RowError(line, column, code, message)])
