"""Small helpers for pure ASGI middleware (BaseHTTPMiddleware costs 200 µs a request)."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.utils.errors import AppError, PayloadTooLarge
from shared.utils.problems import problem_response


async def send_problem(error: AppError, scope: Scope, receive: Receive, send: Send) -> None:
    await problem_response(error, scope.get("path"))(scope, receive, send)


async def read_body(scope: Scope, receive: Receive, max_bytes: int) -> bytes | None:
    """The whole request body, or None when the client left. Raises PayloadTooLarge before reading too much."""
    declared = Headers(scope=scope).get("content-length", "")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise PayloadTooLarge(f"At most {max_bytes:,} bytes are accepted.")
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > max_bytes:
            raise PayloadTooLarge(f"At most {max_bytes:,} bytes are accepted.")
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def replay_body(body: bytes, receive: Receive) -> Receive:
    """A `receive` that hands out `body` once, then what the client really sends (its disconnect)."""
    sent = False

    async def replay() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


class BodyLimitMiddleware:
    """Answers 413 to larger bodies: before reading them where the length is declared, else while they come in."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        detail = f"At most {self.max_bytes:,} bytes are accepted."
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > self.max_bytes:
            await send_problem(PayloadTooLarge(detail, headers={"Connection": "close"}), scope, receive, send)
            return
        size = 0

        async def limited() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self.max_bytes:
                # FastAPI would turn any other exception out of `receive` into "cannot be parsed".
                raise HTTPException(PayloadTooLarge.status, detail, headers={"Connection": "close"})
            return message

        await self.app(scope, limited, send)
