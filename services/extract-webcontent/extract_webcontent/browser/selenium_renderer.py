"""Selenium: a fresh session for every page, here or on a Selenium Grid, which is how rendering grows past one machine.

WebDriver calls block, so each runs in a thread. A call that hangs is ended by killing the driver with its browser, or
by deleting the Grid's session, which does the same there.
"""

import asyncio
import contextlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import psutil
import structlog
from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.proxy import Proxy, ProxyType
from selenium.webdriver.remote.client_config import ClientConfig

from extract_webcontent.browser import chromium
from extract_webcontent.browser.options import BrowserOptions
from extract_webcontent.browser.processes import MemoryWatch, ProcessTree
from extract_webcontent.browser.proxy import PageProxy
from extract_webcontent.browser.queue import RenderQueue
from extract_webcontent.browser.visit import NavigationFailed, TabGone, VisitLimits, visit
from extract_webcontent.errors import PageTooComplex, RenderingUnavailable
from extract_webcontent.rendering import RenderedPage
from shared.models.health import EngineHealth
from shared.utils.outbound import describe_failure

log = structlog.get_logger(__name__)

START_TIMEOUT_S = 30.0
QUIT_TIMEOUT_S = 5.0
# After a failed start, requests are answered from what is known for this long.
RETRY_START_S = 15.0
# The driver or the Grid answers later than the page's time is up: then the thread is let go.
CALL_TIMEOUT_S = 150
WORLD = "reader"


class DriverFailed(Exception):
    """What WebDriver, or the connection to it, says went wrong."""


def calling(work: Callable[..., Any], *arguments: Any) -> Any:
    """Raises DriverFailed or TimeoutError, whatever Selenium and its HTTP library raise."""
    try:
        return work(*arguments)
    except TimeoutException:
        raise TimeoutError from None
    except Exception as error:  # noqa: BLE001 (Selenium lets the errors of its HTTP library through)
        raise DriverFailed(describe_failure(error)) from None


class SeleniumTab:
    def __init__(self, driver: webdriver.Remote, run: Callable[..., Any]) -> None:
        self.driver = driver
        self.run = run

    async def go(self, url: str, *, timeout_s: float) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                await self.run(self.driver.set_page_load_timeout, timeout_s)
                await self.run(self.driver.get, url)
        except DriverFailed as error:
            failure = NavigationFailed if "net::" in str(error) else TabGone
            raise failure(str(error)) from None

    async def evaluate(self, script: str) -> Any:
        for attempt in range(3):
            try:
                return await self.run(self._evaluate, script)
            except DriverFailed as error:
                # The page may have gone on to another document between the calls.
                if attempt == 2 or "context" not in str(error).lower():
                    raise TabGone(str(error)) from None
                await asyncio.sleep(0.05)
        return None

    def _evaluate(self, script: str) -> Any:
        frame = self.cdp("Page.getFrameTree")["frameTree"]["frame"]["id"]
        world = self.cdp("Page.createIsolatedWorld", frameId=frame, worldName=WORLD)["executionContextId"]
        answer = self.cdp("Runtime.evaluate", expression=script, contextId=world, returnByValue=True)
        return answer["result"].get("value")

    def cdp(self, command: str, **parameters: Any) -> dict[str, Any]:
        value: dict[str, Any] = self.driver.execute("executeCdpCommand", {"cmd": command, "params": parameters})[
            "value"
        ]
        return value


