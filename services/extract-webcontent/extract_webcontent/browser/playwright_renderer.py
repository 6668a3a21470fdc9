"""Playwright: a few browsers that are kept, one page in each at a time, a fresh context for every page.

A browser that hangs, crashes or grows is killed with all its processes; nobody else's page is in it.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from playwright.async_api import Browser, BrowserContext, CDPSession, Page, Playwright, async_playwright
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeout

from extract_webcontent.browser import chromium
from extract_webcontent.browser.options import BrowserOptions
from extract_webcontent.browser.processes import MemoryWatch, ProcessTree
from extract_webcontent.browser.proxy import PageProxy
from extract_webcontent.browser.queue import RenderQueue
from extract_webcontent.browser.visit import NavigationFailed, TabGone, VisitLimits, visit
from extract_webcontent.errors import PageTooComplex, ReadingTimeout, RenderingUnavailable
from extract_webcontent.rendering import RenderedPage
from shared.models.health import EngineHealth
from shared.utils.outbound import describe_failure

log = structlog.get_logger(__name__)

LAUNCH_TIMEOUT_S = 20.0
CLOSE_TIMEOUT_S = 1.5
OPEN_TIMEOUT_S = 10.0
# After a failed start, requests are answered from what is known for this long.
RETRY_START_S = 15.0
# What does not belong to a page finds no way out at all: nothing listens on port 1.
NO_WAY_OUT = "http://127.0.0.1:1"
UNWANTED_DEFAULTS = [
    "--disable-ipc-flooding-protection",
    "--disable-popup-blocking",
    "--enable-unsafe-swiftshader",
]
WORLD = "reader"


class BrowserGone(Exception):
    """The browser ended before the page was opened."""


class PlaywrightTab:
    def __init__(self, page: Page, session: CDPSession, frame: str) -> None:
        self.page = page
        self.session = session
        self.frame = frame

    async def go(self, url: str, *, timeout_s: float) -> None:
        try:
            await self.page.goto(url, wait_until="domcontentloaded", timeout=timeout_s * 1000)
        except PlaywrightTimeout:
            raise TimeoutError from None
        except PlaywrightError as error:
            if "net::" in error.message or "Download is starting" in error.message:
                raise NavigationFailed(error.message.replace("Download is starting", "net::ERR_ABORTED")) from None
            raise TabGone(error.message) from None

    async def evaluate(self, script: str) -> Any:
        for attempt in range(3):
            try:
                world = await self.session.send("Page.createIsolatedWorld", {"frameId": self.frame, "worldName": WORLD})
                answer = await self.session.send(
                    "Runtime.evaluate",
                    {"expression": script, "contextId": world["executionContextId"], "returnByValue": True},
                )
            except PlaywrightError as error:
                # The page may have gone on to another document between the two.
                if attempt == 2 or "context" not in error.message.lower() or self.page.is_closed():
                    raise TabGone(error.message) from None
                await asyncio.sleep(0.05)
            else:
                return answer["result"].get("value")
        return None


class KeptBrowser:
    """A browser process with the number of pages that it has shown."""

    def __init__(self, browser: Browser, tree: ProcessTree) -> None:
        self.browser = browser
        self.tree = tree
        self.pages = 0

    @classmethod
    async def launch(cls, playwright: Playwright, options: BrowserOptions, *, sandbox: bool) -> "KeptBrowser":
        browser = await playwright.chromium.launch(
            executable_path=options.chromium,
            args=[*chromium.SWITCHES, chromium.resolver_switch(options.proxy_address.advertised)],
            ignore_default_args=UNWANTED_DEFAULTS,
            chromium_sandbox=sandbox,
            env=dict(chromium.environment()),
            proxy={"server": NO_WAY_OUT},
            timeout=LAUNCH_TIMEOUT_S * 1000,
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
        )
        session = await browser.new_browser_cdp_session()
        answer = await session.send("SystemInfo.getProcessInfo")
        await session.detach()
        pid = next(each["id"] for each in answer["processInfo"] if each["type"] == "browser")
        tree = ProcessTree(pid)
        await asyncio.to_thread(tree.limit_each, options.memory_mb)
        return cls(browser, tree)

    @asynccontextmanager
    async def tab(self, proxy: PageProxy) -> AsyncIterator[PlaywrightTab]:
        """Raises BrowserGone when there is no browser any more to open it in."""
        self.pages += 1
        try:
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                context = await self.new_context(proxy)
        except (PlaywrightError, TimeoutError) as error:
            await self.kill()
            raise BrowserGone(first_line(error)) from None
        try:
            yield await self.new_tab(context)
        except ReadingTimeout:
            # Its scripts do not end, so it would not close.
            await self.kill()
            raise
        finally:
            await self.leave(context)

    async def new_context(self, proxy: PageProxy) -> BrowserContext:
        return await self.browser.new_context(
            proxy={"server": proxy.url, "bypass": "<-loopback>"},
            user_agent=chromium.user_agent(self.browser.version),
            accept_downloads=False,
            service_workers="block",
            permissions=[],
            viewport={"width": 1280, "height": 1600},
        )

    async def new_tab(self, context: BrowserContext) -> PlaywrightTab:
        page = await context.new_page()
        context.on("page", close_popup)
        session = await context.new_cdp_session(page)
        await session.send("Network.enable", {"maxTotalBufferSize": 0, "maxResourceBufferSize": 0})
        await session.send("Network.setBlockedURLs", {"urls": list(chromium.BLOCKED_MEDIA)})
        tree = await session.send("Page.getFrameTree")
        return PlaywrightTab(page, session, tree["frameTree"]["frame"]["id"])

    async def leave(self, context: BrowserContext) -> None:
        """A page that cannot be closed at once is ended with its browser."""
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await context.close()
        except (TimeoutError, PlaywrightError):
            await self.kill()
        except asyncio.CancelledError:
            await asyncio.shield(self.kill())
            raise

    def can_go_on(self, max_pages: int) -> bool:
        return self.browser.is_connected() and self.pages < max_pages

    async def kill(self) -> None:
        await asyncio.to_thread(self.tree.kill)


async def close_popup(page: Page) -> None:
    with contextlib.suppress(PlaywrightError):
        await page.close()


class PlaywrightRenderer:
    def __init__(self, options: BrowserOptions) -> None:
        self.options = options
        self._queue = RenderQueue(options.concurrency, options.queue_limit)
        self._idle: list[KeptBrowser] = []
        self._all: set[KeptBrowser] = set()
        self._playwright: Playwright | None = None
        self._starting = asyncio.Lock()
        self._sandbox = chromium.may_use_sandbox()
        self._problem: str | None = None
        self._problem_since = 0.0

    async def open(self) -> None:
        """The first page starts the first browser."""

    async def close(self) -> None:
        for kept in list(self._all):
            await self._end(kept)
        await self._stop_driver()

    def health(self) -> EngineHealth:
        name = self.options.chromium.name if self.options.chromium else None
        if self._problem is not None:
            return EngineHealth(
                name="browser", model=name, ready=False, detail=f"rendering unavailable: {self._problem}"
            )
        return EngineHealth(name="browser", model=name, ready=True)

    async def render(self, url: str, *, timeout_s: float) -> RenderedPage:
        ends = time.monotonic() + timeout_s
        target = self.options.policy.target(url)
        async with self._queue.turn(timeout_s):
            try:
                return await self._render(target.url, ends)
            except BrowserGone:
                # It had ended since its last page. That is not this page's fault.
                try:
                    return await self._render(target.url, ends)
                except BrowserGone as error:
                    raise RenderingUnavailable(f"The browser opens no page: {error}.") from None

    async def _render(self, url: str, ends: float) -> RenderedPage:
        options = self.options
        proxy = PageProxy(options.policy, options.proxy_limits, options.proxy_address)
        async with (
            self._browser() as kept,
            proxy.listening(),
            MemoryWatch(kept.tree, options.memory_mb) as watch,
        ):
            try:
                async with kept.tab(proxy) as tab:
                    limits = VisitLimits(max(0.1, ends - time.monotonic()), options.settle_s, options.max_characters)
                    return await visit(tab, proxy, options.policy, url, limits)
            except (TabGone, PlaywrightError) as error:
                log.warning("browser_tab_gone", url=url[:200], error=first_line(error))
                await kept.kill()
                why = f"more than {options.memory_mb:,} MB of memory" if watch.exceeded else "too much"
                raise PageTooComplex(f"The page ended its browser: it asks for {why}.") from None

    @asynccontextmanager
    async def _browser(self) -> AsyncIterator[KeptBrowser]:
        kept = self._idle.pop() if self._idle else None
        while kept is not None and not kept.can_go_on(self.options.max_pages):
            await self._end(kept)
            kept = self._idle.pop() if self._idle else None
        kept = kept or await self._launch()
        try:
            yield kept
        finally:
            if kept.can_go_on(self.options.max_pages) and kept.tree.is_alive:
                self._idle.append(kept)
            else:
                await asyncio.shield(self._end(kept))

    async def _launch(self) -> KeptBrowser:
        if self._problem is not None and time.monotonic() - self._problem_since < RETRY_START_S:
            raise RenderingUnavailable(f"The browser does not start: {self._problem}.")
        async with self._starting:
            try:
                async with asyncio.timeout(LAUNCH_TIMEOUT_S + 5):
                    kept = await self._start()
            except (PlaywrightError, OSError, TimeoutError, StopIteration) as error:
                self._problem = first_line(error)
                self._problem_since = time.monotonic()
                log.error("browser_did_not_start", error=self._problem)
                await self._stop_driver()
                raise RenderingUnavailable(f"The browser does not start: {self._problem}.") from None
            self._problem = None
            self._all.add(kept)
            return kept

    async def _start(self) -> KeptBrowser:
        if self._playwright is not None:
            try:
                return await self._launch_in(self._playwright)
            except Exception as error:  # noqa: BLE001 (a driver that has ended raises what it likes)
                log.warning("browser_driver_replaced", error=first_line(error))
                await self._stop_driver()
        self._playwright = await async_playwright().start()
        return await self._launch_in(self._playwright)

    async def _launch_in(self, playwright: Playwright) -> KeptBrowser:
        try:
            return await KeptBrowser.launch(playwright, self.options, sandbox=self._sandbox)
        except PlaywrightError as error:
            if not self._sandbox or "sandbox" not in error.message.lower():
                raise
            # Containers without user namespaces have no sandbox to offer; the container is the wall then.
            log.warning("browser_without_sandbox", error=first_line(error))
            self._sandbox = False
            return await KeptBrowser.launch(playwright, self.options, sandbox=False)

    async def _stop_driver(self) -> None:
        if self._playwright is not None:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(CLOSE_TIMEOUT_S):
                    await self._playwright.stop()
            self._playwright = None

    async def _end(self, kept: KeptBrowser) -> None:
        self._all.discard(kept)
        with contextlib.suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await kept.browser.close()
        await kept.kill()


def first_line(error: BaseException) -> str:
    return describe_failure(error if isinstance(error, Exception) else Exception()).partition("\n")[0]
