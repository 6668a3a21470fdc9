"""The check of a listing's texts: what is asked of generate-description, and what comes of its answer.

No database transaction is open while the service is asked.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.common.identifiers import new_id
from app.facts.names import normalised_name
from app.facts.schemas import FactSource, MergedFactRead
from app.gateway.errors import ServiceAnswerInvalid, ServiceTimeout, ServiceUnavailable
from app.gateway.services import ServiceProblem, Services
from app.listings.contents import checkable_texts
from app.listings.errors import CheckRefused
from shared.models.facts import Fact
from shared.models.generate import MAX_FACTS, CheckedText, CheckRequest, Claim, Grounding, ProductContext

# Somebody waits for it; a check takes a fraction of a second.
CHECK_TIMEOUT_S = 20.0
MAX_TEXTS = 200
MAX_TEXT_LENGTH = 20_000
PIECE_END = re.compile(r".*[.!?…\n]", re.DOTALL)

CheckError = (ServiceUnavailable, ServiceTimeout, ServiceAnswerInvalid, CheckRefused)
"""Why a check could not be made."""


def usable(facts: Sequence[MergedFactRead]) -> list[MergedFactRead]:
    """What may be written from: neither what lost a conflict, nor what a person rejected."""
    return [fact for fact in facts if fact.status == "used" and not fact.disputed]


def as_merged(fact: Fact) -> MergedFactRead:
    """One of the merchant's own facts, for a product whose facts nobody has merged yet."""
    source = FactSource(
        fact_id=fact.id,
        name=fact.name,
        value=fact.value,
        unit=fact.unit,
        confidence=fact.confidence,
        source=fact.source,
    )
    return MergedFactRead(
        id=fact.id,
        name=normalised_name(fact.name),
        label=fact.name,
        value=fact.value,
        unit=fact.unit,
        confidence=fact.confidence,
        status="used",
        sources=[source],
    )


def to_fact(fact: MergedFactRead) -> Fact:
    return Fact(
        id=fact.id,
        name=fact.name,
        value=fact.value,
        unit=fact.unit,
        confidence=fact.confidence,
        source=fact.sources[0].source,
    )


@dataclass(frozen=True, slots=True)
class CheckBasis:
    """By what a text is checked: the product and its facts, as they are now."""

    product: ProductContext
    facts: list[MergedFactRead]
    fingerprint: str


@dataclass(slots=True)
class CheckOutcome:
    claims: list[dict[str, Any]] = field(default_factory=list)
    grounding: dict[str, Any] = field(default_factory=dict)


Place = tuple[str, int | None, str]


def place_of(text: CheckedText) -> Place:
    return text.field, text.index, text.text


class KnownClaims:
    """Claims of an earlier version: they hold for every text that still is what it was, where it was.

    Besides the time, that keeps what only the writer knew: a description of a photo backs its alternative text.
    """

    def __init__(self, content: Mapping[str, Any] | None = None, claims: Sequence[Mapping[str, Any]] = ()) -> None:
        self.claims: dict[Place, list[dict[str, Any]]] = {}
        by_text: dict[tuple[str, int | None], list[dict[str, Any]]] = {}
        for claim in claims:
            by_text.setdefault((claim["field"], claim["index"]), []).append(dict(claim))
        for text in checkable_texts(content) if content is not None else []:
            self.claims[place_of(text)] = by_text.get((text.field, text.index), [])

    def has(self, text: CheckedText) -> bool:
        return place_of(text) in self.claims

    def of(self, text: CheckedText) -> list[dict[str, Any]]:
        return self.claims.get(place_of(text), [])


def grounding_of(claims: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    counts = {"supported": 0, "unsupported": 0, "style": 0}
    for claim in claims:
        counts[claim["verdict"]] += 1
    stated = counts["supported"] + counts["unsupported"]
    coverage = round(counts["supported"] / stated, 4) if stated else 1.0
    return Grounding(**counts, coverage=coverage).model_dump(mode="json")


def pieces(text: CheckedText) -> list[tuple[int, CheckedText]]:
    """An imported text may be longer than the service takes: cut at the end of a sentence, with each piece's offset."""
    found = []
    start = 0
    while start < len(text.text):
        part = text.text[start : start + MAX_TEXT_LENGTH]
        if start + len(part) < len(text.text):
            whole = PIECE_END.match(part)
            part = whole[0] if whole else part
        found.append((start, CheckedText(field=text.field, index=text.index, text=part)))
        start += len(part)
    return found


class ListingChecker:
    def __init__(self, services: Services) -> None:
        self.services = services

    async def check(
        self, content: Mapping[str, Any], basis: CheckBasis, ui_language: str, known: KnownClaims | None = None
    ) -> CheckOutcome:
        """Raises one of CheckError."""
        wanted = checkable_texts(content)
        known = known or KnownClaims()
        claims = [claim for text in wanted for claim in known.of(text)]
        rounds: dict[int, list[tuple[int, CheckedText]]] = {}
        for text in wanted:
            if not known.has(text):
                # No request has two pieces of one text: the claims of an answer name their text, not their piece.
                for number, piece in enumerate(pieces(text)):
                    rounds.setdefault(number, []).append(piece)
        for parts in rounds.values():
            for first in range(0, len(parts), MAX_TEXTS):
                claims += await self._ask(parts[first : first + MAX_TEXTS], content["language"], basis, ui_language)
        order = {(text.field, text.index): position for position, text in enumerate(wanted)}
        claims.sort(key=lambda claim: (order.get((claim["field"], claim["index"]), len(order)), claim["start"]))
        return CheckOutcome(claims, grounding_of(claims))

    async def _ask(
        self, parts: Sequence[tuple[int, CheckedText]], language: str, basis: CheckBasis, ui_language: str
    ) -> list[dict[str, Any]]:
        request = CheckRequest(
            facts=[to_fact(fact) for fact in basis.facts[:MAX_FACTS]],
            product=basis.product,
            language=language,
            ui_language=ui_language,
            texts=[text for _, text in parts],
        )
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_S):
                answer = await self.services.check(request, f"check:{new_id()}")
        except TimeoutError:
            raise ServiceTimeout("The check did not answer in time. Nothing is lost; try again.") from None
        except ServiceProblem as error:
            if error.problem.status in {429, 503}:
                raise ServiceUnavailable(str(error), service="generate-description") from error
            raise CheckRefused(f"generate-description answered: {error}") from error
        offsets = {(text.field, text.index): offset for offset, text in parts}
        return [shifted(claim, offsets.get((claim.field, claim.index), 0)) for claim in answer.claims]


def shifted(claim: Claim, offset: int) -> dict[str, Any]:
    """As a claim of the whole text, when it was found in a later piece of it."""
    moved: dict[str, Any] = {"start": claim.start + offset, "end": claim.end + offset}
    if offset:
        moved["id"] = f"{claim.id}_{offset}"
    return claim.model_copy(update=moved).model_dump(mode="json")
