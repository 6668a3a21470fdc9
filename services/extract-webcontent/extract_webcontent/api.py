"""The HTTP face of extract-webcontent."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, Request

from extract_webcontent.browser.choice import choose_renderer
from extract_webcontent.errors import (
    PageTooComplex,
    PageUnavailable,
    ReadingTimeout,
    RenderingUnavailable,
    RobotsDisallowed,
    UnsupportedPage,
)
from extract_webcontent.extractor import Extractor
from extract_webcontent.page_cache import PageCache
from extract_webcontent.rendering import Renderer
from extract_webcontent.robots import RobotsGate
from extract_webcontent.settings import Settings
from extract_webcontent.site_rules.rules import SiteRules
from extract_webcontent.workers.pool import WorkerLimits, WorkerPool
from shared.models.extract import ExtractRequest, ExtractResponse
from shared.models.health import EngineHealth
from shared.utils.errors import DeadlineExceeded, InvalidRequest, ServiceBusy
from shared.utils.outbound import (
    ForbiddenTarget,
    Outbound,
    OutboundPolicy,
    TooManyRedirects,
    UpstreamTimeout,
    UpstreamTooLarge,
    UpstreamUnreachable,
    UrlNotAllowed,
)
from shared.utils.problems import problems
from shared.utils.service import cache_folder, create_service

SERVICE = "extract-webcontent"


def get_extractor(request: Request) -> Extractor:
    extractor: Extractor = request.app.state.extractor
    return extractor


ExtractorDependency = Annotated[Extractor, Depends(get_extractor)]


def create_app(settings: Settings | None = None, renderer: Renderer | None = None) -> FastAPI:
    settings = settings or Settings()
    if settings.site_rules is not None:
        # A file with a mistake stops the service at its start, and not the first page of that host.
        SiteRules.load(settings.site_rules)
    limits = WorkerLimits(
        memory_mb=settings.worker_memory_mb,
        cpu_s=settings.worker_cpu_s,
        timeout_s=settings.worker_timeout_s,
        max_pages=settings.worker_max_pages,
        site_rules=settings.site_rules,
    )
    pool = WorkerPool(settings.workers, limits, settings.queue_limit)
    policy = OutboundPolicy(allow=settings.outbound_allow, ports=settings.outbound_ports)
    browser = renderer or choose_renderer(settings, policy)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        cache = PageCache(cache_folder(settings, SERVICE) / "pages.sqlite3", settings.cache_max_bytes)
        async with Outbound(policy) as outbound:
            app.state.extractor = Extractor(
                outbound=outbound,
                robots=RobotsGate(outbound),
                cache=cache,
                pool=pool,
                renderer=browser,
                fetch_timeout_s=settings.fetch_timeout_s,
                render_timeout_s=settings.render_timeout_s,
                max_page_bytes=settings.max_page_bytes,
            )
            pool.open()
            await browser.open()
            try:
                yield
            finally:
                await browser.close()
                await pool.close()
                cache.close()

    def engines() -> list[EngineHealth]:
        detail = None if pool.ready else "no reading process is running"
        return [EngineHealth(name="static", ready=pool.ready, detail=detail), browser.health()]

    app = create_service(
        service=SERVICE,
        description="What a supplier page says: its text and its product facts, each with a verbatim quote.",
        settings=settings,
        engines=engines,
        lifespan=lifespan,
        starting=lambda: not pool.has_started,
        # Ten million characters may need four bytes each, and JSON escapes some of them.
        max_body_bytes=64 * 1024 * 1024,
    )

    @app.post(
        "/api/v1/extract",
        tags=["extract"],
        response_model=ExtractResponse,
        responses=problems(
            ForbiddenTarget,
            RobotsDisallowed,
            UnsupportedPage,
            UrlNotAllowed,
            PageTooComplex,
            InvalidRequest,
            PageUnavailable,
            UpstreamUnreachable,
            UpstreamTooLarge,
            TooManyRedirects,
            RenderingUnavailable,
            ServiceBusy,
            UpstreamTimeout,
            ReadingTimeout,
            DeadlineExceeded,
        ),
    )
    async def extract(request: ExtractRequest, extractor: ExtractorDependency) -> ExtractResponse:
        """Read a page by its URL, or HTML that you already have. `product` is null where the page shows none."""
        return await extractor.extract(request)

    return app
