"""Merge what the sources say: names and units normalised, agreement joined, disagreement shown (DESIGN §5.2).

What people decided goes before all of it. Pure functions: the same facts and decisions give the same result, in the
same order.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel

from app.facts.decisions import Decision, Ruling, Rulings, Verdict, in_force, is_decision, merchant_field
from app.facts.disputes import mark_disputed
from app.facts.meaning import NEVER_IN_CONFLICT, Meaning, MeaningIndex, name_of
from app.facts.schemas import ConflictOption, DecidedValue, DecisionInfo, FactSource, FactStatus
from shared.models.facts import Fact

STRUCTURED_CONFIDENCE = 0.85


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
    status: FactStatus = "used"
    decision: DecisionInfo | None = None
    sources: list[FactSource]


class MergedConflict(BaseModel):
    """`decision` settled it, or settled it before something new came up."""

    name: str
    label: str
    aspect: str
    options: list[ConflictOption]
    decision: DecisionInfo | None = None
    settled: bool = False


@dataclass(slots=True)
class MergeResult:
    """`facts` are the product's; `set_aside` are those that lost or were rejected."""

    facts: list[Merged] = field(default_factory=list)
    conflicts: list[MergedConflict] = field(default_factory=list)
    set_aside: list[Merged] = field(default_factory=list)

    @property
    def open_conflicts(self) -> int:
        return sum(not conflict.settled for conflict in self.conflicts)


def precedence(fact: Fact) -> int:
    """A person's decision > merchant > structured page data > pack text > page text > what a vision model thinks."""
    source = fact.source
    if source.kind == "merchant":
        return -1 if is_decision(source) else 0
    if source.kind == "web":
        return 1 if fact.confidence >= STRUCTURED_CONFIDENCE else 3
    return 2 if source.quote is not None else 4


@dataclass(frozen=True, slots=True)
class Judged:
    """A fact, what it means, and what was decided on it."""

    sourced: SourcedFact
    meaning: Meaning
    verdict: Verdict | None = None

    @property
    def fact(self) -> Fact:
        return self.sourced.fact


@dataclass(slots=True, eq=False)
class Group:
    """Facts that say the same."""

    name: str
    members: list[Judged]

    @property
    def leading(self) -> Fact:
        return self.members[0].fact

    @property
    def meaning(self) -> Meaning:
        return self.members[0].meaning

    @property
    def refs(self) -> set[str]:
        """The sources that say so; a person's word counts as one only where nothing else does."""
        sources = {f"{each.fact.source.kind}:{each.fact.source.ref}": each.fact.source for each in self.members}
        return {ref for ref, source in sources.items() if not is_decision(source)} or set(sources)

    @property
    def decision(self) -> Decision | None:
        found = [each.verdict.decision for each in self.members if each.verdict]
        return max(found, key=lambda decision: decision.position, default=None)

    @property
    def stands(self) -> bool:
        return any(each.verdict is not None and each.verdict.kind == "stands" for each in self.members)

    def decided_value(self) -> DecidedValue:
        fields = {merchant_field(each.fact.source) for each in self.members} - {None}
        leading = self.leading
        return DecidedValue(
            label=leading.name,
            value=leading.value,
            unit=leading.unit,
            merchant_fields=sorted(each for each in fields if each),
        )


def group_by_meaning(name: str, facts: Iterable[Judged]) -> list[Group]:
    groups: list[Group] = []
    index = MeaningIndex()
    for candidate in facts:
        home = index.first_agreeing(candidate.meaning)
        if home is None:
            index.add(candidate.meaning)
            groups.append(Group(name, [candidate]))
        else:
            groups[home].members.append(candidate)
    return groups


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


def to_merged(group: Group, status: FactStatus) -> Merged:
    best: dict[str, float] = defaultdict(float)
    for member in group.members:
        ref = member.fact.source.ref
        best[ref] = max(best[ref], member.fact.confidence)
    doubt = 1.0
    for confidence in best.values():
        # Independent sources that agree leave less doubt than each alone.
        doubt *= 1 - confidence
    leading = group.leading
    decision = group.decision
    return Merged(
        id=leading.id,
        name=group.name,
        label=leading.name,
        value=leading.value,
        unit=leading.unit,
        confidence=round(1 - doubt, 4),
        status=status,
        decision=decision.info() if decision else None,
        sources=[to_fact_source(member.sourced) for member in group.members],
    )


def to_option(group: Group, *, chosen: bool = False, new: bool = False) -> ConflictOption:
    return ConflictOption(
        value=group.leading.value,
        unit=group.leading.unit,
        sources=[to_fact_source(member.sourced) for member in group.members],
        chosen=chosen,
        new=new,
    )


def judge(name: str, facts: Iterable[SourcedFact], rulings: Rulings) -> list[Judged]:
    judged = []
    for sourced in facts:
        fact = sourced.fact
        meaning = Meaning.of(name, fact.value, fact.unit, fact.name)
        judged.append(Judged(sourced, meaning, rulings.verdict(meaning, merchant_field(fact.source))))
    return judged


