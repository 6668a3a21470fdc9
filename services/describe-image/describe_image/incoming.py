"""Both forms of the request, JSON and multipart, read into one: the options, and where the image is."""

import asyncio
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from describe_image.errors import UnsupportedMediaType
from shared.models.describe import MAX_IMAGE_BYTES, DescribeOptions, DescribeRequest
from shared.models.problems import InvalidField
from shared.utils.errors import InvalidRequest
from shared.utils.images import ImageTooLarge

MULTIPART_SCHEMA = {
    "type": "object",
    "required": ["image"],
    "properties": {
        "image": {"type": "string", "format": "binary"},
        **{name: {"type": "string"} for name in DescribeOptions.model_fields},
    },
    "additionalProperties": False,
}
REQUEST_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": DescribeRequest.model_json_schema()},
            "multipart/form-data": {"schema": MULTIPART_SCHEMA},
        },
    }
}


@dataclass(frozen=True, slots=True)
class IncomingImage:
    """Exactly one of `content` and `url` is set."""

    options: DescribeOptions
    content: bytes | None = None
    url: str | None = None


async def read_request(request: Request) -> IncomingImage:
    """Raises RequestValidationError, InvalidRequest, UnsupportedMediaType, ImageTooLarge."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == "application/json" or media_type.endswith("+json"):
        body = await request.body()
        # Megabytes of base64: long enough to hold up everybody else.
        return await asyncio.to_thread(read_json, body)
    if media_type == "multipart/form-data":
        return await read_multipart(request)
    raise UnsupportedMediaType("Send application/json, or multipart/form-data with the file in the field image.")


def read_json(body: bytes) -> IncomingImage:
    try:
        asked = DescribeRequest.model_validate_json(body)
    except ValidationError as error:
        raise refused(error) from None
    options = DescribeOptions(**asked.model_dump(include=set(DescribeOptions.model_fields)))
    if asked.image_url is not None:
        return IncomingImage(options, url=asked.image_url)
    try:
        return IncomingImage(options, content=asked.image_bytes())
    except ValueError as error:
        detail = str(error)
        raise InvalidRequest(detail, errors=[InvalidField(detail=detail, pointer="#/image_base64")]) from None


def refused(error: ValidationError) -> Exception:
    entries = error.errors(include_url=False, include_context=False, include_input=False)
    if any(entry["loc"] == ("image_base64",) and entry["type"] == "string_too_long" for entry in entries):
        return ImageTooLarge(f"At most {MAX_IMAGE_BYTES // 1024 // 1024} MB are accepted.")
    return RequestValidationError([{**entry, "loc": ("body", *entry["loc"])} for entry in entries])


async def read_multipart(request: Request) -> IncomingImage:
    async with request.form(max_files=2, max_fields=20) as form:
        fields: dict[str, str] = {}
        content: bytes | None = None
        for name, value in form.multi_items():
            if name in fields or (name == "image" and content is not None):
                raise invalid(name, "this field is given twice")
            if name == "image":
                if not isinstance(value, UploadFile):
                    raise invalid(name, "this field must be a file")
                content = await value.read()
            elif isinstance(value, UploadFile):
                raise invalid(name, "this field must not be a file")
            else:
                fields[name] = value
    if content is None:
        raise invalid("image", "a file is required in this field")
    try:
        return IncomingImage(DescribeOptions.model_validate(fields), content=content)
    except ValidationError as error:
        raise refused(error) from None


def invalid(name: str, detail: str) -> InvalidRequest:
    return InvalidRequest(
        "One or more fields are not valid.", errors=[InvalidField(detail=detail, pointer=f"#/{name}")]
    )
