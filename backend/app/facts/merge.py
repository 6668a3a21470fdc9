"""Merge what the sources say: names and units normalised, agreement joined, disagreement shown (DESIGN §5.2).

Pure functions: the same facts give the same result, in the same order.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel

from app.facts.names import normalised_name, plain
from app.facts.quantities import Quantity, parse_quantity, quantities_in, readings
from app.facts.schemas import ConflictOption, FactSource
from app.facts.vocabulary import meaning_words
from shared.models.facts import Fact

# Sentences and lines: they stand beside each other and never disagree as wholes.
TEXT_NAMES = frozenset({"pack_text", "description"})
# What differs by nature between a supplier and a shop, or has many values at once.
NEVER_IN_CONFLICT = TEXT_NAMES | {
    "name", "sku", "mpn", "model", "price", "availability", "condition", "category", "color", "keywords", "image",
    "url",
}  # fmt: skip
# Words are compared only where both sides can be expected to mean one thing; elsewhere two texts are two facts.
COMPARED_AS_WORDS = frozenset({"brand", "material", "country_of_origin", "energy_class"})
STRUCTURED_CONFIDENCE = 0.85
NEGATIVE = re.compile(r"\s*[-−–]\s*\d")


@dataclass(frozen=True, slots=True)
class SourcedFact:
    """A fact as a source gave it, and the hash of the page text that its locator refers to."""

    fact: Fact
    snapshot_sha256: str | None = None


class Merged(BaseModel):
    """`disputed` facts repeat a value that lost a conflict: they are shown, and never written from."""

    id: str
    name: str
    label: str
    value: str
    unit: str | None
    confidence: float
    disputed: bool = False
    sources: list[FactSource]


class MergedConflict(BaseModel):
    name: str
    label: str
    options: list[ConflictOption]


@dataclass(slots=True)
class MergeResult:
    facts: list[Merged] = field(default_factory=list)
    conflicts: list[MergedConflict] = field(default_factory=list)


def precedence(fact: Fact) -> int:
    """merchant > structured page data > pack text > page text > what a vision model thinks."""
    source = fact.source
    if source.kind == "merchant":
        return 0
    if source.kind == "web":
        return 1 if fact.confidence >= STRUCTURED_CONFIDENCE else 3
    return 2 if source.quote is not None else 4


@dataclass(slots=True)
class Group:
    """Facts that say the same."""

    members: list[SourcedFact]

    @property
    def leading(self) -> Fact:
        return self.members[0].fact

    @property
    def refs(self) -> set[str]:
        return {f"{member.fact.source.kind}:{member.fact.source.ref}" for member in self.members}


def written_value(fact: "Fact | Merged") -> str:
    return f"{fact.value} {fact.unit}" if fact.unit else fact.value


@dataclass(frozen=True, slots=True)
class Meaning:
    """A value in the forms that are compared; made once for each fact, since each is compared with many."""

    text: str
    negative: bool
    gtin: str | None
    quantities: list[Quantity]
    words: frozenset[str]

    @classmethod
    def of(cls, name: str, fact: Fact) -> "Meaning":
        value = written_value(fact)
        return cls(
            text=plain(value),
            # A minus is no letter, so that the plain text has lost it.
            negative=NEGATIVE.match(value) is not None,
            gtin=value.strip().lstrip("0") if name == "gtin" else None,
            quantities=readings(value),
            words=meaning_words(value) if name in COMPARED_AS_WORDS else frozenset(),
        )

    def agrees_with(self, other: "Meaning") -> bool:
        if self.text == other.text and self.negative == other.negative:
            return True
        if self.gtin is not None:
            return self.gtin == other.gtin
        if self.quantities and other.quantities:
            return any(mine.agrees_with(theirs) for mine in self.quantities for theirs in other.quantities)
        # "steel" and "enamelled steel" agree; the second only says more.
        return bool(self.words and other.words) and (self.words <= other.words or other.words <= self.words)


def can_conflict(name: str, groups: Sequence[Group]) -> bool:
    if len(groups) < 2 or name in NEVER_IN_CONFLICT:
        return False
    if len(set[str]().union(*(group.refs for group in groups))) < 2:
        return False
    if name == "gtin" or name in COMPARED_AS_WORDS:
        return True
    return all(parse_quantity(written_value(group.leading)) is not None for group in groups)


def ref_of(source: FactSource) -> str:
    return f"{source.source.kind}:{source.source.ref}"


def group_by_meaning(name: str, facts: Sequence[SourcedFact]) -> list[Group]:
    groups: list[tuple[Meaning, Group]] = []
    for candidate in facts:
        meaning = Meaning.of(name, candidate.fact)
        home = next((group for leading, group in groups if leading.agrees_with(meaning)), None)
        if home is None:
            groups.append((meaning, Group([candidate])))
        else:
            home.members.append(candidate)
    return [group for _, group in groups]


def to_fact_source(sourced: SourcedFact) -> FactSource:
    fact = sourced.fact
    return FactSource(
        fact_id=fact.id,
        name=fact.name,
        value=fact.value,
        unit=fact.unit,
        confidence=fact.confidence,
        source=fact.source,
        snapshot_sha256=sourced.snapshot_sha256,
    )


def to_merged(name: str, group: Group) -> Merged:
    best: dict[str, float] = defaultdict(float)
    for member in group.members:
        ref = member.fact.source.ref
        best[ref] = max(best[ref], member.fact.confidence)
    doubt = 1.0
    for confidence in best.values():
        # Independent sources that agree leave less doubt than each alone.
        doubt *= 1 - confidence
    leading = group.leading
    return Merged(
        id=leading.id,
        name=name,
        label=leading.name,
        value=leading.value,
        unit=leading.unit,
        confidence=round(1 - doubt, 4),
        sources=[to_fact_source(member) for member in group.members],
    )


def merge_facts(facts: Sequence[SourcedFact]) -> MergeResult:
    unique = {sourced.fact.id: sourced for sourced in facts}
    ordered = sorted(unique.values(), key=lambda sourced: (precedence(sourced.fact), -sourced.fact.confidence))
    by_name: dict[str, list[SourcedFact]] = defaultdict(list)
    for sourced in ordered:
        by_name[normalised_name(sourced.fact.name)].append(sourced)

    result = MergeResult()
    lost: list[Group] = []
    for name, members in by_name.items():
        groups = group_by_meaning(name, members)
        if can_conflict(name, groups):
            result.conflicts.append(
                MergedConflict(
                    name=name,
                    label=groups[0].leading.name,
                    options=[
                        ConflictOption(
                            value=group.leading.value,
                            unit=group.leading.unit,
                            sources=[to_fact_source(member) for member in group.members],
                        )
                        for group in groups
                    ],
                )
            )
            lost += groups[1:]
            groups = groups[:1]
        result.facts += [to_merged(name, group) for group in groups]
    mark_disputed(result, lost)
    return result


def mark_disputed(result: MergeResult, lost: Sequence[Group]) -> None:
    """A sentence that repeats the losing value would smuggle it back into the listing; so would another name for it.

    A fact that a source outside of the conflict states as well is not touched: 350 may be right for something else.
    """
    losers = set[str]().union(*(group.refs for group in lost))
    refuted = [quantity for group in lost if (quantity := parse_quantity(written_value(group.leading)))]
    trusted = [fact for fact in result.facts if any(ref_of(each) not in losers for each in fact.sources)]
    kept = [quantity for fact in trusted if (quantity := parse_quantity(written_value(fact)))]
    refuted = [quantity for quantity in refuted if not any(quantity.agrees_with(good) for good in kept)]
    if not refuted:
        return
    for fact in result.facts:
        value = written_value(fact)
        quantity = parse_quantity(value)
        if fact.name in TEXT_NAMES or quantity is None:
            fact.disputed = any(each.agrees_with(bad) for each in quantities_in(value) for bad in refuted)
        elif quantity.dimension and all(ref_of(each) in losers for each in fact.sources):
            fact.disputed = any(quantity.agrees_with(bad) for bad in refuted)
