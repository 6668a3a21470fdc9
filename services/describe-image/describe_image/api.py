"""The service: one route, and what `create_service` brings."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog
from fastapi import FastAPI, Request
from prometheus_client import CollectorRegistry

from describe_image.answers import AnswerCache
from describe_image.describer import VisionModelNotConfigured
from describe_image.describers import Describers, Remembering
from describe_image.errors import EngineUnavailable, ImageNotFetched, UnsupportedMediaType
from describe_image.incoming import REQUEST_BODY, read_request
from describe_image.label_reader.engine import LabelReader
from describe_image.label_reader.text_reader import TextReader
from describe_image.settings import Settings
from describe_image.vision_model.connection import connect_vision_model
from describe_image.vision_model.errors import (
    VisionModelBusy,
    VisionModelFailed,
    VisionModelLeft,
    VisionModelRefusedKey,
)
from describe_image.worker_pool import WorkerPool
from shared.models.describe import MAX_IMAGE_BYTES, DescribeResponse
from shared.utils.errors import DeadlineExceeded, InvalidRequest, PayloadTooLarge, ServiceBusy
from shared.utils.images import ImageTooLarge, ImageUnreadable, NotAnImage
from shared.utils.outbound import (
    FetchLimits,
    ForbiddenTarget,
    Outbound,
    OutboundPolicy,
    UpstreamTimeout,
    UpstreamTooLarge,
    UpstreamUnreachable,
    UrlNotAllowed,
)
from shared.utils.problems import problems
from shared.utils.request_context import remaining_seconds
from shared.utils.service import create_service

log = structlog.get_logger(__name__)

PROBLEMS = problems(
    PayloadTooLarge,
    ImageTooLarge,
    UnsupportedMediaType,
    NotAnImage,
    InvalidRequest,
    ImageUnreadable,
    UrlNotAllowed,
    ForbiddenTarget,
    UpstreamUnreachable,
    ImageNotFetched,
    UpstreamTimeout,
    DeadlineExceeded,
    ServiceBusy,
    EngineUnavailable,
    VisionModelFailed,
    VisionModelRefusedKey,
    VisionModelLeft,
    VisionModelBusy,
)


async def fetch_image(outbound: Outbound, url: str, timeout_s: float) -> bytes:
    """The bytes behind a URL that a user named. Raises OutboundError, ImageTooLarge."""
    limits = FetchLimits(
        max_bytes=MAX_IMAGE_BYTES, max_decoded_bytes=MAX_IMAGE_BYTES, timeout_s=remaining_seconds(timeout_s)
    )
    try:
        answer = await outbound.fetch(url, headers={"Accept": "image/*,*/*;q=0.1"}, limits=limits)
    except UpstreamTooLarge:
        raise ImageTooLarge(f"At most {MAX_IMAGE_BYTES // 1024 // 1024} MB are accepted.") from None
    if answer.status != 200:
        raise ImageNotFetched(f"The image_url answered with status {answer.status}.", upstream_status=answer.status)
    return answer.body


def create_app(settings: Settings | None = None) -> FastAPI:
    settings = settings or Settings()
    text_reader = TextReader(
        threads=settings.threads,
        detection_megapixels=settings.detection_megapixels,
        max_lines=settings.max_lines,
        models=settings.text_models_dir,
    )
    pool = WorkerPool(settings.workers, settings.queue_limit)
    label_reader = LabelReader(text_reader, pool, max_side=settings.max_side)
    answers = AnswerCache(settings.answers_cached)
    registry = CollectorRegistry()
    vision = connect_vision_model(settings, pool, registry)
    describers = Describers(
        Remembering(vision.model, answers) if vision else VisionModelNotConfigured(), Remembering(label_reader, answers)
    )
    outbound = Outbound(OutboundPolicy(allow=settings.outbound_allow))
    loading = settings.preload

    async def preload() -> None:
        nonlocal loading
        try:
            await label_reader.load()
        except Exception as error:
            log.error("models_not_loaded", exc_info=error)
        finally:
            loading = False

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with outbound, vision.open() if vision else contextlib.nullcontext():
            task = asyncio.create_task(preload()) if settings.preload else None
            yield
            if task is not None:
                task.cancel()
            pool.close()

    app = create_service(
        service="describe-image",
        description="What a product photo shows: text on the pack, barcodes, colours; facts with their places.",
        settings=settings,
        engines=describers.health,
        lifespan=lifespan,
        starting=lambda: loading or (vision is not None and vision.readiness.starting),
    )
    app.state.metrics.registry.register(registry)

    @app.post("/api/v1/describe", tags=["describe"], responses=PROBLEMS, openapi_extra=REQUEST_BODY)
    async def describe(request: Request) -> DescribeResponse:
        """Say what the image shows, with facts and their places in it."""
        incoming = await read_request(request)
        if incoming.content is not None:
            content = incoming.content
        else:
            pool.refuse_when_full()
            content = await fetch_image(outbound, incoming.url or "", settings.fetch_timeout_s)
        return await describers.describe(content, incoming.options)

    return app