class SeleniumRenderer:
    def __init__(self, options: BrowserOptions) -> None:
        self.options = options
        self._queue = RenderQueue(options.concurrency, options.queue_limit)
        # A page's own call, the one that ends it, and some that are still being let go.
        self._threads = ThreadPoolExecutor(4 * options.concurrency, thread_name_prefix="selenium")
        self._problem: str | None = None
        self._problem_since = 0.0
        self._running: set[Service] = set()
        self._sandbox = chromium.may_use_sandbox()

    async def open(self) -> None:
        """Each page starts its own session."""

    async def close(self) -> None:
        for service in list(self._running):
            await asyncio.to_thread(end, service)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def health(self) -> EngineHealth:
        detail = None if self._problem is None else f"rendering unavailable: {self._problem}"
        return EngineHealth(name="browser", model="selenium", ready=self._problem is None, detail=detail)

    async def render(self, url: str, *, timeout_s: float) -> RenderedPage:
        ends = time.monotonic() + timeout_s
        target = self.options.policy.target(url)
        if self._problem is not None and time.monotonic() - self._problem_since < RETRY_START_S:
            raise RenderingUnavailable(f"The browser does not start: {self._problem}.")
        async with self._queue.turn(timeout_s):
            had_sandbox = self._sandbox
            try:
                return await self._render(target.url, ends)
            except RenderingUnavailable as error:
                if not had_sandbox or "session not created" not in str(error):
                    raise
                # Containers without user namespaces have no sandbox to offer; the container is the wall then.
                log.warning("browser_without_sandbox", error=str(error))
                self._sandbox = False
                return await self._render(target.url, ends)

    async def _render(self, url: str, ends: float) -> RenderedPage:
        options = self.options
        proxy = PageProxy(options.policy, options.proxy_limits, options.proxy_address)
        async with proxy.listening(), self._session(proxy) as (tab, watch):
            limits = VisitLimits(max(0.1, ends - time.monotonic()), options.settle_s, options.max_characters)
            try:
                return await visit(tab, proxy, options.policy, url, limits)
            except TabGone as error:
                log.warning("browser_tab_gone", url=url[:200], error=describe_failure(error))
                exceeded = watch is not None and watch.exceeded
                why = f"more than {options.memory_mb:,} MB of memory" if exceeded else "too much"
                raise PageTooComplex(f"The page ended its browser: it asks for {why}.") from None

    @asynccontextmanager
    async def _session(self, proxy: PageProxy) -> AsyncIterator[tuple[SeleniumTab, MemoryWatch | None]]:
        if self.options.grid_url is not None:
            async with self._driver(self.options.grid_url, self._driver_options(proxy)) as driver:
                yield SeleniumTab(driver, self._run), None
            return
        with temporary_folder() as folder:
            service = self._service(folder)
            self._running.add(service)
            try:
                await self._begin(service.start)
                tree = ProcessTree(service.process.pid)
                async with (
                    self._driver(service.service_url, self._driver_options(proxy)) as driver,
                    MemoryWatch(tree, self.options.memory_mb) as watch,
                ):
                    await asyncio.to_thread(tree.limit_each, self.options.memory_mb)
                    yield SeleniumTab(driver, self._run), watch
            finally:
                self._running.discard(service)
                # The watchdog's part is not left to the driver: nothing of this page outlives it.
                await asyncio.shield(asyncio.to_thread(end, service))

    @asynccontextmanager
    async def _driver(self, address: str, options: Options) -> AsyncIterator[webdriver.Remote]:
        direct = Proxy(raw={"proxyType": ProxyType.DIRECT})
        config = ClientConfig(remote_server_addr=address, timeout=CALL_TIMEOUT_S, proxy=direct)
        driver = await self._begin(lambda: webdriver.Remote(address, options=options, client_config=config), late_quit)
        self._problem = None
        try:
            try:
                await self._prepare(driver)
            except DriverFailed as error:
                raise self._not_started(error) from None
            yield driver
        finally:
            if self.options.grid_url is not None:
                await asyncio.shield(self._quit(driver))

    async def _prepare(self, driver: webdriver.Remote) -> None:
        tab = SeleniumTab(driver, self._run)
        version = str(driver.capabilities.get("browserVersion", ""))
        settings: list[tuple[str, dict[str, Any]]] = [
            ("Network.enable", {"maxTotalBufferSize": 0, "maxResourceBufferSize": 0}),
            ("Network.setBlockedURLs", {"urls": list(chromium.BLOCKED_MEDIA)}),
            ("Network.setBypassServiceWorker", {"bypass": True}),
            ("Network.setUserAgentOverride", {"userAgent": chromium.user_agent(version)}),
            ("Browser.setDownloadBehavior", {"behavior": "deny"}),
        ]
        for command, parameters in settings:
            await self._run(lambda command=command, parameters=parameters: tab.cdp(command, **parameters))

    async def _quit(self, driver: webdriver.Remote) -> None:
        with contextlib.suppress(TimeoutError, DriverFailed):
            async with asyncio.timeout(QUIT_TIMEOUT_S):
                await self._run(driver.quit)

    async def _begin(self, work: Callable[[], Any], undo: Callable[[Any], None] | None = None) -> Any:
        """What begins when nobody waits for it any more is undone: a Grid would keep the session for minutes."""
        beginning = self._threads.submit(calling, work)
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                return await asyncio.shield(asyncio.wrap_future(beginning))
        except (TimeoutError, DriverFailed) as error:
            raise self._not_started(error) from None
        finally:
            if undo is not None and not beginning.done():
                beginning.add_done_callback(undo)

    def _not_started(self, error: Exception) -> RenderingUnavailable:
        self._problem = describe_failure(error).partition("\n")[0]
        self._problem_since = time.monotonic()
        log.error("browser_did_not_start", error=self._problem)
        return RenderingUnavailable(f"The browser does not start: {self._problem}.")

    async def _run(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, calling, work, *arguments)

    def _service(self, folder: Path) -> Service:
        # The driver makes the browser's profile in its temporary folder, and would leave it there when killed.
        return Service(
            executable_path=str(self.options.chromedriver),
            env={**chromium.environment(), "TMPDIR": str(folder)},
            popen_kw={"start_new_session": True},
        )

    def _driver_options(self, proxy: PageProxy) -> Options:
        options = Options()
        options.page_load_strategy = "eager"
        options.unhandled_prompt_behavior = "dismiss"
        switches = [
            *chromium.SWITCHES,
            chromium.resolver_switch(self.options.proxy_address.advertised),
            f"--proxy-server={proxy.url}",
            "--headless",
            "--disable-dev-shm-usage",
            "--remote-debugging-pipe",
        ]
        if self.options.grid_url is None:
            if self.options.chromium is not None:
                options.binary_location = str(self.options.chromium)
            if not self._sandbox:
                switches.append("--no-sandbox")
        for switch in switches:
            options.add_argument(switch)
        options.add_experimental_option("excludeSwitches", ["disable-popup-blocking"])
        return options


@contextmanager
def temporary_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="browser-"))
    try:
        yield folder
    finally:
        # What a killed browser still writes is no reason to fail.
        shutil.rmtree(folder, ignore_errors=True)


def late_quit(beginning: Future[Any]) -> None:
    with contextlib.suppress(Exception):
        beginning.result().quit()


def end(service: Service) -> None:
    if getattr(service, "process", None) is None:
        return
    with contextlib.suppress(psutil.Error):
        ProcessTree(service.process.pid).kill()
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        service.process.wait(QUIT_TIMEOUT_S)
    # The service's own stop would wait for an answer of the driver that is gone.
    if service.process.stdin is not None:
        service.process.stdin.close()