class NameMerge:
    """All facts of one name: what is used, what lost, and what sources disagree about."""

    def __init__(self, name: str, facts: Sequence[SourcedFact], rulings: Rulings) -> None:
        self.name = name
        self.rulings = rulings
        piles: dict[str, list[Judged]] = defaultdict(list)
        for each in judge(name, facts, rulings):
            piles[each.verdict.kind if each.verdict else "stands"].append(each)
        self.used = group_by_meaning(name, piles["stands"])
        # The newest decision goes first; the others stay in order of trust.
        self.used.sort(key=lambda group: -group.decision.position if group.stands and group.decision else 1)
        self.rejected = group_by_meaning(name, piles["rejected"])
        self.outvoted = group_by_meaning(name, piles["outvoted"])
        self.returned = group_by_meaning(name, piles["returned"])
        self.lost: list[Group] = []
        self.conflicts: list[MergedConflict] = []
        for aspect in dict.fromkeys(group.meaning.aspect for group in [*self.used, *self.returned, *self.aside]):
            self._find_conflict(aspect)
        lost = set(self.lost)
        self.used = [group for group in self.used if group not in lost]

    @property
    def aside(self) -> list[Group]:
        return [*self.outvoted, *self.rejected]

    @property
    def refuted(self) -> list[Group]:
        return [*self.lost, *self.returned, *self.outvoted, *self.rejected]

    def _find_conflict(self, aspect: str | None) -> None:
        groups = [group for group in self.used if group.meaning.aspect == aspect]
        returned = [group for group in self.returned if group.meaning.aspect == aspect]
        ruling = self.rulings.last_on(aspect)
        chosen = [group for group in groups if ruling is not None and ruling.affirms(group.meaning)]
        if ruling is not None and chosen:
            groups = [group for group in groups if group in chosen or not self._knew(ruling, group)]
        contenders = self._contenders(groups, chosen)
        if contenders or returned:
            kept = chosen if contenders and contenders[0] in chosen else contenders[:1]
            self.lost += [group for group in contenders if group not in kept]
            before = ruling.decision if ruling and chosen else self._decision_of(returned)
            options = [
                to_option(group, chosen=group in chosen, new=before is not None and group not in chosen)
                for group in (contenders or chosen or groups[:1])
            ]
            options += [to_option(group, new=True) for group in returned]
            self._add(aspect, options, before, settled=False)
        elif ruling is not None and (ruling.decision.kind == "settle" or (chosen and ruling.outvoted)):
            self._add(aspect, self._settled_options(ruling, chosen), ruling.decision, settled=True)

    def _contenders(self, groups: list[Group], chosen: list[Group]) -> list[Group]:
        """Who disagrees with whom, the one that is used first; none where there is no conflict."""
        if self.name in NEVER_IN_CONFLICT or len(groups) < 2:
            return []
        first = chosen if groups[0] in chosen else groups[:1]
        opponents = [
            group
            for group in groups
            if group not in first and any(each.meaning.disagrees_with(group.meaning) for each in first)
        ]
        if not opponents:
            return []
        contenders = [*first, *opponents]
        refs = set[str]().union(*(group.refs for group in contenders))
        # One source alone that gives two values lists variants, or parts.
        return contenders if len(refs) > 1 else []

    @staticmethod
    def _knew(ruling: Ruling, group: Group) -> bool:
        return all(ruling.knew(member.meaning, merchant_field(member.fact.source)) for member in group.members)

    @staticmethod
    def _decision_of(groups: Sequence[Group]) -> Decision | None:
        return next((group.decision for group in groups), None)

    def _settled_options(self, ruling: Ruling, chosen: list[Group]) -> list[ConflictOption]:
        """As it was settled; also options that no source gives any more."""
        options = [to_option(group, chosen=True) for group in chosen]
        for lost in (*ruling.outvoted, *ruling.rejected):
            group = next((each for each in self.aside if each.meaning.agrees_with(lost.meaning)), None)
            gone = ConflictOption(value=lost.value.value, unit=lost.value.unit, sources=[])
            options.append(to_option(group) if group else gone)
        return options

    def _add(
        self, aspect: str | None, options: list[ConflictOption], decision: Decision | None, *, settled: bool
    ) -> None:
        labels = [source.name for option in options for source in option.sources]
        decided = [*decision.stands, *decision.rejected] if decision else []
        label = labels[0] if labels else next((value.label for value in decided), self.name)
        info = decision.info() if decision else None
        self.conflicts.append(
            MergedConflict(
                name=self.name, label=label, aspect=aspect or "", options=options, decision=info, settled=settled
            )
        )


def merge_facts(facts: Sequence[SourcedFact], decisions: Sequence[Decision] = ()) -> MergeResult:
    decided = in_force(decisions)
    words = [SourcedFact(decision.fact(value)) for decision in reversed(decided) for value in decision.stands]
    unique = {sourced.fact.id: sourced for sourced in (*words, *facts)}
    ordered = sorted(unique.values(), key=lambda sourced: (precedence(sourced.fact), -sourced.fact.confidence))
    by_name: dict[str, list[SourcedFact]] = defaultdict(list)
    for sourced in ordered:
        by_name[name_of(sourced.fact.name, sourced.fact.value)].append(sourced)
    decisions_on: dict[str, list[Decision]] = defaultdict(list)
    for decision in decided:
        values = (*decision.stands, *decision.rejected, *decision.outvoted)
        for name in {name_of(value.label, value.value) for value in values}:
            decisions_on[name].append(decision)
            by_name.setdefault(name, [])

    result = MergeResult()
    refuted: list[Group] = []
    for name, members in by_name.items():
        merge = NameMerge(name, members, Rulings(name, decisions_on[name]))
        result.facts += [to_merged(group, "used") for group in merge.used]
        result.set_aside += [to_merged(group, "superseded") for group in (*merge.lost, *merge.outvoted)]
        result.set_aside += [to_merged(group, "rejected") for group in (*merge.returned, *merge.rejected)]
        result.conflicts += merge.conflicts
        refuted += merge.refuted
    mark_disputed(result.facts, refuted)
    return result
