"""The one door out: every fetch that a user can steer goes through here.

The name is resolved once, every address is checked, and the connection goes to a checked address; each redirect is
checked again; time, bytes and decompressed bytes are bounded.

OutboundError
├── UrlNotAllowed (422)      not http(s), userinfo, odd characters, odd port
├── ForbiddenTarget (403)    a private, loopback, link-local … address
├── UpstreamUnreachable (502), UpstreamTooLarge (502), TooManyRedirects (502)
└── UpstreamTimeout (504)
"""

import asyncio
import ipaddress
import ssl
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin

import brotli
import httpcore2
import zstandard

from shared.utils.errors import AppError
from shared.utils.outbound_rules import IpAddress, Target, UrlRefused, is_public_address, parse_target

USER_AGENT = "OrchestratingAIModels/0.1 (product data reader)"
REDIRECTS = frozenset({301, 302, 303, 307, 308})


class OutboundError(AppError):
    status, title = 502, "The other side could not be read"


class UrlNotAllowed(OutboundError):
    status, title = 422, "This URL cannot be fetched"


class ForbiddenTarget(OutboundError):
    status, title = 403, "This target is not allowed"


class UpstreamUnreachable(OutboundError):
    status, title = 502, "The other side could not be reached"


class UpstreamTooLarge(OutboundError):
    status, title = 502, "The other side sent too much"


class TooManyRedirects(OutboundError):
    status, title = 502, "The other side redirects too often"


class UpstreamTimeout(OutboundError):
    status, title = 504, "The other side did not answer in time"


@dataclass(frozen=True, slots=True)
class OutboundPolicy:
    """What may be reached. `allow` holds exact `host:port` entries that skip the address check."""

    allow: frozenset[str] = frozenset()
    ports: frozenset[int] = frozenset({80, 443})
    max_redirects: int = 5
    connect_timeout_s: float = 10.0

    def target(self, url: str) -> Target:
        try:
            return parse_target(url, ports=self.ports, allow=self.allow)
        except UrlRefused as error:
            reason = str(error)
            raise UrlNotAllowed(f"{reason[:1].upper()}{reason[1:]}.") from None


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """Bytes on the wire, bytes after decompression, and seconds for everything including redirects."""

    max_bytes: int = 10 * 1024 * 1024
    max_decoded_bytes: int = 30 * 1024 * 1024
    timeout_s: float = 20.0


@dataclass(frozen=True, slots=True)
class OutboundResponse:
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    redirects: list[str] = field(default_factory=list)

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")


