"""Which engine answers, and what is remembered of its answers."""

import asyncio
import hashlib
import time

from describe_image.answers import AnswerCache
from describe_image.combined import Combined
from describe_image.describer import Describer, VisionModelNotConfigured
from shared.models.describe import DescribeOptions, DescribeResponse
from shared.models.health import EngineHealth


class Remembering:
    """A `Describer` that answers from memory what it has answered before."""

    def __init__(self, describer: Describer, answers: AnswerCache) -> None:
        self.describer = describer
        self.answers = answers
        self.name = describer.name

    def health(self) -> EngineHealth:
        return self.describer.health()

    def refuse_while_starting(self) -> None:
        self.describer.refuse_while_starting()

    def answer_key(self, options: DescribeOptions) -> tuple[str | None, ...]:
        return self.describer.answer_key(options)

    async def describe(self, content: bytes, options: DescribeOptions) -> DescribeResponse:
        started = time.perf_counter()
        digest = await asyncio.to_thread(lambda: hashlib.sha256(content).hexdigest())
        key = digest, *self.describer.answer_key(options)
        answer = await self.answers.get(key, lambda: self.describer.describe(content, options))
        return answer.model_copy(update={"elapsed_ms": round((time.perf_counter() - started) * 1000, 1)})


class Describers:
    """The engines of this process: a vision model, which may be missing, and the label reader, which never is."""

    def __init__(self, model: Describer, reader: Describer) -> None:
        self.model = model
        self.reader = reader
        self._both = Combined(model, reader)
        self._by_name = {engine.name: engine for engine in (model, reader)}

    def health(self) -> list[EngineHealth]:
        return [self.model.health(), self.reader.health()]

    async def describe(self, content: bytes, options: DescribeOptions) -> DescribeResponse:
        """`auto` asks both where both are ready. Raises EngineUnavailable, and what the engines raise."""
        if options.engine != "auto":
            return await self._by_name[options.engine].describe(content, options)
        if isinstance(self.model, VisionModelNotConfigured):
            return await self.reader.describe(content, options)
        return await self._both.describe(content, options)
