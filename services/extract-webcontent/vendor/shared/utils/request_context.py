"""Request id, W3C trace context and deadline: read from the request, kept for its duration, sent on with each call."""

import asyncio
import re
import secrets
import time
from contextvars import ContextVar

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.utils.asgi import send_problem
from shared.utils.errors import DeadlineExceeded

_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
_traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)
_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)

REQUEST_ID_PATTERN = re.compile(r"[A-Za-z0-9._:-]{1,128}")
TRACEPARENT_PATTERN = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def new_request_id() -> str:
    return secrets.token_hex(16)


def child_traceparent(parent: str | None) -> str:
    """A new span in the caller's trace, or a new unsampled trace."""
    if parent and TRACEPARENT_PATTERN.fullmatch(parent):
        version, trace, _, flags = parent.split("-")
        return f"{version}-{trace}-{secrets.token_hex(8)}-{flags}"
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"


def remaining_seconds(default: float) -> float:
    """Seconds until the caller stops waiting; `default` outside a request or where the caller did not say."""
    deadline = _deadline.get()
    return default if deadline is None else max(0.0, min(default, deadline - time.monotonic()))


def outgoing_headers() -> dict[str, str]:
    """The headers that every call to another service carries."""
    headers = {
        "X-Request-ID": _request_id.get() or new_request_id(),
        "traceparent": child_traceparent(_traceparent.get()),
    }
    deadline = _deadline.get()
    if deadline is not None:
        headers["X-Deadline-Ms"] = str(max(1, int((deadline - time.monotonic()) * 1000)))
    return headers


class RequestContextMiddleware:
    """Binds the three for the request, echoes them in the answer, and answers 504 when the deadline has passed."""

    def __init__(self, app: ASGIApp, default_deadline_s: float | None) -> None:
        self.app = app
        self.default_deadline_s = default_deadline_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if REQUEST_ID_PATTERN.fullmatch(given) else new_request_id()
        traceparent = child_traceparent(headers.get("traceparent"))
        seconds = self.seconds_allowed(headers.get("x-deadline-ms", ""))
        started = False

        async def send_with_context(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                answer = MutableHeaders(scope=message)
                answer["X-Request-ID"] = request_id
                answer["traceparent"] = traceparent
            await send(message)

        deadline = None if seconds is None else time.monotonic() + seconds
        _request_id.set(request_id)
        _traceparent.set(traceparent)
        _deadline.set(deadline)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id, trace_id=traceparent.split("-")[1])
        try:
            async with asyncio.timeout(seconds):
                await self.app(scope, receive, send_with_context)
        except TimeoutError:
            if started:
                raise
            await send_problem(
                DeadlineExceeded(f"The request did not finish within {seconds:.1f} seconds."),
                scope,
                receive,
                send_with_context,
            )

    def seconds_allowed(self, given: str) -> float | None:
        default = self.default_deadline_s
        if not given.isdecimal():
            return default
        asked = int(given[:12]) / 1000
        return asked if default is None else min(asked, default)
