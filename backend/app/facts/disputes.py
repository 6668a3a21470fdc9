"""What repeats a value that lost: it would smuggle it back into the listing, in a sentence or under another name
(ADR 0007).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Protocol

from app.facts.meaning import TEXT_NAMES, Meaning, bucket, neighbours
from app.facts.names import plain
from app.facts.promises import PATTERNS, promises_in
from app.facts.quantities import Quantity, parse_quantity, quantities_in
from app.facts.schemas import DecisionInfo, FactSource, FactStatus
from app.facts.vocabulary import MEANING_OF, TREATMENTS, country_codes
from shared.models.facts import Fact

LONGEST_COUNTRY = 3
# Only names are looked for in sentences: "in", "de" and "us" are words.
SHORTEST_COUNTRY = 4


class Used(Protocol):
    name: str
    value: str
    unit: str | None
    disputed: bool
    status: FactStatus
    decision: DecisionInfo | None
    sources: list[FactSource]


class Lost(Protocol):
    name: str

    @property
    def leading(self) -> Fact: ...

    @property
    def meaning(self) -> Meaning: ...

    @property
    def refs(self) -> set[str]: ...


class QuantitySet:
    """Quantities, of which one that agrees is found without asking each."""

    def __init__(self, quantities: Iterable[Quantity] = ()) -> None:
        self.cells: dict[tuple[str, tuple[int, ...]], list[Quantity]] = defaultdict(list)
        for quantity in quantities:
            self.cells[(quantity.dimension, bucket(quantity))].append(quantity)

    def __bool__(self) -> bool:
        return bool(self.cells)

    def __contains__(self, quantity: Quantity) -> bool:
        cells = bucket(quantity)
        # Sizes with more sides than products have are compared as they are.
        near = neighbours(cells) if len(cells) <= LONGEST_COUNTRY else iter((cells,))
        return any(
            each.agrees_with(quantity) for cell in near for each in self.cells.get((quantity.dimension, cell), ())
        )


def written_value(fact: Fact | Used) -> str:
    return f"{fact.value} {fact.unit}" if fact.unit else fact.value


def ref_of(source: FactSource) -> str:
    return f"{source.source.kind}:{source.source.ref}"


def quantity_of(fact: Fact | Used) -> Quantity | None:
    return parse_quantity(written_value(fact))


def mark_disputed(facts: Sequence[Used], lost: Sequence[Lost]) -> None:
    """A fact that a source outside of the conflict states as well is not touched: 350 may be right for something else.

    Nor is one that a person has confirmed.
    """
    if not lost:
        return
    losers = set[str]().union(*(group.refs for group in lost))
    refuted = RefutedValues(facts, lost, losers)
    for fact in facts:
        if fact.decision is not None and fact.status == "used":
            continue
        if refuted.repeated_by(fact, of_losers=all(ref_of(each) in losers for each in fact.sources)):
            fact.disputed, fact.status = True, "disputed"


class RefutedValues:
    def __init__(self, facts: Sequence[Used], lost: Sequence[Lost], losers: set[str]) -> None:
        trusted = (fact for fact in facts if any(ref_of(each) not in losers for each in fact.sources))
        kept = QuantitySet(quantity for fact in trusted if (quantity := quantity_of(fact)) is not None)
        values = (quantity_of(group.leading) for group in lost)
        self.quantities = QuantitySet(each for each in values if each is not None and each not in kept)
        used = {(fact.name, Meaning.of(fact.name, fact.value, fact.unit)) for fact in facts if fact.name in PATTERNS}
        said = {(name, meaning.key == "yes") for name, meaning in used if meaning.aspect == "truth"}
        self.promises = {
            (group.name, group.meaning.key == "yes")
            for group in lost
            if group.name in PATTERNS and group.meaning.aspect == "truth"
        } - said
        self.materials = self._words(lost, "material") - {
            word for fact in facts if fact.name == "material" for word in Meaning.of("material", fact.value, None).words
        }
        self.countries = {group.meaning.key for group in lost if group.meaning.aspect == "country"}

    @staticmethod
    def _words(lost: Sequence[Lost], aspect: str) -> set[str]:
        words = (word for group in lost if group.meaning.aspect == aspect for word in group.meaning.words)
        return {word for word in words if word in MEANING_OF} - TREATMENTS

    def repeated_by(self, fact: Used, *, of_losers: bool) -> bool:
        value = written_value(fact)
        quantity = quantity_of(fact)
        is_text = fact.name in TEXT_NAMES or quantity is None
        if self.quantities:
            if is_text and any(each in self.quantities for each in quantities_in(value)):
                return True
            if not is_text and quantity is not None and quantity.dimension and of_losers:
                return quantity in self.quantities
        if not is_text or fact.name in PATTERNS:
            return False
        if self.promises and self.promises & promises_in(value):
            return True
        # A word is no number: another source may well speak of another part of the product.
        return fact.name in TEXT_NAMES and of_losers and self._names_a_word(value)

    def _names_a_word(self, value: str) -> bool:
        if not (self.materials or self.countries):
            return False
        words = plain(value).split()
        if any(MEANING_OF.get(word) in self.materials for word in words):
            return True
        if not self.countries:
            return False
        codes = country_codes()
        spans = (
            " ".join(words[start : start + length])
            for length in range(1, LONGEST_COUNTRY + 1)
            for start in range(len(words) - length + 1)
        )
        return any(codes.get(span) in self.countries for span in spans if len(span) >= SHORTEST_COUNTRY)
