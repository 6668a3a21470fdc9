"""The engines `openai` and `anthropic`: there as soon as their key is in the environment."""

import asyncio

from anthropic import AsyncAnthropic
from genai_prices import Usage as PricedUsage
from genai_prices import calc_price
from openai import AsyncOpenAI
from pydantic_ai.models import Model
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.settings import ModelSettings

from generate_description.engines.ask import MAX_OUTPUT_TOKENS, ask
from generate_description.engines.model_engine import OnText, Written, limited
from generate_description.engines.prompt import FULL, Prompt
from generate_description.settings import GenerateDescriptionSettings
from shared.models.base import Usage


class ProviderEngine:
    """One account at one provider. Retries are nobody's business here: a failure goes to the next engine."""

    task = FULL

    def __init__(
        self, name: str, client: AsyncOpenAI | AsyncAnthropic, model: str, settings: GenerateDescriptionSettings
    ):
        self.name = name
        self.client = client
        self.model = model
        self.deadline_s = settings.provider_deadline_s
        self.semaphore = asyncio.Semaphore(settings.max_concurrency)

    def ready(self) -> tuple[bool, str]:
        return True, "its key is set"

    def chat(self, model: str) -> Model:
        if isinstance(self.client, AsyncOpenAI):
            return OpenAIChatModel(model, provider=OpenAIProvider(openai_client=self.client))
        return AnthropicModel(model, provider=AnthropicProvider(anthropic_client=self.client))

    async def write(self, prompt: Prompt, model: str | None, seconds: float, on_text: OnText | None) -> Written:
        limit = min(seconds, self.deadline_s)
        wanted = model or self.model
        async with limited(self.semaphore, limit):
            settings = ModelSettings(max_tokens=MAX_OUTPUT_TOKENS, timeout=limit)
            listing, usage = await ask(self.chat(wanted), settings, prompt, limit, on_text)
        return Written(listing, wanted, priced(usage, wanted, self.name))

    async def close(self) -> None:
        await self.client.close()


def priced(usage: Usage, model: str, provider: str) -> Usage:
    """With its cost, or with none where the price is not known; never a guess."""
    try:
        used = PricedUsage(input_tokens=usage.input_tokens, output_tokens=usage.output_tokens)
        cost: float | None = float(calc_price(used, model, provider_id=provider).total_price)
    except (LookupError, ValueError):
        cost = None
    return usage.model_copy(update={"cost_usd": cost})


def provider_engines(settings: GenerateDescriptionSettings) -> list[ProviderEngine]:
    """In the order in which `auto` asks them."""
    engines = []
    if settings.openai_api_key and settings.openai_api_key.get_secret_value():
        client = AsyncOpenAI(
            api_key=settings.openai_api_key.get_secret_value(),
            base_url=settings.openai_base_url,
            max_retries=0,
            timeout=settings.provider_deadline_s,
        )
        engines.append(ProviderEngine("openai", client, settings.openai_model, settings))
    if settings.anthropic_api_key and settings.anthropic_api_key.get_secret_value():
        other = AsyncAnthropic(
            api_key=settings.anthropic_api_key.get_secret_value(),
            base_url=settings.anthropic_base_url,
            max_retries=0,
            timeout=settings.provider_deadline_s,
        )
        engines.append(ProviderEngine("anthropic", other, settings.anthropic_model, settings))
    return engines
