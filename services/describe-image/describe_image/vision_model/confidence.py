"""How sure the model was of each value, from the probabilities of the tokens that it wrote."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

UNMEASURED = 0.5
HIGHEST = 0.9
"""A model that is sure of itself is still only looking."""


@dataclass(frozen=True, slots=True)
class TokenProbability:
    start: int
    end: int
    probability: float


def token_probabilities(logprobs: Sequence[dict[str, Any]]) -> tuple[str, list[TokenProbability]]:
    """The text that the tokens make up, and each token's place in it."""
    text, tokens = "", []
    for entry in logprobs:
        token = str(entry.get("token", ""))
        logprob = float(entry.get("logprob", 0.0))
        tokens.append(TokenProbability(len(text), len(text) + len(token), math.exp(min(0.0, logprob))))
        text += token
    return text, tokens


@dataclass(frozen=True, slots=True)
class Confidences:
    text: str
    tokens: Sequence[TokenProbability]

    @classmethod
    def of(cls, logprobs: Sequence[dict[str, Any]] | None) -> "Confidences":
        return cls(*token_probabilities(logprobs or []))

    def of_value(self, value: str) -> float:
        """The geometric mean over the value's tokens; `UNMEASURED` where the server gave no probabilities."""
        written = json.dumps(value, ensure_ascii=False)[1:-1]
        start = self.text.find(f'"{written}"') if written else -1
        if start < 0:
            return UNMEASURED
        start, end = start + 1, start + 1 + len(written)
        own = [token.probability for token in self.tokens if token.start < end and token.end > start]
        if not own:
            return UNMEASURED
        mean = math.exp(sum(math.log(max(each, 1e-6)) for each in own) / len(own))
        return round(min(HIGHEST, mean), 4)
