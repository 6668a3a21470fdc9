"""One question to an OpenAI-compatible server: pydantic-ai with a JSON schema, one attempt, a deadline.

Imported only where a vision model is configured: pydantic-ai takes seconds to load and over 100 MB.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

import pydantic
from openai import AsyncOpenAI
from pydantic_ai import Agent, BinaryContent, NativeOutput
from pydantic_ai.exceptions import AgentRunError, ModelHTTPError, UserError
from pydantic_ai.messages import ModelResponse
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIChatModelSettings
from pydantic_ai.providers.openai import OpenAIProvider

from describe_image.vision_model.answer import SeenProduct
from describe_image.vision_model.errors import (
    VisionModelBusy,
    VisionModelFailed,
    VisionModelLeft,
    VisionModelRefusedKey,
)
from describe_image.vision_model.pixels import MEDIA_TYPE
from describe_image.vision_model.prompt import Prompt
from shared.models.base import Usage

LONGEST_RETRY_AFTER_S = 60


@dataclass(frozen=True, slots=True)
class Asked:
    seen: SeenProduct
    usage: Usage
    logprobs: list[dict[str, Any]] | None


class ChatEndpoint:
    """The server, its model, and how it is asked."""

    def __init__(self, base_url: str, api_key: str | None, *, max_output_tokens: int, logprobs: bool) -> None:
        # A key is demanded by the SDK, also where the server wants none.
        self.client = AsyncOpenAI(base_url=base_url, api_key=api_key or "none", max_retries=0)
        self.provider = OpenAIProvider(openai_client=self.client)
        self.max_output_tokens = max_output_tokens
        self.logprobs = logprobs

    async def ask(self, model: str, prompt: Prompt, image: bytes, seconds: float) -> Asked:
        """Raises VisionModelFailed, VisionModelBusy, TimeoutError. The bytes are sent: no server fetches a URL."""
        settings = OpenAIChatModelSettings(max_tokens=self.max_output_tokens, temperature=0.0, timeout=seconds)
        if self.logprobs:
            settings["openai_logprobs"] = True
        agent = Agent(
            OpenAIChatModel(model, provider=self.provider),
            output_type=NativeOutput(SeenProduct, template=False),
            instructions=prompt.system,
            model_settings=settings,
            retries=0,
        )
        try:
            async with asyncio.timeout(seconds):
                result = await agent.run([BinaryContent(image, media_type=MEDIA_TYPE), prompt.user])
        except ModelHTTPError as error:
            raise refusal(error) from error
        except (AgentRunError, UserError, pydantic.ValidationError) as error:
            if isinstance(error.__cause__, OSError) or "onnection" in str(error):
                raise VisionModelLeft("The connection to its server broke.") from error
            raise VisionModelFailed("Its answer is not what it was asked for.") from error
        answer = result.all_messages()[-1]
        details = answer.provider_details if isinstance(answer, ModelResponse) else None
        used = result.usage
        return Asked(
            result.output,
            Usage(input_tokens=used.input_tokens, output_tokens=used.output_tokens, cost_usd=None),
            (details or {}).get("logprobs"),
        )

    async def models(self, seconds: float) -> list[str]:
        """Names of the models that the server offers. Raises openai.OpenAIError, TimeoutError."""
        async with asyncio.timeout(seconds):
            return [model.id async for model in self.client.models.list()]

    async def close(self) -> None:
        await self.client.close()


def refusal(error: ModelHTTPError) -> Exception:
    status = error.status_code
    if status in {401, 403}:
        return VisionModelRefusedKey(f"It answered {status}. Set QWEN_API_KEY to a key that it knows.")
    if status in {429, 503}:
        return VisionModelBusy("Its server is full or still loading.", retry_after_s=retry_after(error))
    if status >= 500:
        return VisionModelLeft(f"Its server answered {status}.")
    return VisionModelFailed(f"Its server refused the request with {status}.")


def retry_after(error: ModelHTTPError) -> int:
    response = getattr(error.__cause__, "response", None)
    seconds = response.headers.get("retry-after", "") if response is not None else ""
    return min(LONGEST_RETRY_AFTER_S, int(seconds)) if seconds.isdecimal() else 2
