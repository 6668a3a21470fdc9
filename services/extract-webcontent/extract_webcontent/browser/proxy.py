"""The browser's only way out: a forward proxy of our own, opened for one page and closed with it.

Every request of a page arrives here by name (plain HTTP, CONNECT for TLS and WebSockets, redirects one by one), is
judged by the rules of `shared.utils.outbound`, and goes to the address that was checked. The port is the page's token:
each page has its own, so its bytes and its time can be counted and its connections cut.
"""

import asyncio
import contextlib
import ipaddress
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import h11
import structlog

from shared.utils.outbound import (
    CheckedBackend,
    OutboundError,
    OutboundPolicy,
    UpstreamTooLarge,
    UpstreamUnreachable,
    describe_failure,
)
from shared.utils.outbound_rules import Target

log = structlog.get_logger(__name__)

CHUNK_BYTES = 64 * 1024
MAX_HEAD_BYTES = 64 * 1024
HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
# What a browser sends unasked over TLS (a window update, a ping, an acknowledgement) is smaller than any request.
SMALLEST_REQUEST_BYTES = 60
# A request that waits longer than this is a long poll: nothing is to be expected of it.
PATIENCE_S = 3.0


@dataclass(frozen=True, slots=True)
class ProxyLimits:
    """For one page with all that it loads, both directions together."""

    max_bytes: int
    max_connections: int = 128
    max_requests: int = 2_000


@dataclass(frozen=True, slots=True)
class ProxyAddress:
    """Where the proxy listens, and the name under which the browser finds it there."""

    bind: str = "127.0.0.1"
    advertised: str = "127.0.0.1"

    @property
    def is_local(self) -> bool:
        return self.bind in ("127.0.0.1", "::1", "localhost")


@dataclass(slots=True, eq=False)
class Exchange:
    """One tunnel or request, and whether the other side owes it an answer."""

    unanswered_bytes: int = 0
    since: float = field(default_factory=time.monotonic)

    def asked(self, size: int) -> None:
        self.unanswered_bytes += size
        self.since = time.monotonic()

    def answered(self) -> None:
        self.unanswered_bytes = 0

    def is_pending(self, now: float) -> bool:
        return self.unanswered_bytes >= SMALLEST_REQUEST_BYTES and now - self.since < PATIENCE_S


