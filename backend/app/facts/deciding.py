"""What people decide about facts and conflicts: kept, applied by every merge, and taken back on demand.

A decision is taken on what the person saw. It holds the product's lock, so that two people, or a person and a running
merge, never act on different states.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from app.common.identifiers import new_id, now
from app.facts.decisions import EXCLUSIVE, HAND_MADE, is_decision, merchant_field
from app.facts.errors import (
    ConflictChanged,
    ConflictNotFound,
    DecisionNotFound,
    FactAlreadyThere,
    FactChanged,
    FactNotFound,
    FactNotHandMade,
    TooManyDecisions,
)
from app.facts.meaning import Meaning, name_of
from app.facts.models import STATUSES, FactDecision
from app.facts.repository import FactRepository
from app.facts.schemas import (
    ConflictOption,
    ConflictRead,
    ConflictSettle,
    DecidedValue,
    DecisionBefore,
    DecisionKind,
    DecisionRead,
    FactCorrection,
    FactSource,
    FactWrite,
    MergedFactRead,
)
from app.facts.service import FactService, to_conflict, to_decision, to_read
from shared.models.problems import InvalidField
from shared.utils.errors import InvalidRequest

# Far more than a product has facts; each merge weighs every decision.
MAX_DECISIONS = 1000


@dataclass(frozen=True, slots=True)
class Person:
    id: uuid.UUID | None
    name: str


@dataclass(slots=True)
class Draft:
    """A decision in the making: what it finds right, wrong, or beaten."""

    kind: DecisionKind
    note: str | None
    stands: list[DecidedValue] = field(default_factory=list)
    rejected: list[DecidedValue] = field(default_factory=list)
    outvoted: list[DecidedValue] = field(default_factory=list)
    known: list[DecidedValue] = field(default_factory=list)
    before: DecisionBefore | None = None
    choice: str | None = None
    replaces_id: uuid.UUID | None = None


def meaning_of(value: DecidedValue) -> Meaning:
    return Meaning.of(name_of(value.label, value.value), value.value, value.unit, value.label)


def name_of_value(value: DecidedValue) -> str:
    return name_of(value.label, value.value)


def decided(label: str, value: str, unit: str | None, sources: Iterable[FactSource]) -> DecidedValue:
    fields = {merchant_field(each.source) for each in sources}
    return DecidedValue(label=label, value=value, unit=unit, merchant_fields=sorted(each for each in fields if each))


def value_of(fact: MergedFactRead) -> DecidedValue:
    return decided(fact.label, fact.value, fact.unit, fact.sources)


def value_of_option(option: ConflictOption, label: str) -> DecidedValue:
    found = option.sources[0].name if option.sources else label
    return decided(found, option.value, option.unit, option.sources)


def wordings(sources: Sequence[FactSource]) -> list[DecidedValue]:
    """Every different thing that was said there: who rejects `enamelled steel` does not want `steel` back either."""
    found: dict[tuple[str | None, str], DecidedValue] = {}
    for source in sources:
        value = decided(source.name, source.value, source.unit, sources)
        meaning = meaning_of(value)
        found.setdefault((meaning.aspect, meaning.key), value)
    return list(found.values())


class DecisionService:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.repository = FactRepository(session)
        self.facts = FactService(session)

    async def of_product(self, product_id: uuid.UUID) -> list[DecisionRead]:
        rows = await self.repository.decisions(product_id)
        return [self._read(row) for row in reversed(rows)]

    async def confirm(self, product_id: uuid.UUID, fact_id: str, note: str | None, person: Person) -> MergedFactRead:
        state = await self._state(product_id)
        fact = state.require(fact_id)
        settled = fact.status == "used" and fact.decision is not None and fact.decision.kind in EXCLUSIVE
        if not (settled and not state.open_conflicts(fact.name)):
            draft = Draft("confirm", note, stands=[value_of(fact)])
            state.weigh(draft, anew=fact.status == "superseded")
            draft.before = state.before(fact)
            await self._decide(product_id, draft, person)
        return (await self._state(product_id)).require(fact_id)

    async def reject(self, product_id: uuid.UUID, fact_id: str, note: str | None, person: Person) -> MergedFactRead:
        state = await self._state(product_id)
        fact = state.require(fact_id)
        if fact.status != "rejected" or state.open_conflicts(fact.name):
            draft = Draft("reject", note, rejected=wordings(fact.sources), before=state.before(fact))
            await self._decide(product_id, draft, person)
        return (await self._state(product_id)).require(fact_id)

    async def correct(
        self, product_id: uuid.UUID, fact_id: str, body: FactCorrection, person: Person
    ) -> MergedFactRead:
        state = await self._state(product_id)
        fact = state.require(fact_id)
        if fact.status == "rejected":
            raise FactChanged(
                "Somebody rejected or corrected this fact meanwhile. Load the facts again, and look at the decision."
            )
        unit = body.unit if "unit" in body.model_fields_set else fact.unit
        right = DecidedValue(label=body.name or fact.label, value=body.value, unit=unit)
        draft = Draft("correct", body.note, stands=[right], before=state.before(fact))
        for wording in wordings(fact.sources):
            same_name = name_of_value(wording) == name_of_value(right)
            if not (same_name and meaning_of(wording).agrees_with(meaning_of(right))):
                draft.rejected.append(wording)
        state.weigh(draft, anew=fact.status == "superseded", leave_out=fact)
        return await self._decide_and_return(product_id, draft, person)

    async def add(self, product_id: uuid.UUID, body: FactWrite, person: Person) -> MergedFactRead:
        state = await self._state(product_id)
        value = DecidedValue(label=body.name, value=body.value, unit=body.unit)
        state.refuse_repetition(value)
        return await self._decide_and_return(product_id, Draft("add", body.note, stands=[value]), person)

    async def edit(self, product_id: uuid.UUID, fact_id: str, body: FactWrite, person: Person) -> MergedFactRead:
        state = await self._state(product_id)
        fact = state.require(fact_id)
        row = await self._hand_made(product_id, fact)
        value = DecidedValue(label=body.name, value=body.value, unit=body.unit)
        draft = Draft("edit", body.note, stands=[value], before=state.before(fact), replaces_id=row.id)
        return await self._decide_and_return(product_id, draft, person)

    async def remove(self, product_id: uuid.UUID, fact_id: str) -> None:
        """Take a hand-made fact away, with all its edits."""
        state = await self._state(product_id)
        row = await self._hand_made(product_id, state.require(fact_id))
        by_id = {each.id: each for each in await self.repository.decisions(product_id)}
        while row.replaces_id is not None:
            row = by_id[row.replaces_id]
        await self.repository.delete_decision(row)
        await self.facts.merge(product_id)

    async def settle(
        self, product_id: uuid.UUID, conflict_id: uuid.UUID, body: ConflictSettle, person: Person
    ) -> ConflictRead:
        state = await self._state(product_id)
        conflict = next((each for each in state.conflicts if each.id == conflict_id), None)
        if conflict is None:
            raise ConflictNotFound("The sources no longer disagree about this, or the conflict is another product's.")
        if conflict.options_version != body.options_version:
            raise ConflictChanged(
                "Somebody settled it, or a source says something else now. Nothing was changed; look at the options "
                "again, and settle it then.",
                options_version=conflict.options_version,
            )
        draft = self._answer(conflict, body)
        state.weigh(draft, anew=True)
        draft.before = DecisionBefore(options=conflict.options)
        await self._decide(product_id, draft, person)
        rows = {row.id: row for row in await self.repository.conflicts(product_id)}
        return to_conflict(rows[conflict_id])

    async def take_back(self, product_id: uuid.UUID, decision_id: uuid.UUID) -> None:
        """As if it had never been taken: the merge is made of the sources and the decisions that are left."""
        await self.repository.one_merge_at_a_time(product_id)
        rows = await self.repository.decisions(product_id)
        row = next((each for each in rows if each.id == decision_id), None)
        if row is None:
            raise DecisionNotFound("The product has no such decision; it may have been taken back already.")
        if row.kind == "edit":
            for later in rows:
                if later.replaces_id == row.id:
                    # The newer edit stays, and now follows what this one had followed.
                    later.replaces_id = row.replaces_id
            await self.session.flush()
        await self.repository.delete_decision(row)
        await self.facts.merge(product_id)

    @staticmethod
    def _answer(conflict: ConflictRead, body: ConflictSettle) -> Draft:
        draft = Draft("settle", body.note)
        values = [value_of_option(option, conflict.label) for option in conflict.options]
        if body.value is not None:
            draft.choice = "value"
            draft.stands = [DecidedValue(label=conflict.label, value=body.value, unit=body.unit)]
        elif body.choice == "both":
            draft.choice = "both"
            draft.stands = values
        elif body.choice == "neither":
            draft.choice = "neither"
            told = [wording for option in conflict.options for wording in wordings(option.sources)]
            draft.rejected = [*values, *(each for each in told if each not in values)]
        else:
            index = body.choice or 0
            if index >= len(values):
                raise InvalidRequest(
                    f"The conflict has {len(values)} options, counted from 0.",
                    errors=[InvalidField(detail="There is no such option.", pointer="/choice")],
                )
            draft.choice = "option"
            draft.stands = [values[index]]
        return draft

    async def _state(self, product_id: uuid.UUID) -> "ProductState":
        await self.repository.one_merge_at_a_time(product_id)
        rows = await self.repository.merged(product_id, STATUSES)
        return ProductState(
            [to_read(row) for row in rows], [to_conflict(row) for row in await self.repository.conflicts(product_id)]
        )

    async def _decide(self, product_id: uuid.UUID, draft: Draft, person: Person) -> FactDecision:
        rows = await self.repository.decisions(product_id)
        if len(rows) >= MAX_DECISIONS:
            raise TooManyDecisions(f"A product keeps {MAX_DECISIONS} decisions. Take back some that no longer matter.")
        row = FactDecision(
            id=new_id(),
            product_id=product_id,
            position=rows[-1].position + 1 if rows else 1,
            kind=draft.kind,
            choice=draft.choice,
            replaces_id=draft.replaces_id,
            stands=[value.model_dump() for value in draft.stands],
            rejected=[value.model_dump() for value in draft.rejected],
            outvoted=[value.model_dump() for value in draft.outvoted],
            known=[value.model_dump() for value in draft.known],
            before=draft.before.model_dump(mode="json") if draft.before else None,
            note=draft.note,
            decided_by_id=person.id,
            decided_by=person.name,
            decided_at=now(),
        )
        self.repository.add_all([row])
        await self.session.flush()
        await self.facts.merge(product_id)
        return row

    async def _decide_and_return(self, product_id: uuid.UUID, draft: Draft, person: Person) -> MergedFactRead:
        """The fact that now carries the person's word."""
        decision = to_decision(await self._decide(product_id, draft, person))
        return (await self._state(product_id)).require(decision.fact(decision.stands[0]).id)

    async def _hand_made(self, product_id: uuid.UUID, fact: MergedFactRead) -> FactDecision:
        refs = {each.source.ref for each in fact.sources if is_decision(each.source)}
        rows = await self.repository.decisions(product_id)
        for row in reversed(rows):
            if row.kind in HAND_MADE and to_decision(row).ref in refs:
                return row
        raise FactNotHandMade("Facts of sources are confirmed, corrected or rejected, so that their words are kept.")

    @staticmethod
    def _read(row: FactDecision) -> DecisionRead:
        decision = to_decision(row)
        first = [*decision.stands, *decision.rejected][0]
        return DecisionRead(
            **decision.info().model_dump(),
            label=first.label,
            stands=list(decision.stands),
            rejected=list(decision.rejected),
            outvoted=list(decision.outvoted),
            before=DecisionBefore.model_validate(row.before) if row.before else None,
        )


