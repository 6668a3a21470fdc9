"""The merge under decisions, as a pure function."""

import uuid
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.facts.decisions import Decision
from app.facts.fingerprint import fingerprint_of
from app.facts.merge import MergeResult, SourcedFact, merge_facts
from app.facts.schemas import DecidedValue, DecisionKind, MergedFactRead
from backend.tests.facts.test_merge import fact, facts_strategy, merged, names, values
from shared.models.facts import Fact


def decision(kind: DecisionKind, position: int = 1, **fields: Any) -> Decision:
    given_values = {
        name: [DecidedValue(label=label, value=value) for label, value in entries]
        for name, entries in fields.items()
        if name in {"stands", "rejected", "outvoted", "known"}
    }
    return Decision(
        id=uuid.UUID(int=position),
        position=position,
        kind=kind,
        decided_by="Ada",
        decided_at=datetime(2026, 1, 1, tzinfo=UTC),
        **given_values,
    )


def merged_under(decisions: list[Decision], *facts: Fact) -> MergeResult:
    return merge_facts([SourcedFact(each) for each in facts], decisions)


decided_values = st.lists(st.tuples(names, values), max_size=2)
decisions_strategy = st.lists(
    st.tuples(
        st.sampled_from(["confirm", "reject", "correct", "add", "settle"]),
        decided_values,
        decided_values,
        decided_values,
        decided_values,
    ),
    max_size=5,
).map(
    lambda drawn: [
        decision(kind, position, stands=stands, rejected=rejected, outvoted=outvoted, known=known)
        for position, (kind, stands, rejected, outvoted, known) in enumerate(drawn, 1)
    ]
)


class TestDecidedMerge:
    @given(facts_strategy, decisions_strategy)
    @settings(max_examples=200, deadline=None)
    def test_each_fact_has_one_place(self, facts: list[Fact], decisions: list[Decision]) -> None:
        result = merged_under(decisions, *facts)
        told = [source.fact_id for each in [*result.facts, *result.set_aside] for source in each.sources]
        words = {each.fact(value).id for each in decisions for value in each.stands}
        assert sorted(told) == sorted({each.id for each in facts} | words)
        assert len({(each.name, each.aspect) for each in result.conflicts}) == len(result.conflicts)

    @given(facts_strategy, st.tuples(names, values))
    @settings(max_examples=200, deadline=None)
    def test_what_is_rejected_is_never_used(self, facts: list[Fact], value: tuple[str, str]) -> None:
        result = merged_under([decision("reject", rejected=[value])], *facts, fact("web", *value))
        assert not any((each.label, each.value) == value for each in result.facts)
        rejected = [source for each in result.set_aside if each.status == "rejected" for source in each.sources]
        assert value in {(each.name, each.value) for each in rejected}

    @given(facts_strategy, st.tuples(names, values))
    @settings(max_examples=200, deadline=None)
    def test_what_was_confirmed_last_leads(self, facts: list[Fact], value: tuple[str, str]) -> None:
        result = merged_under([decision("confirm", stands=[value])], *facts)
        mine = next(each for each in result.facts if each.decision is not None)
        assert (mine.label, mine.value, mine.confidence, mine.status) == (*value, 1.0, "used")
        for conflict in result.conflicts:
            if conflict.name == mine.name and conflict.decision is not None:
                assert conflict.options[0].value == value[1]

    def test_the_latest_word_holds(self) -> None:
        page = fact("web", "Height", "8 cm")
        reject = decision("reject", 1, rejected=[("Height", "80 mm")])
        confirm = decision("confirm", 2, stands=[("Altura", "8 cm")])
        assert [each.status for each in merged_under([reject], page).set_aside] == ["rejected"]
        assert [each.status for each in merged_under([confirm, reject], page).facts] == ["used"]

    def test_who_rejects_the_winner_gets_the_other_back(self) -> None:
        facts = fact("web", "Height", "8 cm"), fact("image", "Height", "9 cm")
        settle = decision("settle", 1, stands=[("Height", "8 cm")], outvoted=[("Height", "9 cm")])
        reject = decision("reject", 2, rejected=[("Height", "8 cm")])
        assert [each.value for each in merged_under([settle, reject], *facts).facts] == ["9 cm"]

    def test_no_steel_then_no_enamelled_steel_but_steel_without_enamel(self) -> None:
        enamelled, plain_steel = fact("web", "Material", "enamelled steel"), fact("web", "Material", "steel")
        none = merged_under([decision("reject", rejected=[("Material", "acero")])], enamelled)
        assert none.facts == []
        some = merged_under([decision("reject", rejected=[("Material", "enamelled steel")])], plain_steel)
        assert [each.value for each in some.facts] == ["steel"]

    def test_a_content_in_grams_and_one_in_millilitres_are_settled_apart(self) -> None:
        facts = [
            fact("web", "Net content", "340 g"), fact("web", "Net content", "355 ml"),
            fact("image", "Net content", "350 g"), fact("image", "Net content", "330 ml"),
        ]  # fmt: skip
        result = merged(*facts)
        assert len(result.conflicts) == 2
        settle = decision("settle", stands=[("Net content", "350 g")], outvoted=[("Net content", "340 g")])
        assert [each.settled for each in merged_under([settle], *facts).conflicts] == [True, False]


