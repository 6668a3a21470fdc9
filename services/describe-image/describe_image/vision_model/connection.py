"""The vision model of this process, made from its settings."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry

from describe_image.settings import Settings
from describe_image.worker_pool import WorkerPool

if TYPE_CHECKING:
    from describe_image.vision_model.ask import ChatEndpoint
    from describe_image.vision_model.engine import VisionModel
    from describe_image.vision_model.readiness import Readiness


@dataclass(frozen=True, slots=True)
class VisionConnection:
    endpoint: "ChatEndpoint"
    readiness: "Readiness"
    model: "VisionModel"

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        watch = asyncio.create_task(self.readiness.watch())
        try:
            yield
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
            await self.endpoint.close()


def connect_vision_model(settings: Settings, pool: WorkerPool, registry: CollectorRegistry) -> VisionConnection | None:
    """None where no server is named. What a model needs is imported only where there is one."""
    if settings.qwen_base_url is None:
        return None
    from describe_image.vision_model.ask import ChatEndpoint
    from describe_image.vision_model.engine import VisionModel
    from describe_image.vision_model.gpu import register_gpu
    from describe_image.vision_model.measures import VisionMeasures
    from describe_image.vision_model.readiness import Readiness

    key = settings.qwen_api_key
    endpoint = ChatEndpoint(
        settings.qwen_base_url,
        key.get_secret_value() if key else None,
        max_output_tokens=settings.qwen_max_output_tokens,
        logprobs=settings.qwen_logprobs,
    )
    register_gpu(registry)
    readiness = Readiness(endpoint, settings.qwen_model, settings.qwen_start_grace_s)
    model = VisionModel(
        endpoint,
        readiness,
        pool,
        VisionMeasures(registry),
        concurrency=settings.qwen_concurrency,
        queue_limit=settings.qwen_queue_limit,
        max_image_tokens=settings.qwen_max_image_tokens,
        deadline_s=settings.qwen_deadline_s,
    )
    return VisionConnection(endpoint, readiness, model)
