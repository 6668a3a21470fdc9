"""The engine `embedded`: a small model on this machine's own processor."""

import asyncio
import time

import structlog
from pydantic import ValidationError
from pydantic_core import from_json

from generate_description.engines.llama import LlamaServer, Running
from generate_description.engines.llama_client import Completion, complete
from generate_description.engines.model_engine import (
    EngineBusy,
    EngineFailed,
    OnText,
    Written,
    WrittenListing,
)
from generate_description.engines.prompt import SMALL, Prompt
from generate_description.settings import GenerateDescriptionSettings
from shared.models.base import Usage
from shared.utils.model_store import ModelStore, UnknownModel

log = structlog.get_logger(__name__)

REPEAT_PENALTY = 1.1  # keeps small models from looping
MAX_TOKENS = 300
FIRST_GUESS_S = 12.0  # measured on two cores; later the service's own calls tell
RECENT = 0.3  # how much the last call counts for what the next is expected to take


class EmbeddedEngine:
    name = "embedded"
    task = SMALL

    def __init__(self, settings: GenerateDescriptionSettings) -> None:
        self.model = settings.embedded_model
        self.deadline_s = settings.embedded_deadline_s
        self.parallel = settings.embedded_parallel
        self.store = ModelStore(settings.model_cache_dir)
        self.server = LlamaServer(
            self.store.path(self.model),
            threads=settings.embedded_threads,
            context=settings.embedded_context,
            parallel=settings.embedded_parallel,
            idle_s=settings.embedded_idle_s,
        )
        self.in_hand = 0
        self.typical_s = FIRST_GUESS_S

    def ready(self) -> tuple[bool, str]:
        try:
            installed = self.store.installed(self.model)
        except UnknownModel as error:
            return False, str(error)
        if not installed:
            return False, f"not on disk; `./orchestrate models pull {self.model}` fetches it"
        return True, "loaded" if self.server.running else "loads on first use"

    async def write(self, prompt: Prompt, model: str | None, seconds: float, on_text: OnText | None) -> Written:
        if model is not None and model != self.model:
            raise EngineFailed(f"it runs {self.model}, not {model}")
        expected = self.typical_s * (self.in_hand // self.parallel + 1)
        if expected > seconds:
            # Better at once than after the caller has waited for nothing.
            raise EngineBusy(f"{self.in_hand} before it, about {expected:.0f} s, and {max(0.0, seconds):.0f} s left")
        self.in_hand += 1
        try:
            async with asyncio.timeout(seconds), self.server.use() as running:
                return await self.ask(running, prompt, on_text)
        except TimeoutError as error:
            raise EngineBusy(f"no answer within {seconds:.0f} s") from error
        finally:
            self.in_hand -= 1

    async def ask(self, running: Running, prompt: Prompt, on_text: OnText | None) -> Written:
        started = time.monotonic()
        body = {
            "messages": [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}],
            "response_format": {"type": "json_schema", "json_schema": {"name": "listing", "schema": prompt.schema}},
            "temperature": 0.0,
            "seed": 1,
            "max_tokens": MAX_TOKENS,
            "repeat_penalty": REPEAT_PENALTY,
            "cache_prompt": True,
        }
        try:
            async with asyncio.timeout(self.deadline_s):
                answer = await complete(running.address, running.api_key, body, self.deadline_s, on_text)
        except TimeoutError as error:
            raise EngineFailed(f"no answer within {self.deadline_s:.0f} s") from error
        took = time.monotonic() - started
        self.typical_s += RECENT * (took - self.typical_s)
        log.info(
            "embedded_model_wrote",
            seconds=round(took, 2),
            cached_tokens=answer.cached,
            prompt_tokens=answer.prompt,
            output_tokens=answer.output,
        )
        usage = Usage(input_tokens=answer.cached + answer.prompt, output_tokens=answer.output)
        return Written(parse(answer), self.model, usage)

    async def close(self) -> None:
        await self.server.close()


def parse(answer: Completion) -> WrittenListing:
    """An answer that ran into its limit still has whole passages before the one that was cut."""
    try:
        document = from_json(answer.text, allow_partial=not answer.complete)
        if not answer.complete:
            for name in ("bullets", "sentences"):
                if document.get(name):
                    document[name].pop()
                    break
        return WrittenListing.model_validate(document)
    except (ValidationError, ValueError, AttributeError) as error:
        raise EngineFailed("its answer is not a listing") from error