class ProductState:
    """The product's facts and conflicts as they stand."""

    def __init__(self, facts: list[MergedFactRead], conflicts: list[ConflictRead]) -> None:
        self.facts = facts
        self.conflicts = conflicts

    def require(self, fact_id: str) -> MergedFactRead:
        """By its own id, or by that of any source's fact in it: what leads may change, what is in it does not."""
        for fact in self.facts:
            if fact.id == fact_id:
                return fact
        for fact in self.facts:
            if any(each.fact_id == fact_id for each in fact.sources):
                return fact
        raise FactNotFound("The product has no such fact. It may have been read anew; load the facts again.")

    def open_conflicts(self, name: str) -> list[ConflictRead]:
        return [conflict for conflict in self.conflicts if conflict.name == name and conflict.settled is None]

    def before(self, fact: MergedFactRead) -> DecisionBefore:
        open_ones = self.open_conflicts(fact.name)
        return DecisionBefore(
            status=fact.status,
            value=fact.value,
            unit=fact.unit,
            options=[option for conflict in open_ones for option in conflict.options],
        )

    def refuse_repetition(self, value: DecidedValue) -> None:
        name, meaning = name_of_value(value), meaning_of(value)
        for fact in self.facts:
            decided_on = fact.name == name and fact.status == "used" and fact.decision is not None
            if decided_on and meaning_of(value_of(fact)).agrees_with(meaning):
                raise FactAlreadyThere("A person has already said so. Nothing was added.", fact_id=fact.id)

    def weigh(self, draft: Draft, *, anew: bool, leave_out: MergedFactRead | None = None) -> None:
        """Note what the decision beats, and what it leaves beside itself: neither is news when it is read again.

        `anew`: a conflict that was settled is decided once more, so that what had won is beaten now.
        """
        if not draft.stands:
            return
        right = [meaning_of(value) for value in draft.stands]
        name = name_of_value(draft.stands[0])
        conflicts = (each for each in self.conflicts if each.name == name and (anew or each.settled is None))
        contested = {source.fact_id for each in conflicts for option in each.options for source in option.sources}
        for fact in self.facts:
            if fact.name != name or fact is leave_out:
                continue
            value = value_of(fact)
            meaning = meaning_of(value)
            if any(each.agrees_with(meaning) for each in right):
                continue
            beaten = fact.status == "superseded" or fact.sources[0].fact_id in contested
            if beaten and any(each.disagrees_with(meaning) for each in right):
                draft.outvoted.append(value)
            elif fact.status in {"used", "disputed"}:
                draft.known.append(value)
