"""Bodies that are too large, over real HTTP: refused early, and the answer can be read."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from shared.tests.support.servers import serving
from shared.utils.asgi import BodyLimitMiddleware
from shared.utils.problems import add_problem_handlers

LIMIT, LARGER = 1000, 1_000_000
MEGABYTE = b"\x00" * 1024 * 1024


async def size(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(sum([len(chunk) async for chunk in request.stream()])))


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    app = Starlette(routes=[Route("/small", size, methods=["POST"]), Route("/large", size, methods=["POST"])])
    add_problem_handlers(app)
    app.add_middleware(BodyLimitMiddleware, max_bytes=LIMIT, larger={"/large": LARGER})
    async with serving(app) as url, httpx2.AsyncClient(base_url=url, trust_env=False, timeout=30) as made:
        yield made


async def in_pieces(total: int) -> AsyncIterator[bytes]:
    for start in range(0, total, 65536):
        yield b"\x00" * min(65536, total - start)


class TestBodyLimit:
    @pytest.mark.parametrize(("path", "limit"), [("/small", LIMIT), ("/large", LARGER)])
    @pytest.mark.parametrize("declared", [True, False])
    async def test_each_path_has_its_limit(
        self, client: httpx2.AsyncClient, path: str, limit: int, declared: bool
    ) -> None:
        for total, status in ((limit, 200), (limit + 1, 413)):
            body = b"\x00" * total if declared else in_pieces(total)
            answer = await client.post(path, content=body)
            assert answer.status_code == status
            if status == 200:
                assert answer.text == str(total)

    @pytest.mark.parametrize("path", ["/small/", "/larger", "/large/x", "/Large"])
    async def test_only_that_very_path_takes_more(self, client: httpx2.AsyncClient, path: str) -> None:
        assert (await client.post(path, content=b"\x00" * (LIMIT + 1))).status_code == 413

    @pytest.mark.parametrize("declared", [True, False])
    async def test_who_is_still_sending_gets_the_answer(self, client: httpx2.AsyncClient, declared: bool) -> None:
        headers = {"Content-Length": str(64 * len(MEGABYTE))} if declared else {}
        answer = await client.post("/small", content=in_pieces(64 * len(MEGABYTE)), headers=headers)
        assert answer.status_code == 413
        assert answer.headers["connection"] == "close"
        assert answer.headers["content-type"] == "application/problem+json"
        assert "1,000 bytes" in answer.json()["detail"]
        assert (await client.post("/small", content=b"x")).text == "1"
