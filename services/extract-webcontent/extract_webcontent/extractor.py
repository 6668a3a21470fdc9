"""One page from its address (or its HTML) to the answer."""

import hashlib
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from extract_webcontent.browser.decision import says_more, why_render
from extract_webcontent.errors import PageUnavailable, RenderingUnavailable
from extract_webcontent.page_cache import FetchedPage, PageCache
from extract_webcontent.rendering import Renderer
from extract_webcontent.robots import RobotsGate
from extract_webcontent.sniffing import is_pdf, require_readable
from extract_webcontent.workers.frames import ReadJob, ReadResult
from extract_webcontent.workers.pool import WorkerPool
from shared.models.extract import ExtractRequest, ExtractResponse
from shared.utils.errors import AppError, ServiceBusy
from shared.utils.outbound import FetchLimits, Outbound
from shared.utils.request_context import remaining_seconds

log = structlog.get_logger(__name__)

# What a page that was fetched leaves to the browser: with less for reading what it shows, the caller got no answer.
READING_RESERVE_S = 2.0
LEAST_TIME_S = 3.0 + READING_RESERVE_S


@dataclass(frozen=True, slots=True)
class Extractor:
    outbound: Outbound
    robots: RobotsGate
    cache: PageCache
    pool: WorkerPool
    renderer: Renderer
    fetch_timeout_s: float
    render_timeout_s: float
    max_page_bytes: int

    async def extract(self, request: ExtractRequest) -> ExtractResponse:
        started = time.monotonic()
        if request.html is not None:
            response = await self._from_html(request, request.html)
        elif request.render == "always":
            response = await self._rendered(request, request.url or "")
        else:
            response = await self._fetched(request, request.url or "")
        response.elapsed_ms = round((time.monotonic() - started) * 1000, 1)
        return response

    async def _from_html(self, request: ExtractRequest, html: str) -> ExtractResponse:
        if request.render == "always":
            raise RenderingUnavailable("HTML that is sent along is read as it is; it cannot be rendered.")
        body = html.encode("utf-8", "replace")
        digest = hashlib.sha256(body).hexdigest()
        ref = request.url or f"html:sha256:{digest}"
        job = ReadJob(url=request.url, ref=ref, content_type=None, want_main_text=request.main_text, is_utf8=True)
        result = await self.pool.read(job, body)
        return answer(result, request.url, None, None, digest, datetime.now(UTC))

    async def _rendered(self, request: ExtractRequest, url: str, reserve_s: float = 0.5) -> ExtractResponse:
        page, from_cache = await self._rendered_page(request, url, reserve_s)
        job = ReadJob(
            url=page.final_url, ref=page.final_url, content_type=None, want_main_text=request.main_text, is_utf8=True
        )
        result = await self.pool.read(job, page.body)
        digest = hashlib.sha256(page.body).hexdigest()
        response = answer(result, url, page.final_url, page.status, digest, page.fetched)
        response.rendered = True
        response.from_cache = from_cache
        return response

    async def _rendered_page(self, request: ExtractRequest, url: str, reserve_s: float) -> tuple[FetchedPage, bool]:
        # No URL begins like this, so that the page as it was sent and the page as it was shown are kept side by side.
        key = f"rendered {self.outbound.policy.target(url).url}"
        if request.respect_robots:
            await self.robots.check(url, remaining_seconds(self.fetch_timeout_s))
        kept = await self.cache.get(key, request.max_age_s)
        if kept is not None:
            return kept, True
        # What is left when the browser has used up its time must do for reading the page.
        seconds = max(0.1, min(self.render_timeout_s, remaining_seconds(self.render_timeout_s + reserve_s) - reserve_s))
        rendered = await self.renderer.render(url, timeout_s=seconds)
        if rendered.status >= 400:
            raise PageUnavailable(rendered.status)
        if request.respect_robots and rendered.final_url != url:
            await self.robots.check(rendered.final_url, remaining_seconds(self.fetch_timeout_s))
        body = rendered.html.encode("utf-8", "replace")
        page = FetchedPage(rendered.final_url, rendered.status, "text/html; charset=utf-8", body, time.time())
        await self.cache.put(key, page)
        return page, False

    async def _rendered_if_it_pays(
        self, request: ExtractRequest, static: ExtractResponse, body: bytes
    ) -> ExtractResponse:
        if request.render == "never":
            return static
        reason = why_render(static, body)
        if reason is None or remaining_seconds(LEAST_TIME_S) < LEAST_TIME_S:
            return static
        try:
            rendered = await self._rendered(request, static.url or "", READING_RESERVE_S)
        except AppError as error:
            # A caller that asks again when the browser is free gets more than next to nothing now.
            if isinstance(error, ServiceBusy) and static.product is None:
                raise
            # Else what the server sent is an answer, too; only "always" insists on the browser.
            log.info(
                "rendering_failed", url=static.url, reason=reason, problem=error.problem_type(), detail=error.detail
            )
            return static
        gained = says_more(rendered, static)
        log.info("rendered", url=static.url, reason=reason, gained=gained)
        return rendered if gained else static

    async def _fetched(self, request: ExtractRequest, url: str) -> ExtractResponse:
        page, from_cache = await self._page(request, url)
        job = ReadJob(
            url=page.final_url,
            ref=page.final_url,
            content_type=page.content_type,
            want_main_text=request.main_text,
            kind="pdf" if is_pdf(page.body) else "html",
        )
        result = await self.pool.read(job, page.body)
        digest = hashlib.sha256(page.body).hexdigest()
        response = answer(result, url, page.final_url, page.status, digest, page.fetched)
        response.from_cache = from_cache
        return response if job.kind == "pdf" else await self._rendered_if_it_pays(request, response, page.body)

    async def _page(self, request: ExtractRequest, url: str) -> tuple[FetchedPage, bool]:
        # The address is judged even when the page is at hand: what is forbidden today is not served from yesterday.
        key = self.outbound.policy.target(url).url
        if request.respect_robots:
            await self.robots.check(url, remaining_seconds(self.fetch_timeout_s))
        kept = await self.cache.get(key, request.max_age_s)
        if kept is not None:
            return kept, True
        limits = FetchLimits(
            max_bytes=self.max_page_bytes,
            max_decoded_bytes=3 * self.max_page_bytes,
            timeout_s=remaining_seconds(self.fetch_timeout_s),
        )
        response = await self.outbound.fetch(url, limits=limits)
        if response.status >= 400:
            raise PageUnavailable(response.status)
        if request.respect_robots and response.redirects:
            await self.robots.check(response.url, remaining_seconds(self.fetch_timeout_s))
        require_readable(response.body, response.content_type)
        page = FetchedPage(response.url, response.status, response.content_type, response.body, time.time())
        await self.cache.put(key, page)
        return page, False


def answer(
    result: ReadResult, url: str | None, final_url: str | None, status: int | None, digest: str, fetched: datetime
) -> ExtractResponse:
    return ExtractResponse(
        url=url,
        final_url=final_url,
        status=status,
        title=result.title,
        language=result.language,
        main_text=result.main_text,
        snapshot=result.snapshot,
        product=result.product,
        facts=result.facts,
        blocked=result.blocked,
        fetched_at=fetched,
        content_sha256=digest,
        elapsed_ms=0.0,
    )
