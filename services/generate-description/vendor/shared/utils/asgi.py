"""Small helpers for pure ASGI middleware (BaseHTTPMiddleware costs 200 µs a request)."""

import asyncio
import contextlib
from collections.abc import Mapping

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


async def never_disconnects() -> Message:
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


async def answer_while_connected(app: ASGIApp, body: bytes, scope: Scope, receive: Receive, send: Send) -> None:
    """Call `app` with a body that was read before, and cancel it when the client leaves: nobody waits for its answer.

    Servers only tell of a client that left; whoever does not ask goes on working.
    """
    answering = asyncio.ensure_future(app(scope, replay_body(body, never_disconnects), send))
    leaving = asyncio.ensure_future(disconnected(receive))
    try:
        await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if answering.done():
            answering.result()
    finally:
        for task in (answering, leaving):
            task.cancel()
        await asyncio.gather(answering, leaving, return_exceptions=True)


async def disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


# A client that is told "too large" while it still sends often loses the answer: the connection is reset under it. So
# what it sends is taken in and thrown away for a while, as nginx does (lingering_close).
LINGER_S = 30.0
LINGER_IDLE_S = 5.0


async def discard_body(receive: Receive) -> None:
    """Until the body ends, the client leaves or pauses, or the time is up."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINGER_S):
            while True:
                message = await asyncio.wait_for(receive(), LINGER_IDLE_S)
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return


def held_open(message: Message) -> Message:
    """The whole answer at once, but not its end: the server would close the connection on it."""
    return {**message, "more_body": True} if message["type"] == "http.response.body" else message


async def end_after_discarding(receive: Receive, send: Send) -> None:
    await discard_body(receive)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


class BodyLimitMiddleware:
    """Answers 413 to larger bodies: before reading them where the length is declared, else while they come in.

    `larger` holds the paths that take more, and how much.
    """

    def __init__(self, app: ASGIApp, max_bytes: int, larger: Mapping[str, int] | None = None) -> None:
        self.app = app
        self.max_bytes = max_bytes
        self.larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        max_bytes = self.larger.get(scope["path"], self.max_bytes)
        detail = f"At most {max_bytes:,} bytes are accepted."
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > max_bytes:

            async def hold_open(message: Message) -> None:
                await send(held_open(message))

            await send_problem(PayloadTooLarge(detail, headers={"Connection": "close"}), scope, receive, hold_open)
            await end_after_discarding(receive, send)
            return
        size = 0

        async def limited() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > max_bytes:
                # FastAPI would turn any other exception out of `receive` into "cannot be parsed".
                raise HTTPException(PayloadTooLarge.status, detail, headers={"Connection": "close"})
            return message

        async def hold_open_if_refused(message: Message) -> None:
            await send(held_open(message) if size > max_bytes else message)

        await self.app(scope, limited, hold_open_if_refused)
        if size > max_bytes:
            await end_after_discarding(receive, send)
