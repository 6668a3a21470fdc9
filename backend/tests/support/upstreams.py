"""Bare upstream servers for what a well-behaved service never does: they speak ASGI by hand."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from starlette.types import Message, Receive, Scope, Send


@dataclass(slots=True)
class Upstream:
    """Keeps what came in; answers as told: `status`, `headers`, `chunks` with a gate before each but the first."""

    status: int = 200
    headers: list[tuple[bytes, bytes]] = field(default_factory=lambda: [(b"content-type", b"application/json")])
    chunks: list[bytes] = field(default_factory=lambda: [b"{}"])
    answer_at_all: bool = True
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    requests: list[dict[str, Any]] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    ready: bool = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        if scope["path"] == "/health":
            health = {"service": "upstream", "status": "ok", "version": "1", "uptime_s": 1.0}
            await respond(send, 200, [(b"content-type", b"application/json")], json.dumps(health).encode())
            return
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        self.requests.append({"path": scope["path"], "headers": headers, "body": body})
        watch = asyncio.create_task(self.watch(receive))
        try:
            if not self.answer_at_all:
                await asyncio.wait({watch}, timeout=30)
                return
            await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
            for number, chunk in enumerate(self.chunks):
                if number:
                    opened = asyncio.create_task(self.gate.wait())
                    await asyncio.wait({watch, opened}, return_when=asyncio.FIRST_COMPLETED)
                    opened.cancel()
                    if watch.done():
                        return
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            watch.cancel()

    async def watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.left.set()


async def lifespan(receive: Receive, send: Send) -> None:
    while True:
        message: Message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def respond(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
