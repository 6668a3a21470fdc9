"""Render every error of a FastAPI application as RFC 9457 `application/problem+json`."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared.models.problems import PROBLEM_MEDIA_TYPE, InvalidField, Problem
from shared.utils.errors import (
    AppError,
    Forbidden,
    InternalError,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
)


def problem_response(error: AppError, instance: str | None) -> Response:
    body = error.to_problem(instance).model_dump_json(exclude_none=True)
    return Response(body, status_code=error.status, media_type=PROBLEM_MEDIA_TYPE, headers=error.headers)


def json_pointer(location: Sequence[int | str]) -> str:
    return "#" + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


def invalid_fields(error: RequestValidationError) -> list[InvalidField]:
    fields = []
    for entry in error.errors():
        where, *rest = entry["loc"] or ("body",)
        message = entry["msg"].removeprefix("Value error, ")
        if where == "body":
            # A body that is not JSON carries the character position instead of a path.
            pointer = "#" if entry["type"] == "json_invalid" else json_pointer(rest)
            fields.append(InvalidField(detail=message, pointer=pointer))
        else:
            fields.append(InvalidField(detail=message, parameter=".".join(map(str, rest)) or str(where)))
    return fields


def from_http_exception(error: HTTPException) -> AppError:
    """Starlette's own exceptions (unknown route, wrong method, broken multipart) in our vocabulary."""
    known: dict[int, type[AppError]] = {403: Forbidden, 404: NotFound, 405: MethodNotAllowed, 413: PayloadTooLarge}
    kind = known.get(error.status_code)
    if kind is None:
        kind = InvalidRequest if error.status_code < 500 else InternalError
    standard = HTTPStatus(error.status_code).phrase
    detail = error.detail if error.detail != standard else None
    return kind(detail, headers=dict(error.headers or {}))


def add_problem_handlers(app: FastAPI) -> None:
    async def on_app_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, AppError)
        return problem_response(error, request.url.path)

    async def on_invalid_request(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return problem_response(
            InvalidRequest("One or more fields are not valid.", errors=invalid_fields(error)),
            request.url.path,
        )

    async def on_http_exception(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return problem_response(from_http_exception(error), request.url.path)

    async def on_any(request: Request, error: Exception) -> Response:
        # The server logs it with its traceback: Starlette raises it again after this answer.
        detail = "Something went wrong on our side. Nothing was changed; the log has the details."
        return problem_response(InternalError(detail), request.url.path)

    app.add_exception_handler(AppError, on_app_error)
    app.add_exception_handler(RequestValidationError, on_invalid_request)
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_exception_handler(Exception, on_any)
    if hasattr(app, "openapi"):
        document_problem_media_type(app)


def document_problem_media_type(app: FastAPI) -> None:
    """FastAPI writes every response's model under application/json; problems have a media type of their own."""
    original = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is not None:
            return app.openapi_schema
        document = original()
        for path in document.get("paths", {}).values():
            for operation in path.values():
                for response in operation.get("responses", {}).values() if isinstance(operation, dict) else ():
                    content = response.get("content", {})
                    if PROBLEM_MEDIA_TYPE in content and "application/json" in content:
                        content[PROBLEM_MEDIA_TYPE] |= content.pop("application/json")
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def problems(*errors: type[AppError]) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route: which problems it can answer, by status."""
    by_status: dict[int, list[type[AppError]]] = {}
    for error in errors:
        by_status.setdefault(error.status, []).append(error)
    return {
        status: {
            "model": Problem,
            "description": " / ".join(kind.title for kind in kinds),
            "content": {
                PROBLEM_MEDIA_TYPE: {
                    "examples": {kind.__name__: {"value": {"type": kind.problem_type()}} for kind in kinds}
                }
            },
        }
        for status, kinds in by_status.items()
    }
