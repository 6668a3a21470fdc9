"""The category: from the given list only, or as the merchant has it where no list is given."""

import re

from rapidfuzz import fuzz

from generate_description.check.tokens import tokenise
from generate_description.check.vocabulary import concepts
from generate_description.composer.kinds import kind_of
from shared.models.generate import GenerateRequest

SEPARATOR = re.compile(r"\s*(?:>|/|›|»|\|)\s*")
SIMILAR = 90.0


def choose_category(request: GenerateRequest) -> str | None:
    given = request.product.category
    if not request.categories:
        return given
    if given:
        ratios = [(fuzz.ratio(given.casefold(), category.casefold()), category) for category in request.categories]
        best = max(ratios, key=lambda pair: pair[0])
        if best[0] >= SIMILAR:
            return best[1]
    types = [fact.value for fact in request.facts if kind_of(fact.name) in {"type", "category"}]
    wanted = meanings(" ".join([request.product.name, given or "", *types[:5]]))
    scored = [(overlap(wanted, category), -position) for position, category in enumerate(request.categories)]
    score, position = max(scored)
    return request.categories[-position] if score > 0 else None


def overlap(wanted: frozenset[object], category: str) -> float:
    """How much of the most special part of a category the product names."""
    own = meanings(SEPARATOR.split(category)[-1])
    return len(own & wanted) / len(own) if own else 0.0


def meanings(text: str) -> frozenset[object]:
    tokens = tokenise(text)
    words: set[object] = {min(token.forms, key=len) for token in tokens if len(token.text) > 2}
    return frozenset(words | {found.concept for found in concepts().find(tokens)})
