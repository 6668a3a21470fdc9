"""The one door out, over real sockets: what reaches a server on loopback, and what must not."""

import asyncio
import contextlib
import gzip
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable

import brotli
import pytest
import zstandard

from shared.utils.outbound import (
    FetchLimits,
    ForbiddenTarget,
    Outbound,
    OutboundPolicy,
    TooManyRedirects,
    UpstreamTimeout,
    UpstreamTooLarge,
    UpstreamUnreachable,
    UrlNotAllowed,
    decompress,
)

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter, str], Awaitable[None]]
MEBIBYTE = 1024 * 1024


def http(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


class Upstream:
    """A raw TCP server that answers as told and counts who came."""

    def __init__(self) -> None:
        self.answer: Answer | None = None
        self.requests: list[str] = []
        self.port = 0

    def says(self, *answers: bytes) -> None:
        """These answers one after the other, the last one for ever."""
        queue = list(answers)

        async def respond(_: asyncio.StreamReader, writer: asyncio.StreamWriter, __: str) -> None:
            writer.write(queue.pop(0) if len(queue) > 1 else queue[0])

        self.answer = respond

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.requests.append(head)
            assert self.answer is not None
            await self.answer(reader, writer, head)
            await writer.drain()
        writer.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    server = Upstream()
    listener = await asyncio.start_server(server.handle, "127.0.0.1", 0, limit=4 * MEBIBYTE)
    server.port = listener.sockets[0].getsockname()[1]
    yield server
    listener.close()


@pytest.fixture
async def outbound(upstream: Upstream) -> AsyncIterator[Outbound]:
    async with Outbound(OutboundPolicy(allow=frozenset({f"127.0.0.1:{upstream.port}"}))) as client:
        yield client


@pytest.fixture
async def strict(upstream: Upstream) -> AsyncIterator[Outbound]:
    """A client whose ports include the server's, so that only the address check stands in the way."""
    async with Outbound(OutboundPolicy(ports=frozenset({80, 443, upstream.port}))) as client:
        yield client


class TestAddresses:
    @pytest.mark.parametrize(
        "host",
        [
            "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001",
            "0", "0.0.0.0", "localhost", "LOCALHOST", "localhost.", "[::1]", "[::]", "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]",
            "[2001:0:7f00:1::]", "[fe80::1]", "[fc00::1]", "[fec0::1]", "[ff02::1]", "169.254.169.254",
            "168.63.129.16", "100.100.100.200", "192.0.0.192", "10.0.0.1", "192.168.0.1", "172.16.0.1", "224.0.0.1",
            "①②⑦.0.0.1", "127。0。0。1",
        ],
    )  # fmt: skip
    async def test_no_spelling_of_an_inner_address_is_reached(self, strict, upstream, host):
        upstream.says(http(b"secret"))
        with pytest.raises((ForbiddenTarget, UpstreamUnreachable, UrlNotAllowed)):
            await strict.fetch(f"http://{host}:{upstream.port}/", limits=FetchLimits(timeout_s=5))
        assert upstream.requests == []

    async def test_a_name_that_leads_inside_is_refused_after_resolution(self, strict, upstream):
        upstream.says(http(b"secret"))
        with pytest.raises(ForbiddenTarget):
            await strict.fetch(f"http://localhost:{upstream.port}/")
        assert upstream.requests == []

    async def test_an_answer_with_one_private_address_is_refused_as_a_whole(self, strict, upstream, monkeypatch):
        async def two_answers(*_: object, **__: object):
            return [(2, 1, 6, "", ("93.184.216.34", 80)), (2, 1, 6, "", ("127.0.0.1", upstream.port))]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", two_answers, raising=False)
        with pytest.raises(ForbiddenTarget):
            await strict.fetch(f"http://rebinding.example:{upstream.port}/")

    async def test_an_allow_entry_opens_exactly_that_target(self, outbound, upstream):
        upstream.says(http(b"hello"))
        assert (await outbound.fetch(upstream.url + "/")).body == b"hello"

    async def test_an_allow_entry_for_ipv6(self):
        server = Upstream()
        server.says(http(b"six"))
        try:
            listener = await asyncio.start_server(server.handle, "::1", 0)
        except OSError:
            pytest.skip("this machine has no IPv6 loopback")
        server.port = listener.sockets[0].getsockname()[1]
        async with Outbound(OutboundPolicy(allow=frozenset({f"[::1]:{server.port}"}))) as client:
            assert (await client.fetch(f"http://[::1]:{server.port}/")).body == b"six"
        listener.close()

    @pytest.mark.parametrize(
        "host", ["a" * 64 + ".example", "a." * 120 + "example", "a..example", "no-such-host.invalid"]
    )
    async def test_names_that_cannot_be_resolved_are_unreachable(self, strict, host):
        with pytest.raises((UpstreamUnreachable, UrlNotAllowed)):
            await strict.fetch(f"http://{host}/", limits=FetchLimits(timeout_s=10))


class TestRedirects:
    async def test_are_followed_and_reported(self, outbound, upstream):
        upstream.says(http(status="302 Found", Location="/two words"), http(b"end"))
        answer = await outbound.fetch(upstream.url + "/start")
        assert answer.body == b"end"
        assert answer.url == upstream.url + "/two%20words"
        assert answer.redirects == [upstream.url + "/start"]

    async def test_into_the_inside_are_refused(self, outbound, upstream):
        upstream.says(http(status="302 Found", Location="http://127.0.0.1:80/admin"))
        with pytest.raises(ForbiddenTarget):
            await outbound.fetch(upstream.url + "/")
        assert len(upstream.requests) == 1

    @pytest.mark.parametrize(
        "location", ["file:///etc/passwd", "gopher://127.0.0.1/", "http://127.0.0.1:1/", "http://u@x/"]
    )
    async def test_to_other_schemes_and_ports_are_refused(self, outbound, upstream, location):
        upstream.says(http(status="301 Moved", Location=location))
        with pytest.raises(UrlNotAllowed):
            await outbound.fetch(upstream.url + "/")

    async def test_loops_end(self, outbound, upstream):
        upstream.says(http(status="302 Found", Location="/again"))
        with pytest.raises(TooManyRedirects):
            await outbound.fetch(upstream.url + "/")
        assert len(upstream.requests) == outbound.policy.max_redirects + 1


class TestLimits:
    async def test_a_body_that_never_ends(self, outbound, upstream):
        async def endless(_: asyncio.StreamReader, writer: asyncio.StreamWriter, __: str) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                writer.write(b"x" * 65_536)
                await writer.drain()

        upstream.answer = endless
        with pytest.raises(UpstreamTooLarge):
            await outbound.fetch(upstream.url + "/", limits=FetchLimits(max_bytes=MEBIBYTE))

    async def test_a_slow_loris(self, outbound, upstream):
        async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter, __: str) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.05)

        upstream.answer = drip
        with pytest.raises(UpstreamTimeout):
            await outbound.fetch(upstream.url + "/", limits=FetchLimits(timeout_s=0.4))

    async def test_a_flood_of_headers(self, outbound, upstream):
        upstream.says(b"HTTP/1.1 200 OK\r\n" + b"X-Flood: " + b"x" * (3 * MEBIBYTE) + b"\r\n\r\n")
        with pytest.raises(UpstreamUnreachable):
            await outbound.fetch(upstream.url + "/")

    async def test_nobody_listens(self, outbound, upstream):
        async with Outbound(OutboundPolicy(allow=frozenset({"127.0.0.1:1"}))) as client:
            with pytest.raises(UpstreamUnreachable):
                await client.fetch("http://127.0.0.1:1/")

    async def test_not_http(self, outbound, upstream):
        upstream.says(b"SSH-2.0-OpenSSH_9.6\r\n")
        with pytest.raises(UpstreamUnreachable):
            await outbound.fetch(upstream.url + "/")


