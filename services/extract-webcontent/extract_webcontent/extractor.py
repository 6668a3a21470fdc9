"""One page from its address (or its HTML) to the answer."""

import hashlib
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from extract_webcontent.errors import PageUnavailable, RenderingUnavailable
from extract_webcontent.page_cache import FetchedPage, PageCache
from extract_webcontent.rendering import Renderer
from extract_webcontent.robots import RobotsGate
from extract_webcontent.sniffing import require_html
from extract_webcontent.workers.frames import ReadJob, ReadResult
from extract_webcontent.workers.pool import WorkerPool
from shared.models.extract import ExtractRequest, ExtractResponse
from shared.utils.outbound import FetchLimits, Outbound
from shared.utils.request_context import remaining_seconds


@dataclass(frozen=True, slots=True)
class Extractor:
    outbound: Outbound
    robots: RobotsGate
    cache: PageCache
    pool: WorkerPool
    renderer: Renderer | None
    fetch_timeout_s: float
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

    async def _rendered(self, request: ExtractRequest, url: str) -> ExtractResponse:
        if self.renderer is None:
            raise RenderingUnavailable(
                'Rendering is not available on this server; "auto" or "never" reads the page without a browser.'
            )
        if request.respect_robots:
            await self.robots.check(url, remaining_seconds(self.fetch_timeout_s))
        page = await self.renderer.render(url, timeout_s=remaining_seconds(self.fetch_timeout_s))
        if page.status >= 400:
            raise PageUnavailable(page.status)
        body = page.html.encode("utf-8", "replace")
        job = ReadJob(
            url=page.final_url, ref=page.final_url, content_type=None, want_main_text=request.main_text, is_utf8=True
        )
        result = await self.pool.read(job, body)
        digest = hashlib.sha256(body).hexdigest()
        response = answer(result, url, page.final_url, page.status, digest, datetime.now(UTC))
        response.rendered = True
        return response

    async def _fetched(self, request: ExtractRequest, url: str) -> ExtractResponse:
        page, from_cache = await self._page(request, url)
        job = ReadJob(
            url=page.final_url,
            ref=page.final_url,
            content_type=page.content_type,
            want_main_text=request.main_text,
        )
        result = await self.pool.read(job, page.body)
        digest = hashlib.sha256(page.body).hexdigest()
        response = answer(result, url, page.final_url, page.status, digest, page.fetched)
        response.from_cache = from_cache
        return response

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
        require_html(response.body, response.content_type)
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
