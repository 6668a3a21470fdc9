"""Ask a provider for a listing: pydantic-ai with a JSON schema, one attempt, a deadline.

Imported by the providers only: pydantic-ai takes seconds to load and over 100 MB.
"""

import asyncio
from collections.abc import AsyncIterable
from typing import Any

import pydantic
from pydantic_ai import Agent, NativeOutput, StructuredDict
from pydantic_ai.exceptions import AgentRunError, UserError
from pydantic_ai.messages import AgentStreamEvent, PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings

from generate_description.engines.model_engine import EngineFailed, OnText, WrittenListing
from generate_description.engines.prompt import Prompt
from shared.models.base import Usage

MAX_OUTPUT_TOKENS = 1200


async def ask(
    model: Model, settings: ModelSettings, prompt: Prompt, seconds: float, on_text: OnText | None
) -> tuple[WrittenListing, Usage]:
    """One call. Whatever goes wrong becomes EngineFailed; cancellation passes."""
    output = NativeOutput(StructuredDict(prompt.schema, name="listing"), template=False)
    agent: Agent[None, dict[str, Any]] = Agent(
        model, output_type=output, instructions=prompt.system, model_settings=settings, retries=0
    )

    async def on_events(context: object, events: AsyncIterable[AgentStreamEvent]) -> None:
        async for event in events:
            if on_text is None:
                continue
            if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
                on_text(event.part.content)
            elif isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
                on_text(event.delta.content_delta)

    try:
        async with asyncio.timeout(seconds):
            handler = on_events if on_text is not None else None
            result = await agent.run(prompt.user, event_stream_handler=handler)
        listing = WrittenListing.model_validate(result.output)
    except TimeoutError as error:
        raise EngineFailed(f"no answer within {seconds:.0f} seconds") from error
    except pydantic.ValidationError as error:
        raise EngineFailed("its answer is not a listing") from error
    except (AgentRunError, UserError) as error:
        raise EngineFailed(short_reason(error)) from error
    used = result.usage
    return listing, Usage(input_tokens=used.input_tokens, output_tokens=used.output_tokens)


def short_reason(error: Exception) -> str:
    """The first line, cut: a provider's message may be long, and may quote what was sent."""
    status = getattr(error, "status_code", None)
    if status is not None:
        return f"the provider answered {status}"
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