def compressed(encoding: str, data: bytes) -> bytes:
    match encoding:
        case "gzip":
            return gzip.compress(data, 9)
        case "deflate":
            return zlib.compress(data, 9)
        case "br":
            return brotli.compress(data, quality=5)
    return zstandard.ZstdCompressor(level=3).compress(data)


ENCODINGS = ("gzip", "deflate", "br", "zstd")


class TestDecompress:
    @pytest.mark.parametrize("encoding", ENCODINGS)
    async def test_over_the_wire(self, outbound, upstream, encoding):
        text = b"price 12,90 " * 20_000
        upstream.says(http(compressed(encoding, text), Content_Encoding=encoding))
        assert (await outbound.fetch(upstream.url + "/")).body == text

    @pytest.mark.parametrize("encoding", ENCODINGS)
    def test_bombs_stop_at_the_limit(self, encoding):
        bomb = compressed(encoding, bytes(64 * MEBIBYTE))
        assert len(bomb) < MEBIBYTE
        with pytest.raises(UpstreamTooLarge):
            decompress(bomb, encoding, MEBIBYTE)

    def test_bombs_within_bombs(self):
        bomb = gzip.compress(gzip.compress(bytes(64 * MEBIBYTE)))
        with pytest.raises(UpstreamTooLarge):
            decompress(bomb, "gzip, gzip", MEBIBYTE)

    @pytest.mark.parametrize("encoding", ENCODINGS)
    def test_exactly_the_limit_is_fine(self, encoding):
        assert len(decompress(compressed(encoding, bytes(MEBIBYTE)), encoding, MEBIBYTE)) == MEBIBYTE

    @pytest.mark.parametrize("encoding", ENCODINGS)
    def test_damaged_data_is_a_problem_not_a_crash(self, encoding):
        with pytest.raises(UpstreamUnreachable):
            decompress(b"this is not compressed at all, not in the least", encoding, MEBIBYTE)

    def test_unknown_encodings_are_refused(self):
        with pytest.raises(UpstreamUnreachable):
            decompress(b"x", "compress", MEBIBYTE)

    def test_raw_deflate(self):
        compressor = zlib.compressobj(wbits=-15)
        raw = compressor.compress(b"hello" * 100) + compressor.flush()
        assert decompress(raw, "deflate", MEBIBYTE) == b"hello" * 100
