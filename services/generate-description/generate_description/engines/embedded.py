"""The engine `embedded`: a small model on this machine's own processor."""

import asyncio
import time

from openai import AsyncOpenAI
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIChatModelSettings
from pydantic_ai.providers.openai import OpenAIProvider

from generate_description.engines.llama import LlamaServer, Running
from generate_description.engines.model_engine import EngineFailed, OnText, Written, ask
from generate_description.engines.prompt import Prompt
from generate_description.settings import GenerateDescriptionSettings
from shared.utils.model_store import ModelStore, UnknownModel

REPEAT_PENALTY = 1.15  # keeps small models from looping
MAX_TOKENS = 900
SHORTEST_USEFUL_S = 5.0


class EmbeddedEngine:
    name = "embedded"

    def __init__(self, settings: GenerateDescriptionSettings) -> None:
        self.model = settings.embedded_model
        self.deadline_s = settings.embedded_deadline_s
        self.store = ModelStore(settings.model_cache_dir)
        self.server = LlamaServer(
            self.store.path(self.model),
            threads=settings.embedded_threads,
            context=settings.embedded_context,
            idle_s=settings.embedded_idle_s,
        )

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
        limit = min(seconds, self.deadline_s)
        deadline = time.monotonic() + limit
        try:
            async with asyncio.timeout(limit), self.server.use() as running:
                left = deadline - time.monotonic()
                if left < SHORTEST_USEFUL_S:
                    raise EngineFailed("it is busy")
                return await self.ask(running, prompt, left, on_text)
        except TimeoutError as error:
            raise EngineFailed(f"no answer within {limit:.0f} seconds") from error

    async def ask(self, running: Running, prompt: Prompt, seconds: float, on_text: OnText | None) -> Written:
        client = AsyncOpenAI(
            base_url=f"{running.address}/v1", api_key=running.api_key, max_retries=0, timeout=seconds + 1
        )
        async with client:
            chat = OpenAIChatModel(self.model, provider=OpenAIProvider(openai_client=client))
            settings = OpenAIChatModelSettings(
                temperature=0.0,
                seed=1,
                max_tokens=MAX_TOKENS,
                extra_body={"repeat_penalty": REPEAT_PENALTY, "cache_prompt": True},
            )
            listing, usage = await ask(chat, settings, prompt, seconds, on_text)
        return Written(listing, self.model, usage)

    async def close(self) -> None:
        await self.server.close()