async def resolve(host: str, port: int) -> list[IpAddress]:
    """All addresses of a host, in the order of the system's preference. Raises UpstreamUnreachable."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host.strip("[]"), port, type=1)
    except (OSError, UnicodeError):
        # UnicodeError: an empty label, or one longer than 63 characters.
        raise UpstreamUnreachable(f"The host {host} has no address.") from None
    return list(dict.fromkeys(ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))


class CheckedBackend(httpcore2.AsyncNetworkBackend):
    """Connects to checked addresses only. There is no other way to a socket for the pool that uses it."""

    def __init__(self, policy: OutboundPolicy) -> None:
        self.policy = policy
        self.inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's signature)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        addresses = await resolve(host, port)
        # The pool hands over an IPv6 literal without its brackets.
        name = f"[{host}]" if ":" in host else host
        if f"{name.lower()}:{port}" not in self.policy.allow:
            # One bad address is enough: a name with a public and a private one is how checks get raced.
            for address in addresses:
                if not is_public_address(address):
                    raise ForbiddenTarget(f"{host} leads to a private or reserved address.")
        last: Exception | None = None
        for address in addresses[:4]:
            try:
                return await self.inner.connect_tcp(
                    str(address),
                    port,
                    timeout=timeout,
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                last = error
        raise last or httpcore2.ConnectError("no address")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's signature)
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        raise ForbiddenTarget("Unix sockets are never fetched.")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Outbound:
    """An HTTP client for URLs that users name. One per process; use it as an async context manager."""

    def __init__(self, policy: OutboundPolicy, ssl_context: ssl.SSLContext | None = None) -> None:
        self.policy = policy
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=ssl_context,
            max_connections=100,
            max_keepalive_connections=20,
            # Short: a kept connection skips the address check of a name that has moved since.
            keepalive_expiry=5.0,
            http2=True,
            network_backend=CheckedBackend(policy),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._pool.aclose()

    async def fetch(
        self, url: str, *, headers: Mapping[str, str] | None = None, limits: FetchLimits | None = None
    ) -> OutboundResponse:
        """GET `url`, following redirects. Any status is an answer; only transport failures raise."""
        limits = limits or FetchLimits()
        try:
            async with asyncio.timeout(limits.timeout_s):
                return await self._follow(url, headers or {}, limits)
        except (TimeoutError, httpcore2.TimeoutException):
            raise UpstreamTimeout(f"No complete answer within {limits.timeout_s:.0f} seconds.") from None
        except (httpcore2.NetworkError, httpcore2.ProtocolError, ssl.SSLError, OSError) as error:
            raise UpstreamUnreachable(f"The connection failed: {describe_failure(error)}.") from None

    async def _follow(self, url: str, headers: Mapping[str, str], limits: FetchLimits) -> OutboundResponse:
        redirects: list[str] = []
        target = self.policy.target(url)
        while True:
            status, answer, body = await self._get(target, headers, limits)
            location = answer.get("location")
            if status not in REDIRECTS or not location:
                decoded = await asyncio.to_thread(
                    decompress, body, answer.get("content-encoding", ""), limits.max_decoded_bytes
                )
                return OutboundResponse(target.url, status, answer, decoded, redirects)
            if len(redirects) >= self.policy.max_redirects:
                raise TooManyRedirects(f"More than {self.policy.max_redirects} redirects.")
            redirects.append(target.url)
            # Servers send spaces in Location, and browsers follow.
            target = self.policy.target(urljoin(target.url, location.strip().replace(" ", "%20")))

    async def _get(
        self, target: Target, headers: Mapping[str, str], limits: FetchLimits
    ) -> tuple[int, dict[str, str], bytes]:
        sent = {
            "Host": target.authority,
            "User-Agent": USER_AGENT,
            "Accept": "text/html,application/xhtml+xml,application/pdf;q=0.9,image/*;q=0.8,*/*;q=0.5",
            "Accept-Encoding": "gzip, deflate, br, zstd",
            **headers,
        }
        timeouts = {
            "connect": self.policy.connect_timeout_s,
            "read": limits.timeout_s,
            "write": limits.timeout_s,
            "pool": limits.timeout_s,
        }
        async with self._pool.stream(
            "GET", target.url, headers=list(sent.items()), extensions={"timeout": timeouts}
        ) as response:
            answer = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            if response.status in REDIRECTS:
                return response.status, answer, b""
            chunks = bytearray()
            async for chunk in response.aiter_stream():
                chunks += chunk
                if len(chunks) > limits.max_bytes:
                    raise UpstreamTooLarge(f"More than {limits.max_bytes:,} bytes.")
            return response.status, answer, bytes(chunks)


def describe_failure(error: Exception) -> str:
    text = str(error).strip().rstrip(".")
    return text[:200] if text else type(error).__name__


def decompress(body: bytes, encoding: str, limit: int) -> bytes:
    """Undo Content-Encoding, at most `limit` bytes, however small the input. Raises UpstreamTooLarge."""
    for name in reversed([part.strip().lower() for part in encoding.split(",") if part.strip()]):
        try:
            body = decompress_once(body, name, limit)
        except (zlib.error, brotli.error, zstandard.ZstdError):
            raise UpstreamUnreachable(f"The {name} data is damaged.") from None
        if len(body) > limit:
            raise UpstreamTooLarge(f"More than {limit:,} bytes after decompression.")
    return body


def decompress_once(body: bytes, encoding: str, limit: int) -> bytes:
    match encoding:
        case "gzip" | "x-gzip":
            return zlib.decompressobj(wbits=31).decompress(body, limit + 1)
        case "deflate":
            # Half of the servers send the zlib wrapper that the standard asks for, half raw deflate.
            wbits = 15 if body[:1] and body[0] & 0x0F == 8 else -15
            return zlib.decompressobj(wbits=wbits).decompress(body, limit + 1)
        case "br":
            return decompress_brotli(body, limit)
        case "zstd":
            decompressor = zstandard.ZstdDecompressor(max_window_size=8 * 1024 * 1024)
            return decompressor.stream_reader(BytesIO(body), read_across_frames=True).read(limit + 1)
        case "identity":
            return body
    raise UpstreamUnreachable(f"The content encoding {encoding[:40]!r} is not known.")


def decompress_brotli(body: bytes, limit: int) -> bytes:
    decompressor = brotli.Decompressor()
    output = bytearray(decompressor.process(body, output_buffer_limit=65_536))
    while len(output) <= limit and not decompressor.is_finished():
        more = decompressor.process(b"", output_buffer_limit=65_536)
        if not more and decompressor.can_accept_more_data():
            break
        output += more
    return bytes(output)
