"""A site on loopback that behaves as told, and the service itself on a real port."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest
import uvicorn

from extract_webcontent.api import create_app
from extract_webcontent.settings import Settings


def http(body: bytes, status: str = "200 OK", content_type: str = "text/html; charset=utf-8", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", f"Content-Type: {content_type}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


class Site:
    """Raw answers by path; everything else is a 404, robots.txt included."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.slow: set[str] = set()
        self.requests: list[str] = []
        self.port = 0

    def page(self, path: str, body: str | bytes, **options: str) -> str:
        self.pages[path] = http(body.encode() if isinstance(body, str) else body, **options)
        return self.url(path)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            path = head.split(" ", 2)[1]
            self.requests.append(path)
            if path in self.slow:
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
                while True:
                    writer.write(b"<")
                    await writer.drain()
                    await asyncio.sleep(0.05)
            writer.write(self.pages.get(path, http(b"nothing here", "404 Not Found", "text/plain")))
            await writer.drain()
        writer.close()


@pytest.fixture(scope="session")
async def running_site() -> AsyncIterator[Site]:
    site = Site()
    server = await asyncio.start_server(site.handle, "127.0.0.1", 0)
    site.port = server.sockets[0].getsockname()[1]
    yield site
    server.close()


@pytest.fixture
def site(running_site: Site) -> Site:
    running_site.pages.clear()
    running_site.slow.clear()
    running_site.requests.clear()
    return running_site


def serve(settings: Settings) -> tuple[uvicorn.Server, threading.Thread, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(settings), host="127.0.0.1", port=port, log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{port}"
    for _ in range(600):
        with contextlib.suppress(httpx2.TransportError):
            if httpx2.get(f"{url}/ping").status_code == 200:
                return server, thread, url
        time.sleep(0.05)
    raise RuntimeError("the service did not start")


@pytest.fixture(scope="session")
def serve_settings():
    """The service with settings of one's own, for as long as the fixture that asks is used."""

    def serving(settings: Settings) -> Iterator[str]:
        server, thread, url = serve(settings)
        yield url
        server.should_exit = True
        thread.join(20)

    return serving


@pytest.fixture(scope="session")
def service_url(running_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    cache: Path = tmp_path_factory.mktemp("cache")
    settings = Settings(
        cache_dir=cache,
        outbound_allow=frozenset({f"127.0.0.1:{running_site.port}"}),
        workers=2,
        worker_cpu_s=4,
        worker_timeout_s=8,
        fetch_timeout_s=3,
        renderer="none",
        service_token=None,
    )
    server, thread, url = serve(settings)
    yield url
    server.should_exit = True
    thread.join(20)


@pytest.fixture
async def client(service_url: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=service_url, timeout=30) as http_client:
        yield http_client


@pytest.fixture
def extract(client: httpx2.AsyncClient):
    async def call(**body: object) -> httpx2.Response:
        # Nothing is taken from the cache unless a test asks for it: pages change between tests.
        return await client.post("/api/v1/extract", json={"max_age_s": 0, **body})

    return call
