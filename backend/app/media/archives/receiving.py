"""One file out of a multipart body, written to its place as it comes in: never in memory, and not twice on disk."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from app.media.storage import disk_errors
from shared.models.problems import InvalidField
from shared.utils.errors import InvalidRequest

MAX_HEADER_BYTES = 8192


def refused(detail: str, field_name: str) -> InvalidRequest:
    return InvalidRequest(detail, errors=[InvalidField(detail=detail, pointer=f"#/{field_name}")])


@dataclass(slots=True)
class FilePart:
    """Callbacks of the parser: remembers the name of the wanted part, and hands out its bytes."""

    wanted: str
    file_name: str | None = None
    pending: list[bytes] = field(default_factory=list)
    _header: bytearray = field(default_factory=bytearray)
    _value: bytearray = field(default_factory=bytearray)
    _inside: bool = False

    def on_part_begin(self) -> None:
        self._inside = False

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]
        self._check()

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]
        self._check()

    def _check(self) -> None:
        if len(self._header) + len(self._value) > MAX_HEADER_BYTES:
            raise refused("The head of a part is too long.", self.wanted)

    def on_header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            _, options = parse_options_header(bytes(self._value))
            if options.get(b"name") == self.wanted.encode() and b"filename" in options:
                if self.file_name is not None:
                    raise refused("Send one file at a time.", self.wanted)
                self.file_name = options[b"filename"].decode("utf-8", "replace")
                self._inside = True
        self._header.clear()
        self._value.clear()

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._inside:
            self.pending.append(data[start:end])


async def receive_file(request: Request, field_name: str, target: Path) -> str:
    """Write the file of that form field to `target`; its name. Raises InvalidRequest, StorageUnavailable."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise refused("Send the file as multipart/form-data.", field_name)
    part = FilePart(field_name)
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": part.on_part_begin,
                "on_header_field": part.on_header_field,
                "on_header_value": part.on_header_value,
                "on_header_end": part.on_header_end,
                "on_part_data": part.on_part_data,
            },
        )
        with disk_errors(), target.open("wb") as file:
            async for chunk in request.stream():
                parser.write(chunk)
                if part.pending:
                    await asyncio.to_thread(file.writelines, part.pending)
                    part.pending.clear()
        parser.finalize()
    except FormParserError:
        raise refused("The multipart body is damaged. Upload the file once more.", field_name) from None
    except ClientDisconnect:
        raise refused("The upload broke off. Nothing was changed.", field_name) from None
    if part.file_name is None:
        raise refused("The form has no file of this name.", field_name)
    return part.file_name
