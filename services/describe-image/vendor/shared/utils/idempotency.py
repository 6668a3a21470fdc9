"""Idempotency keys: the same key with the same body is answered once, from disk for a day, and joined in flight.

Work under a key goes on when the caller leaves: the caller may be a worker that was killed, and its successor asks
again with the same key. Work without a key is cancelled with its connection, as usual.
"""

import asyncio
import contextlib
import hashlib
import json
import re
import sqlite3
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.utils.asgi import answer_while_connected, never_disconnects, read_body, replay_body, send_problem
from shared.utils.errors import AppError, IdempotencyKeyReused, InternalError, InvalidRequest

log = structlog.get_logger(__name__)

KEY_PATTERN = re.compile(r"[\x21-\x7e]{1,255}")
KEPT_HEADERS = frozenset({b"content-type", b"retry-after"})
DAY_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    body_hash: str
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class IdempotencyStore:
    """Answers in one SQLite file, at most `max_bytes` of bodies, each for `ttl_s` seconds."""

    def __init__(self, path: Path, *, max_bytes: int = 256 * 1024 * 1024, ttl_s: int = DAY_S) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.max_bytes = max_bytes
        self.ttl_s = ttl_s
        self._lock = asyncio.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, body_hash TEXT NOT NULL,"
            " status INTEGER NOT NULL, headers TEXT NOT NULL,"
            " body BLOB NOT NULL, size INTEGER NOT NULL, created REAL NOT NULL) WITHOUT ROWID"
        )
        self._database.execute("CREATE INDEX IF NOT EXISTS answers_created ON answers (created)")

    async def get(self, key: str) -> StoredAnswer | None:
        async with self._lock:
            return await asyncio.to_thread(self._get, key)

    async def put(self, key: str, answer: StoredAnswer) -> None:
        async with self._lock:
            await asyncio.to_thread(self._put, key, answer)

    def close(self) -> None:
        self._database.close()

    def _get(self, key: str) -> StoredAnswer | None:
        row = self._database.execute(
            "SELECT body_hash, status, headers, body FROM answers WHERE key = ? AND created > ?",
            (key, time.time() - self.ttl_s),
        ).fetchone()
        if row is None:
            return None
        body_hash, status, headers, body = row
        pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in json.loads(headers)]
        return StoredAnswer(body_hash, status, pairs, body)

    def _put(self, key: str, answer: StoredAnswer) -> None:
        headers = json.dumps([(name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers])
        size = len(answer.body) + len(headers) + len(key)
        database = self._database
        database.execute("BEGIN IMMEDIATE")
        try:
            database.execute("DELETE FROM answers WHERE created <= ?", (time.time() - self.ttl_s,))
            database.execute(
                "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?)",
                (key, answer.body_hash, answer.status, headers, answer.body, size, time.time()),
            )
            # Oldest first, until the rest fits.
            database.execute(
                "DELETE FROM answers WHERE key IN (SELECT key FROM (SELECT key,"
                " SUM(size) OVER (ORDER BY created DESC, key) AS total FROM answers) WHERE total > ?)",
                (self.max_bytes,),
            )
            database.execute("COMMIT")
        except sqlite3.Error:
            database.execute("ROLLBACK")
            raise


@dataclass(slots=True, eq=False)
class Flight:
    """A request being answered: whoever asks with the same key reads the same messages, from the first on."""

    body_hash: str
    messages: list[Message] = field(default_factory=list)
    finished: bool = False
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def add(self, message: Message) -> None:
        async with self.changed:
            self.messages.append(message)
            self.changed.notify_all()

    async def finish(self) -> None:
        async with self.changed:
            self.finished = True
            self.changed.notify_all()

    async def replay(self) -> AsyncGenerator[Message, None]:
        position = 0
        while True:
            async with self.changed:
                await self.changed.wait_for(lambda: self.finished or len(self.messages) > position)  # noqa: B023
                fresh = self.messages[position:]
                done = self.finished
            for message in fresh:
                yield message
            position += len(fresh)
            if done and position == len(self.messages):
                return


class IdempotencyMiddleware:
    """Honours `Idempotency-Key` on POST; also bounds every request body. Streams pass through as they are made."""

    def __init__(self, app: ASGIApp, store: IdempotencyStore, max_body_bytes: int) -> None:
        self.app = app
        self.store = store
        self.max_body_bytes = max_body_bytes
        self.flights: dict[str, Flight] = {}
        self.tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self.app(scope, receive, send)
            return
        try:
            body = await read_body(scope, receive, self.max_body_bytes)
            if body is None:
                return
            key = Headers(scope=scope).get("idempotency-key")
            if key is None:
                await answer_while_connected(self.app, body, scope, receive, send)
            else:
                await self.answer(key, body, scope, receive, send)
        except AppError as error:
            await send_problem(error, scope, receive, send)

    async def answer(self, key: str, body: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        if not KEY_PATTERN.fullmatch(key):
            raise InvalidRequest("Idempotency-Key must be 1 to 255 visible ASCII characters.")
        body_hash = hashlib.sha256(scope["path"].encode() + b"\0" + body).hexdigest()
        flight = self.flights.get(key)
        if flight is None:
            # The flight is registered before the first await, so that two requests can't both miss it.
            flight = self.flights[key] = Flight(body_hash)
            task = asyncio.create_task(self.fly(flight, key, body, scope))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        if flight.body_hash != body_hash:
            raise IdempotencyKeyReused("Use a new key for a new request.")
        async with contextlib.aclosing(flight.replay()) as messages:
            async for message in messages:
                await send(message)

    async def fly(self, flight: Flight, key: str, body: bytes, scope: Scope) -> None:
        try:
            stored = await self.store.get(key)
            if stored is not None and stored.body_hash != flight.body_hash:
                error = IdempotencyKeyReused("Use a new key for a new request.")
                await send_problem(error, scope, never_disconnects, flight.add)
            elif stored is not None:
                await flight.add(
                    {
                        "type": "http.response.start",
                        "status": stored.status,
                        "headers": [
                            *stored.headers,
                            (b"content-length", str(len(stored.body)).encode()),
                            (b"idempotency-replayed", b"true"),
                        ],
                    }
                )
                await flight.add({"type": "http.response.body", "body": stored.body})
            else:
                await self.app(scope, replay_body(body, never_disconnects), flight.add)
                await self.remember(flight, key)
        except Exception as error:
            log.error("request_failed", path=scope["path"], exc_info=error)
            if not flight.messages:
                await send_problem(InternalError(), scope, never_disconnects, flight.add)
        finally:
            self.flights.pop(key, None)
            await flight.finish()

    async def remember(self, flight: Flight, key: str) -> None:
        start = flight.messages[0] if flight.messages else None
        if start is None or not 200 <= start["status"] < 300:
            return
        content = b"".join(message.get("body", b"") for message in flight.messages[1:])
        headers = [(name, value) for name, value in start["headers"] if name.lower() in KEPT_HEADERS]
        try:
            await self.store.put(key, StoredAnswer(flight.body_hash, start["status"], headers, content))
        except sqlite3.Error as error:
            # The answer stands all the same; a repeat just costs another call.
            log.warning("idempotency_store_failed", error=str(error))