class TestLostPromises:
    def test_a_sentence_that_repeats_a_wrong_promise_is_disputed(self) -> None:
        result = merged(
            fact("merchant", "Dishwasher safe", "no"),
            fact("web", "Dishwasher safe", "yes"),
            fact("web", "description", "Light, and dishwasher-safe."),
            fact("web", "description", "Not dishwasher-safe. Microwave-safe."),
            fact("image", "pack_text", "Apto para lavavajillas"),
        )
        disputed = {each.value for each in result.facts if each.disputed}
        assert disputed == {"Light, and dishwasher-safe.", "Apto para lavavajillas"}

    def test_a_sentence_of_the_losing_source_that_names_the_wrong_material_or_country(self) -> None:
        result = merged(
            fact("merchant", "Material", "Stainless steel"),
            fact("merchant", "Country of origin", "Spain"),
            fact("web", "Material", "Aluminium"),
            fact("web", "Made in", "Portugal"),
            fact("web", "description", "Its aluminium body lasts."),
            fact("web", "description", "Hecho en Portugal con cariño."),
            fact("web", "description", "Steel, from Spain."),
            fact("image", "pack_text", "aluminium foil inside"),
        )
        disputed = {each.value for each in result.facts if each.disputed}
        assert disputed == {"Its aluminium body lasts.", "Hecho en Portugal con cariño."}


class TestFingerprint:
    def test_order_and_sources_do_not_matter_and_values_do(self) -> None:
        def read(*facts: Fact, under: list[Decision] | None = None) -> str:
            found = merged_under(under or [], *facts).facts
            return fingerprint_of([MergedFactRead.model_validate(each.model_dump()) for each in found])

        height, width = fact("web", "Height", "8 cm"), fact("image", "Width", "9 cm")
        assert read(height, width) == read(width, height) == read(fact("image", "Height", "8 cm"), width)
        assert read(height, width) != read(height)
        assert read(height, width) != read(height, fact("image", "Width", "10 cm"))
        assert read(height) == read(height, under=[decision("confirm", stands=[("Height", "8 cm")])])
        assert read(height) != read(height, under=[decision("reject", rejected=[("Height", "8 cm")])])

    def test_facts_that_were_kept_before_there_were_statuses(self) -> None:
        old = {**merged(fact("web", "Height", "8 cm")).facts[0].model_dump(mode="json"), "disputed": True}
        del old["status"], old["decision"]
        assert MergedFactRead.model_validate(old).status == "disputed"
