"""The built web app on the backend's port: what is served, how, and that nothing else is."""

from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI

from app.frontend import add_frontend
from backend.tests.support.servers import serving
from shared.utils.problems import add_problem_handlers


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_text("not for you")
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>App</title>")
    (folder / "favicon.svg").write_text("<svg/>")
    (folder / "assets" / "app-1a2b.js").write_text("1")
    return folder


def app_with(folder: Path | None) -> FastAPI:
    app = FastAPI()
    add_problem_handlers(app)
    add_frontend(app, folder)
    return app


async def get(app: FastAPI, path: str) -> httpx2.Response:
    async with serving(app) as url, httpx2.AsyncClient(trust_env=False) as client:
        return await client.get(httpx2.URL(url).copy_with(raw_path=path.encode()))


class TestWebApp:
    @pytest.mark.parametrize("path", ["/", "/sign-in", "/products/0198c0de", "/products?search=a.b"])
    async def test_every_page_is_the_app(self, built: Path, path: str) -> None:
        answer = await get(app_with(built), path)
        assert answer.status_code == 200
        assert "<title>App</title>" in answer.text
        assert answer.headers["cache-control"] == "no-cache"
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"

    async def test_assets_are_kept_for_ever(self, built: Path) -> None:
        answer = await get(app_with(built), "/assets/app-1a2b.js")
        assert answer.text == "1"
        assert "immutable" in answer.headers["cache-control"]

    async def test_root_files(self, built: Path) -> None:
        assert (await get(app_with(built), "/favicon.svg")).text == "<svg/>"

    @pytest.mark.parametrize(
        "path",
        ["/../secret.txt", "/..%2fsecret.txt", "/assets/../../secret.txt", "/assets/..%2f..%2fsecret.txt",
         "/%2e%2e/secret.txt", "/secret.txt", "/assets/none.js", "/api/v1/none", "/media/none", "/.env"],
    )  # fmt: skip
    async def test_nothing_else(self, built: Path, path: str) -> None:
        answer = await get(app_with(built), path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert "not for you" not in answer.text

    @pytest.mark.parametrize("missing", [None, Path("/nowhere")])
    async def test_before_it_is_built(self, missing: Path | None) -> None:
        answer = await get(app_with(missing), "/")
        assert answer.status_code == 200
        assert "./orchestrate up" in answer.text