class Upstream:
    """A connection to a checked address. The network library's own errors become ours."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    @classmethod
    async def connect(cls, backend: CheckedBackend, target: Target) -> "Upstream":
        with own_errors():
            timeout = backend.policy.connect_timeout_s
            return cls(await backend.connect_tcp(target.host.strip("[]"), target.port, timeout=timeout))

    async def read(self) -> bytes:
        with own_errors():
            data: bytes = await self.stream.read(CHUNK_BYTES)
        return data

    async def write(self, data: bytes) -> None:
        with own_errors():
            await self.stream.write(data)

    async def aclose(self) -> None:
        await self.stream.aclose()


@contextlib.contextmanager
def own_errors() -> Iterator[None]:
    try:
        yield
    except OutboundError:
        raise
    except Exception as error:  # noqa: BLE001 (its errors have no common base that we may import)
        raise UpstreamUnreachable(f"The connection failed: {describe_failure(error)}.") from None


class PageProxy:
    """The proxy of one page. `failures` tells why a host could not be reached."""

    def __init__(self, policy: OutboundPolicy, limits: ProxyLimits, address: ProxyAddress) -> None:
        self.policy = policy
        self.limits = limits
        self.address = address
        self.backend = CheckedBackend(policy)
        self.port = 0
        self.bytes = 0
        self.requests = 0
        self.failures: dict[str, OutboundError] = {}
        self.last_failure: OutboundError | None = None
        self.exchanges: set[Exchange] = set()
        self._last_activity = time.monotonic()
        self._tasks: set[asyncio.Task[None]] = set()
        self._peer: str | None = None

    @property
    def url(self) -> str:
        return f"http://{self.address.advertised}:{self.port}"

    def quiet_s(self) -> float:
        """Seconds since the last byte; 0 while an answer is awaited."""
        now = time.monotonic()
        if any(exchange.is_pending(now) for exchange in self.exchanges):
            return 0.0
        return now - self._last_activity

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["PageProxy"]:
        server = await asyncio.start_server(self._accept, self.address.bind, 0, limit=CHUNK_BYTES)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.cut()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def count(self, size: int) -> None:
        self.bytes += size
        self._last_activity = time.monotonic()
        if self.bytes > self.limits.max_bytes:
            raise UpstreamTooLarge(f"The page loads more than {self.limits.max_bytes:,} bytes.")

    def fail(self, authority: str, error: OutboundError) -> None:
        if len(self.failures) < self.limits.max_requests:
            self.failures[authority] = error
        self.last_failure = error

    def cut(self) -> None:
        """End every connection; what comes later is refused by `count`."""
        for task in self._tasks:
            task.cancel()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._tasks) >= self.limits.max_connections or not self._may_enter(writer):
            writer.close()
            return
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _may_enter(self, writer: asyncio.StreamWriter) -> bool:
        """A browser on another machine: from the inside only, and only the first machine that came."""
        if self.address.is_local:
            return True
        peer = str((writer.get_extra_info("peername") or ("",))[0]).partition("%")[0]
        self._peer = self._peer or peer
        try:
            return peer == self._peer and ipaddress.ip_address(peer).is_private
        except ValueError:
            return False

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await BrowserConnection(self, reader, writer).serve()
        except (OSError, h11.ProtocolError, OutboundError):
            # The browser left, or was told; what a page's author did wrong is not news.
            pass
        except Exception as error:
            log.exception("browser_proxy_failed", error=describe_failure(error))
        finally:
            writer.close()


class BrowserConnection:
    """One connection from the browser: requests one after the other, or a tunnel."""

    def __init__(self, proxy: PageProxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.proxy = proxy
        self.reader = reader
        self.writer = writer
        self.http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD_BYTES)

    async def serve(self) -> None:
        goes_on = True
        while goes_on:
            event = await self._next_event()
            if not isinstance(event, h11.Request):
                return
            self.proxy.requests += 1
            if self.proxy.requests > self.proxy.limits.max_requests:
                return
            exchange = Exchange()
            exchange.asked(SMALLEST_REQUEST_BYTES)
            self.proxy.exchanges.add(exchange)
            try:
                goes_on = await self._answer(event, exchange)
            finally:
                self.proxy.exchanges.discard(exchange)
            if goes_on:
                self.http.start_next_cycle()

    async def _answer(self, request: h11.Request, exchange: Exchange) -> bool:
        """Whether the connection can take another request."""
        is_tunnel = request.method == b"CONNECT"
        text = request.target.decode("latin-1")
        authority = text if is_tunnel else text.removeprefix("http://").partition("/")[0]
        try:
            # An https URL for a tunnel: host and port are all that is judged.
            target = self.proxy.policy.target(f"https://{text}/" if is_tunnel else text)
            authority = target.allow_entry
            self.proxy.count(0)
            upstream = await Upstream.connect(self.proxy.backend, target)
        except OutboundError as error:
            self.proxy.fail(authority, error)
            if is_tunnel:
                await self._refuse_tunnel(error.status)
            # A plain request gets no answer at all: the browser would show ours as the page.
            return False
        try:
            if is_tunnel:
                await self._tunnel(upstream, exchange)
                return False
            return await self._forward(request, target, upstream, exchange)
        except (OutboundError, h11.RemoteProtocolError) as error:
            failure = error if isinstance(error, OutboundError) else UpstreamUnreachable("The answer is not HTTP.")
            self.proxy.fail(authority, failure)
            if isinstance(error, UpstreamTooLarge):
                self.proxy.cut()
            raise
        finally:
            await upstream.aclose()

    async def _refuse_tunnel(self, status: int) -> None:
        headers = [("Content-Length", "0"), ("Connection", "close")]
        await self._send(h11.Response(status_code=status, headers=headers), h11.EndOfMessage())

    async def _tunnel(self, upstream: Upstream, exchange: Exchange) -> None:
        await self._send(h11.Response(status_code=200, headers=[], reason=b"Connection established"))
        exchange.answered()
        early, _ = self.http.trailing_data
        pumps = {
            asyncio.ensure_future(self._upwards(upstream, exchange, bytes(early))),
            asyncio.ensure_future(self._downwards(upstream, exchange)),
        }
        try:
            # A side that has ended ends both: browsers and servers do not half-close TLS or WebSockets.
            done, _ = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
        for pump in done:
            pump.result()

    async def _upwards(self, upstream: Upstream, exchange: Exchange, data: bytes) -> None:
        while data := data or await self.reader.read(CHUNK_BYTES):
            self.proxy.count(len(data))
            exchange.asked(len(data))
            await upstream.write(data)
            data = b""

    async def _downwards(self, upstream: Upstream, exchange: Exchange) -> None:
        while data := await upstream.read():
            exchange.answered()
            self.proxy.count(len(data))
            self.writer.write(data)
            await self.writer.drain()

    async def _forward(self, request: h11.Request, target: Target, upstream: Upstream, exchange: Exchange) -> bool:
        client = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD_BYTES)
        headers = [pair for pair in end_to_end(request.headers) if pair[0] != b"host"]
        headers += [(b"host", target.authority.encode()), (b"connection", b"close")]
        if any(name == b"transfer-encoding" for name, _ in request.headers):
            headers.append((b"transfer-encoding", b"chunked"))
        head = h11.Request(method=request.method, target=target.path.encode(), headers=headers)
        await upstream.write(client.send(head) or b"")
        while isinstance(event := await self._next_event(), h11.Data):
            self.proxy.count(len(event.data))
            await upstream.write(client.send(h11.Data(data=event.data)) or b"")
        if not isinstance(event, h11.EndOfMessage):
            return False
        await upstream.write(client.send(h11.EndOfMessage()) or b"")
        while True:
            event = client.next_event()
            if event is h11.NEED_DATA:
                data = await upstream.read()
                self.proxy.count(len(data))
                client.receive_data(data)
            elif isinstance(event, h11.Response):
                kept = end_to_end(event.headers)
                await self._send(h11.Response(status_code=event.status_code, headers=kept, reason=event.reason))
            elif isinstance(event, h11.Data):
                # An answer that still flows is waited for.
                exchange.since = time.monotonic()
                await self._send(h11.Data(data=event.data))
            elif isinstance(event, h11.EndOfMessage):
                await self._send(h11.EndOfMessage())
                return self.http.our_state is h11.DONE
            elif not isinstance(event, h11.InformationalResponse):
                return False

    async def _next_event(self) -> Any:
        while (event := self.http.next_event()) is h11.NEED_DATA:
            self.http.receive_data(await self.reader.read(CHUNK_BYTES))
        return event

    async def _send(self, *events: h11.Event) -> None:
        for event in events:
            self.writer.write(self.http.send(event) or b"")
        await self.writer.drain()


def end_to_end(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """What is not for the next hop alone, by the standard or by the sender's word."""
    pairs = list(headers)
    named = {part.strip().lower() for name, value in pairs if name == b"connection" for part in value.split(b",")}
    dropped = HOP_BY_HOP | (named - {b"content-length"})
    return [(name, value) for name, value in pairs if name not in dropped]
