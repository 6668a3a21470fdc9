"""One question to llama.cpp's server, read as it is written."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2

from generate_description.engines.model_engine import EngineFailed


@dataclass(frozen=True, slots=True)
class Completion:
    """`cached`: tokens of the prompt that the server still had from the call before."""

    text: str
    cached: int
    prompt: int
    output: int
    complete: bool


async def complete(
    address: str, api_key: str, body: dict[str, Any], seconds: float, on_text: Callable[[str], None] | None
) -> Completion:
    """Raises EngineFailed. Whoever stops reading stops the server's writing too."""
    pieces: list[str] = []
    timings: dict[str, int] = {}
    finish = ""
    try:
        async with (
            httpx2.AsyncClient(base_url=address, timeout=seconds + 1, trust_env=False) as client,
            client.stream(
                "POST",
                "/v1/chat/completions",
                json={**body, "stream": True},
                headers={"Authorization": f"Bearer {api_key}"},
            ) as answer,
        ):
            if answer.status_code != 200:
                raise EngineFailed(f"the embedded model's server answered {answer.status_code}")
            async for line in answer.aiter_lines():
                if not line.startswith("data: {"):
                    continue
                chunk = json.loads(line.removeprefix("data: "))
                timings = chunk.get("timings") or timings
                for choice in chunk.get("choices", []):
                    finish = choice.get("finish_reason") or finish
                    piece = choice.get("delta", {}).get("content")
                    if piece:
                        pieces.append(piece)
                        if on_text is not None:
                            on_text(piece)
    except (httpx2.HTTPError, ValueError) as error:
        raise EngineFailed("the embedded model's process broke off its answer") from error
    return Completion(
        "".join(pieces),
        cached=timings.get("cache_n", 0),
        prompt=timings.get("prompt_n", 0),
        output=timings.get("predicted_n", 0),
        complete=finish == "stop",
    )
