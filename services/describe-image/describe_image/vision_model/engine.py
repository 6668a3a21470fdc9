"""The engine `qwen2.5-vl`: one photo and one question to the model, retries in one place, within the deadline."""

import asyncio
import time

import structlog

from describe_image.errors import EngineUnavailable
from describe_image.vision_model.answer import is_repetitive, without_unknown
from describe_image.vision_model.ask import Asked, ChatEndpoint
from describe_image.vision_model.errors import VisionModelBusy, VisionModelFailed, VisionModelLeft
from describe_image.vision_model.measures import VisionMeasures
from describe_image.vision_model.pixels import SentImage, prepare
from describe_image.vision_model.prompt import Prompt, build_prompt, prompt_version
from describe_image.vision_model.readiness import Readiness
from describe_image.vision_model.response import measured_colors, to_response
from describe_image.worker_pool import WorkerPool
from shared.models.describe import DescribeOptions, DescribeResponse
from shared.models.health import EngineHealth
from shared.utils.errors import DeadlineExceeded
from shared.utils.request_context import remaining_seconds

log = structlog.get_logger(__name__)

MAX_TRIES = 3
# What is left for everything after the model's answer.
RESERVE_S = 0.25


class VisionModel:
    """A `Describer`."""

    name = "qwen2.5-vl"

    def __init__(
        self,
        endpoint: ChatEndpoint,
        readiness: Readiness,
        pool: WorkerPool,
        measures: VisionMeasures,
        *,
        concurrency: int,
        queue_limit: int,
        max_image_tokens: int,
        deadline_s: float,
    ) -> None:
        self.endpoint = endpoint
        self.readiness = readiness
        self.pool = pool
        self.measures = measures
        self.max_image_tokens = max_image_tokens
        self.deadline_s = deadline_s
        self.queue_limit = queue_limit
        self._turns = asyncio.Semaphore(concurrency)

    def health(self) -> EngineHealth:
        state = self.readiness
        return EngineHealth(name=self.name, model=state.model, ready=state.ready, detail=state.detail)

    def refuse_while_starting(self) -> None:
        if self.readiness.starting:
            raise VisionModelBusy(self.readiness.detail, retry_after_s=5)

    def answer_key(self, options: DescribeOptions) -> tuple[str | None, ...]:
        model = options.model or self.readiness.model
        return self.name, model, prompt_version(), options.language, options.hint, options.prompt

    async def describe(self, content: bytes, options: DescribeOptions) -> DescribeResponse:
        """Raises ImageError, EngineUnavailable, VisionModelFailed, VisionModelBusy, DeadlineExceeded."""
        started = time.perf_counter()
        end = time.monotonic() + min(self.deadline_s, remaining_seconds(self.deadline_s)) - RESERVE_S
        self.refuse_while_starting()
        if not self.readiness.ready:
            raise EngineUnavailable(self.readiness.detail, engine=self.name)
        model = options.model or self.readiness.model or ""
        sent = await self.pool.run(lambda: prepare(content, self.max_image_tokens))
        asked = await self._in_turn(model, build_prompt(options), sent, end)
        seen = without_unknown(asked.seen)
        if is_repetitive(seen.description):
            raise VisionModelFailed("It repeats itself.")
        if not (seen.description or seen.product_type or seen.text):
            raise VisionModelFailed("It says that it sees nothing.")
        colors = await self.pool.run(lambda: measured_colors(sent, options.language))
        answer = to_response(asked, seen, sent, colors, engine=self.name, model=model, usage=asked.usage)
        return answer.model_copy(update={"elapsed_ms": round((time.perf_counter() - started) * 1000, 1)})

    async def _in_turn(self, model: str, prompt: Prompt, sent: SentImage, end: float) -> Asked:
        if self.measures.waiting >= self.queue_limit:
            raise VisionModelBusy(f"{self.measures.waiting} photos wait for it.", retry_after_s=5)
        try:
            async with asyncio.timeout(max(0.0, end - time.monotonic())):
                with self.measures.queued():
                    await self._turns.acquire()
                try:
                    return await self._tries(model, prompt, sent, end)
                finally:
                    self._turns.release()
        except TimeoutError:
            raise DeadlineExceeded("The vision model did not answer in time.") from None

    async def _tries(self, model: str, prompt: Prompt, sent: SentImage, end: float) -> Asked:
        """What can pass is tried again, twice at most; callers and the SDK do not retry this on top."""
        for attempt in range(1, MAX_TRIES + 1):
            try:
                with self.measures.asking() as measure:
                    asked = await self.endpoint.ask(model, prompt, sent.content, end - time.monotonic())
                    measure.finished(asked.usage)
                    return asked
            except (VisionModelLeft, VisionModelBusy) as error:
                pause = float(error.headers.get("Retry-After", attempt * 0.5))
                if attempt == MAX_TRIES or time.monotonic() + pause >= end:
                    raise
                log.info("vision_model_asked_again", attempt=attempt, reason=error.detail)
                await asyncio.sleep(pause)
        raise AssertionError("unreachable")
