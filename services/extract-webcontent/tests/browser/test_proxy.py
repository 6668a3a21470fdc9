"""The proxy over real sockets, without a browser."""

import asyncio

import pytest

from extract_webcontent.browser.proxy import PageProxy, ProxyAddress, ProxyLimits
from shared.utils.outbound import ForbiddenTarget, OutboundPolicy, UpstreamTooLarge, UrlNotAllowed


@pytest.fixture
async def proxy(site):
    policy = OutboundPolicy(allow=frozenset({f"127.0.0.1:{site.port}"}))
    async with PageProxy(policy, ProxyLimits(max_bytes=200_000, max_requests=20), ProxyAddress()).listening() as opened:
        yield opened


async def talk(proxy: PageProxy, *parts: bytes) -> bytes:
    """Everything that comes back until the proxy closes, or says no more."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.02)
        received = b""
        while True:
            try:
                async with asyncio.timeout(2):
                    data = await reader.read(65_536)
            except (TimeoutError, ConnectionError):
                return received
            if not data:
                return received
            received += data
    finally:
        writer.close()


def get(url: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {url} HTTP/1.1", "Host: whatever.example", *headers, "", ""]).encode()


def connect(authority: str) -> bytes:
    return f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n".encode()


class TestPlainRequests:
    async def test_an_allowed_page_comes_through(self, proxy, site):
        answer = await talk(proxy, get(site.page("/a", "<h1>Mug</h1>"), "Connection: close"))
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.endswith(b"<h1>Mug</h1>")
        assert site.requests == ["/a"]

    async def test_a_connection_takes_requests_one_after_the_other(self, proxy, site):
        first, second = site.page("/a", "one"), site.page("/b", "two")
        answer = await talk(proxy, get(first) + get(second, "Connection: close"))
        assert answer.count(b"HTTP/1.1 200 ") == 2
        assert site.requests == ["/a", "/b"]

    async def test_each_request_of_a_connection_is_judged(self, proxy, site):
        answer = await talk(proxy, get(site.page("/a", "one")), get("http://127.0.0.1:80/admin"))
        assert answer.count(b"HTTP/1.1") == 1
        assert isinstance(proxy.failures["127.0.0.1:80"], ForbiddenTarget)

    async def test_a_redirect_is_the_browsers_to_follow(self, proxy, site):
        url = site.page("/r", "", status="302 Found", Location="http://127.0.0.1/admin")
        assert b"302" in (await talk(proxy, get(url, "Connection: close"))).partition(b"\r\n")[0]

    async def test_the_host_that_counts_is_the_urls(self, proxy, site):
        # The Host header of the browser is not passed on: it could name another site of the same server.
        received = []

        async def handle(reader, writer):
            received.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        proxy.policy = proxy.backend.policy = OutboundPolicy(allow=frozenset({f"127.0.0.1:{port}"}))
        await talk(proxy, get(f"http://127.0.0.1:{port}/", "Proxy-Authorization: Basic c2VjcmV0", "Upgrade: h2c"))
        server.close()
        assert f"host: 127.0.0.1:{port}\r\n".encode() in received[0].lower()
        assert b"whatever.example" not in received[0]
        assert b"c2VjcmV0" not in received[0]
        assert b"h2c" not in received[0]

    @pytest.mark.parametrize(
        "url",
        [
            "http://127.0.0.1/",
            "http://localhost/",
            "http://2130706433/",
            "http://0x7f.0.0.1/",
            "http://017700000001/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://0.0.0.0/",
            "http://169.254.169.254/latest/meta-data/",
        ],
    )
    async def test_the_inside_is_out_of_reach(self, proxy, url):
        assert await talk(proxy, get(url)) == b""
        assert isinstance(proxy.last_failure, ForbiddenTarget)

    @pytest.mark.parametrize("url", ["http://127.0.0.1:22/", "http://u:p@example.com/", "ftp://example.com/", "/a"])
    async def test_urls_that_are_no_urls_for_us(self, proxy, url):
        assert await talk(proxy, get(url)) == b""
        assert isinstance(proxy.last_failure, UrlNotAllowed)


class TestTunnels:
    async def test_an_allowed_target(self, proxy, site):
        site.page("/a", "<h1>Mug</h1>")
        head = connect(f"127.0.0.1:{site.port}")
        answer = await talk(proxy, head, get("/a"))
        assert answer.startswith(b"HTTP/1.1 200 Connection established")
        assert answer.endswith(b"<h1>Mug</h1>")

    async def test_what_is_sent_along_is_not_lost(self, proxy, site):
        site.page("/a", "<h1>Mug</h1>")
        head = connect(f"127.0.0.1:{site.port}")
        assert (await talk(proxy, head + get("/a"))).endswith(b"<h1>Mug</h1>")

    @pytest.mark.parametrize("authority", ["127.0.0.1:443", "localhost:443", "[::1]:443", "169.254.169.254:80"])
    async def test_the_inside_is_out_of_reach(self, proxy, authority):
        answer = await talk(proxy, connect(authority))
        assert answer.startswith(b"HTTP/1.1 403")
        assert isinstance(proxy.last_failure, ForbiddenTarget)

    @pytest.mark.parametrize("authority", ["127.0.0.1:22", "a@b:443", "x/y:443", "", "example.com:99999"])
    async def test_targets_that_are_none(self, proxy, authority):
        answer = await talk(proxy, connect(authority))
        assert b" 200 " not in answer


class TestLimits:
    async def test_a_page_that_loads_too_much_is_cut(self, proxy, site):
        answer = await talk(proxy, get(site.page("/big", "x" * 500_000)))
        assert len(answer) < 300_000
        assert isinstance(proxy.last_failure, UpstreamTooLarge)

    async def test_and_stays_cut(self, proxy, site):
        await talk(proxy, get(site.page("/big", "x" * 500_000)))
        assert await talk(proxy, get(site.page("/small", "x"))) == b""

    async def test_a_header_flood_is_not_collected(self, proxy):
        answer = await talk(proxy, b"GET http://example.com/ HTTP/1.1\r\n" + b"A: " + b"x" * 200_000)
        assert answer == b""

    async def test_a_header_flood_from_the_other_side(self, proxy, site):
        site.pages["/flood"] = b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000
        assert await talk(proxy, get(site.url("/flood"))) == b""

    async def test_requests_are_counted(self, proxy, site):
        answer = await talk(proxy, get(site.page("/a", "x")) * 30)
        assert answer.count(b"HTTP/1.1 200") == 20

    @pytest.mark.parametrize(
        "nonsense", [b"\x16\x03\x01\x02\x00\x01", b"GET\r\n\r\n", b"\r\n\r\n\r\n", b"GET / HTTP/9\r\n\r\n"]
    )
    async def test_what_is_not_http(self, proxy, nonsense):
        assert b" 200 " not in await talk(proxy, nonsense)

    async def test_nothing_listens_when_the_page_is_done(self, site):
        policy = OutboundPolicy(allow=frozenset({f"127.0.0.1:{site.port}"}))
        async with PageProxy(policy, ProxyLimits(max_bytes=1000), ProxyAddress()).listening() as proxy:
            site.slow.add("/slow")
            waiting = asyncio.create_task(talk(proxy, get(site.url("/slow"))))
            await asyncio.sleep(0.2)
        assert b"200" in await waiting
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", proxy.port)


class TestQuiet:
    async def test_an_answer_that_is_awaited_is_no_quiet(self, proxy, site):
        release = asyncio.Event()

        async def handle(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            await release.wait()
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        proxy.policy = proxy.backend.policy = OutboundPolicy(allow=frozenset({f"127.0.0.1:{port}"}))
        asking = asyncio.create_task(talk(proxy, get(f"http://127.0.0.1:{port}/", "Connection: close")))
        await asyncio.sleep(0.2)
        assert proxy.quiet_s() == 0.0
        release.set()
        await asking
        assert proxy.quiet_s() > 0.0
        server.close()


class TestPeers:
    async def test_a_browser_elsewhere_must_come_from_the_inside(self):
        address = ProxyAddress("0.0.0.0", "proxy.example")

        class Connection:
            def __init__(self, host: str) -> None:
                self.host = host

            def get_extra_info(self, name: str) -> tuple[str, int]:
                return self.host, 1

        proxy = PageProxy(OutboundPolicy(), ProxyLimits(max_bytes=1), address)
        assert not PageProxy(OutboundPolicy(), ProxyLimits(max_bytes=1), address)._may_enter(Connection("8.8.8.8"))
        assert proxy._may_enter(Connection("10.0.0.7"))
        assert not proxy._may_enter(Connection("10.0.0.8"))
        assert proxy._may_enter(Connection("10.0.0.7"))
