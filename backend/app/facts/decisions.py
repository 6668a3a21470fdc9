"""What people decided, as the merge applies it. Pure: the same facts and decisions give the same result.

A decision names values, not facts: it meets them wherever they are read, in whatever words. The latest decision that
speaks of a value holds. Undoing a decision is leaving it out.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from app.facts.meaning import Meaning, name_of
from app.facts.schemas import DecidedValue, DecisionInfo, DecisionKind
from shared.models.facts import Fact, Source

DECISION_REF = "decision:"
# Say what is right, and thereby what is not.
EXCLUSIVE = frozenset({"confirm", "correct", "settle"})
HAND_MADE = frozenset({"add", "edit"})

VerdictKind = Literal["stands", "rejected", "outvoted", "returned"]


@dataclass(frozen=True, slots=True)
class Decision:
    """`stands` are right; `rejected` are wrong for good; `outvoted` lost as long as what stands does; `known` were
    there as well, and nobody minded: they are no news.
    """

    id: uuid.UUID
    position: int
    kind: DecisionKind
    decided_by: str
    decided_at: datetime
    choice: str | None = None
    note: str | None = None
    replaces_id: uuid.UUID | None = None
    stands: Sequence[DecidedValue] = ()
    rejected: Sequence[DecidedValue] = ()
    outvoted: Sequence[DecidedValue] = ()
    known: Sequence[DecidedValue] = ()

    @property
    def ref(self) -> str:
        return f"{DECISION_REF}{self.id}"

    def info(self) -> DecisionInfo:
        return DecisionInfo(
            id=self.id,
            kind=self.kind,
            choice=self.choice,
            note=self.note,
            decided_by=self.decided_by,
            decided_at=self.decided_at,
        )

    def fact(self, value: DecidedValue) -> Fact:
        """The person's word, as a fact of the merchant's."""
        written = f"{value.value} {value.unit}" if value.unit else value.value
        source = Source(kind="merchant", ref=self.ref, quote=written)
        return Fact.create(name=value.label, value=value.value, unit=value.unit, source=source)


def is_decision(source: Source) -> bool:
    return source.kind == "merchant" and source.ref.startswith(DECISION_REF)


def merchant_field(source: Source) -> str | None:
    """The merchant's own field that a fact comes from, if it does."""
    return source.ref if source.kind == "merchant" and not is_decision(source) else None


def in_force(decisions: Sequence[Decision]) -> list[Decision]:
    """In the order in which they were taken, without hand-made facts that were edited since."""
    replaced = {decision.replaces_id for decision in decisions}
    return sorted((each for each in decisions if each.id not in replaced), key=lambda each: each.position)


@dataclass(frozen=True, slots=True)
class Verdict:
    kind: VerdictKind
    decision: Decision


@dataclass(frozen=True, slots=True)
class KnownValue:
    value: DecidedValue
    meaning: Meaning

    def covers(self, field_name: str | None) -> bool:
        """Whether the merchant's own field said so at the time; what it says since is a person's newer word."""
        return field_name is None or field_name in self.value.merchant_fields


@dataclass(slots=True)
class Ruling:
    """One decision, as far as it speaks of one name."""

    decision: Decision
    stands: list[Meaning] = field(default_factory=list)
    rejected: list[KnownValue] = field(default_factory=list)
    outvoted: list[KnownValue] = field(default_factory=list)
    known: list[KnownValue] = field(default_factory=list)

    @property
    def aspect(self) -> str | None:
        """What kind of value was decided on: a settled weight says nothing of the volume beside it."""
        values = self.stands + [each.meaning for each in self.outvoted + self.rejected]
        return values[0].aspect if values else None

    def affirms(self, meaning: Meaning) -> bool:
        return any(each.agrees_with(meaning) for each in self.stands)

    def knew(self, meaning: Meaning, field_name: str | None) -> bool:
        return any(each.covers(field_name) and each.meaning.agrees_with(meaning) for each in self.known)

    def rejection(self, meaning: Meaning, field_name: str | None) -> VerdictKind | None:
        found = [each for each in self.rejected if meaning.says_at_least(each.meaning)]
        if not found:
            return None
        return "rejected" if any(each.covers(field_name) for each in found) else "returned"

    def defeat(self, meaning: Meaning, field_name: str | None) -> VerdictKind | None:
        found = [each for each in self.outvoted if each.meaning.agrees_with(meaning)]
        if not found:
            return None
        return "outvoted" if any(each.covers(field_name) for each in found) else "returned"


class Rulings:
    """All that was decided on one name."""

    def __init__(self, name: str, decisions: Sequence[Decision]) -> None:
        self.rulings = [ruling for each in decisions if (ruling := ruling_on(name, each)) is not None]

    def verdict(self, meaning: Meaning, field_name: str | None = None) -> Verdict | None:
        for ruling in reversed(self.rulings):
            if ruling.affirms(meaning):
                return Verdict("stands", ruling.decision)
            kind = ruling.rejection(meaning, field_name)
            if kind is None and self.holds(ruling):
                kind = ruling.defeat(meaning, field_name)
            if kind is not None:
                return Verdict(kind, ruling.decision)
        return None

    def holds(self, ruling: Ruling) -> bool:
        """Whether anything that the decision found right has not been rejected since."""
        later = self.rulings[self.rulings.index(ruling) + 1 :]
        return any(not any(each.rejection(meaning, None) for each in later) for meaning in ruling.stands)

    def last_on(self, aspect: str | None) -> Ruling | None:
        """The decision that says what is right in this aspect, or that nothing is."""
        for ruling in reversed(self.rulings):
            if ruling.decision.kind in EXCLUSIVE and ruling.aspect == aspect:
                return ruling
        return None


def ruling_on(name: str, decision: Decision) -> Ruling | None:
    def values(given: Sequence[DecidedValue]) -> list[KnownValue]:
        return [
            KnownValue(each, Meaning.of(name, each.value, each.unit, each.label))
            for each in given
            if name_of(each.label, each.value) == name
        ]

    ruling = Ruling(
        decision,
        [each.meaning for each in values(decision.stands)],
        values(decision.rejected),
        values(decision.outvoted),
        values(decision.known),
    )
    return ruling if ruling.stands or ruling.rejected or ruling.outvoted else None
