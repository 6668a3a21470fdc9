"""Errors that a caller is told about.

AppError
├── InvalidRequest (422)          what pydantic could not see
├── PayloadTooLarge (413)
├── Unauthenticated (401) · Forbidden (403) · NotFound (404) · MethodNotAllowed (405)
├── IdempotencyKeyReused (422)
├── ServiceBusy (503) · DeadlineExceeded (504)
├── InternalError (500)
├── OutboundError                 shared.utils.outbound
└── ImageError                    shared.utils.images

Each becomes `application/problem+json`; the `type` is derived from the class name and therefore stable.
"""

import re
from typing import Any, ClassVar

from shared.models.problems import InvalidField, Problem


class AppError(Exception):
    """An error with a status and a stable problem type. `detail` is written for the person who reads it."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: list[InvalidField] | None = None,
        headers: dict[str, str] | None = None,
        **extensions: Any,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}
        self.extensions = extensions

    @classmethod
    def problem_type(cls) -> str:
        return "/problems/" + re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", cls.__name__).lower()

    def to_problem(self, instance: str | None = None) -> Problem:
        return Problem(
            type=self.problem_type(),
            title=self.title,
            status=self.status,
            detail=self.detail,
            instance=instance,
            errors=self.errors,
            **self.extensions,
        )


class InvalidRequest(AppError):
    status, title = 422, "The request is not valid"


class PayloadTooLarge(AppError):
    status, title = 413, "The body is too large"


class Unauthenticated(AppError):
    status, title = 401, "Sign in, or send a valid token"


class Forbidden(AppError):
    status, title = 403, "Not allowed"


class NotFound(AppError):
    status, title = 404, "Not found"


class MethodNotAllowed(AppError):
    status, title = 405, "Method not allowed"


class IdempotencyKeyReused(AppError):
    status, title = 422, "The idempotency key was used with another body"


class ServiceBusy(AppError):
    status, title = 503, "Busy, try again shortly"

    def __init__(self, detail: str | None = None, *, retry_after_s: int = 1, **extensions: Any) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_s)}, **extensions)


class DeadlineExceeded(AppError):
    status, title = 504, "Not finished in time"


class InternalError(AppError):
    status, title = 500, "Internal error"
