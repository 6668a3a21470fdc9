"""A real Chromium, driven by Playwright and by Selenium; and a service that renders."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest

from extract_webcontent.browser.chromium import find_chromium
from extract_webcontent.browser.options import BrowserOptions
from extract_webcontent.browser.playwright_renderer import PlaywrightRenderer
from extract_webcontent.rendering import Renderer
from extract_webcontent.settings import Settings
from shared.utils.outbound import OutboundPolicy

CHROMIUM = find_chromium(Path(os.environ["CHROMIUM_PATH"]) if os.environ.get("CHROMIUM_PATH") else None)
CHROMEDRIVER = shutil.which(os.environ.get("CHROMEDRIVER_PATH") or "chromedriver")


def require(found: object, reason: str) -> None:
    if not found:
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


def require_chromium() -> None:
    require(CHROMIUM, "no Chromium is installed (apt-get install chromium-headless-shell)")


def options(port: int, **changes: object) -> BrowserOptions:
    policy = OutboundPolicy(allow=frozenset({f"127.0.0.1:{port}"}))
    given = {"concurrency": 2, "settle_s": 4.0, "max_pages": 50, **changes}
    return BrowserOptions(
        policy=policy, chromium=CHROMIUM, chromedriver=Path(CHROMEDRIVER) if CHROMEDRIVER else None, **given
    )


def make_renderer(driver: str, port: int, **changes: object) -> Renderer:
    require_chromium()
    browser_options = options(port, **changes)
    if driver == "playwright":
        return PlaywrightRenderer(browser_options)
    require(CHROMEDRIVER, "no chromedriver is installed (apt-get install chromium-driver)")
    from extract_webcontent.browser.selenium_renderer import SeleniumRenderer

    return SeleniumRenderer(browser_options)


@pytest.fixture(scope="session", params=["playwright", "selenium"])
async def renderer(request: pytest.FixtureRequest, running_site) -> AsyncIterator[Renderer]:
    started = make_renderer(request.param, running_site.port)
    await started.open()
    yield started
    await started.close()


@pytest.fixture(scope="session")
def rendering_service_url(running_site, tmp_path_factory: pytest.TempPathFactory, serve_settings) -> Iterator[str]:
    require_chromium()
    yield from serve_settings(
        Settings(
            cache_dir=tmp_path_factory.mktemp("cache"),
            outbound_allow=frozenset({f"127.0.0.1:{running_site.port}"}),
            workers=2,
            render_timeout_s=8,
            chromium_path=CHROMIUM,
            service_token=None,
        )
    )


@pytest.fixture
async def render(rendering_service_url: str):
    async with httpx2.AsyncClient(base_url=rendering_service_url, timeout=60) as client:

        async def call(headers: dict[str, str] | None = None, **body: object) -> httpx2.Response:
            return await client.post("/api/v1/extract", json={"max_age_s": 0, **body}, headers=headers)

        call.client = client
        yield call


@pytest.fixture
def new_renderer():
    return make_renderer
