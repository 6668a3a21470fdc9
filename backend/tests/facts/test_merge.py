import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.facts.merge import MergeResult, SourcedFact, merge_facts
from app.facts.names import normalised_name
from shared.models.facts import Fact, ImageLocator, Source, SourceKind, WebLocator

EXPECTED = Path(__file__).resolve().parents[3] / "samples" / "expected.json"


def fact(
    kind: str,
    name: str,
    value: str,
    unit: str | None = None,
    *,
    ref: str | None = None,
    confidence: float | None = None,
) -> Fact:
    """`seen` is what a vision model thinks: an image without a quote."""
    source_kind: SourceKind = "image" if kind == "seen" else kind  # type: ignore[assignment]
    refs = {"merchant": f"attributes.{name}", "image": "sha256:" + "0" * 64, "web": "https://shop.example/"}
    locator = {
        "merchant": None,
        "image": ImageLocator(box=(0.0, 0.0, 0.5, 0.5)),
        "web": WebLocator(start=0, end=4),
    }[source_kind]
    source = Source(
        kind=source_kind,
        ref=ref or refs[source_kind],
        quote=None if kind == "seen" else f"{value} {unit or ''}".strip(),
        locator=locator,
    )
    certainty = {"merchant": 1.0, "web": 0.95, "image": 0.9, "seen": 0.6}[kind] if confidence is None else confidence
    return Fact.create(name=name, value=value, unit=unit, source=source, confidence=certainty)


def merged(*facts: Fact) -> MergeResult:
    return merge_facts([SourcedFact(each) for each in facts])


def conflict_names(result: MergeResult) -> list[str]:
    return [conflict.name for conflict in result.conflicts]


class TestAgreement:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (("Volume", "1", "L"), ("Capacity", "1000", "ml")),
            (("Capacity", "12 oz", None), ("Capacidad", "355", "ml")),
            (("Net content", "12 oz", None), ("Net content", "340", "g")),
            (("Height", "80", "mm"), ("Altura", "8", "cm")),
            (("Height", "80 mm", None), ("Höhe", "8,0", "cm")),
            (("Dimensions", "30 x 20 cm", None), ("Medidas", "300 × 200 mm", None)),
            (("Material", "Enamelled steel", None), ("Material", "Acero esmaltado", None)),
            (("Material", "Steel", None), ("Werkstoff", "Stahl, emailliert", None)),
            (("Material", "100% Cotton", None), ("Composición", "algodón", None)),
            (("Country of origin", "Spain", None), ("Herkunftsland", "Spanien", None)),
            (("Brand", "BRUNNHOF", None), ("Marca", "Brunnhof", None)),
            (("Brand", "Café Olé", None), ("Brand", "CAFE OLE", None)),
            (("EAN", "2004100330171", None), ("GTIN", "02004100330171", None)),
            (("Pieces", "24", None), ("Número de piezas", "24", None)),
        ],
    )
    def test_two_sources_are_one_fact(
        self, one: tuple[str, str, str | None], other: tuple[str, str, str | None]
    ) -> None:
        for first, second in ((one, other), (other, one)):
            result = merged(fact("web", *first), fact("image", *second))
            assert len(result.facts) == 1
            assert result.conflicts == []
            assert len(result.facts[0].sources) == 2
            assert result.facts[0].value == first[1], "the page's structured data comes first"

    def test_agreement_leaves_less_doubt(self) -> None:
        result = merged(
            fact("web", "Height", "8", "cm", confidence=0.9), fact("image", "Height", "80", "mm", confidence=0.8)
        )
        assert result.facts[0].confidence == pytest.approx(0.98)

    def test_one_source_twice_does_not(self) -> None:
        result = merged(
            fact("web", "Height", "8", "cm", confidence=0.9), fact("web", "Altura", "80", "mm", confidence=0.9)
        )
        assert result.facts[0].confidence == 0.9
        assert len(result.facts[0].sources) == 2


class TestConflict:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (("Capacity", "330", "ml"), ("Capacity", "350", "ml")),
            (("Capacity", "330", "ml"), ("Contenido", "0,35", "l")),
            (("Height", "80", "mm"), ("Height", "8.5", "cm")),
            (("Weight", "145", "g"), ("Peso", "1,45", "kg")),
            (("Dimensions", "30 x 20 cm", None), ("Dimensions", "30 x 25 cm", None)),
            (("Material", "Cotton", None), ("Material", "Wolle", None)),
            (("Country of origin", "Spain", None), ("País de origen", "Portugal", None)),
            (("Brand", "Brunnhof", None), ("Brand", "Kesselberg", None)),
            (("EAN", "2004100330171", None), ("EAN", "2105200500294", None)),
            (("Pieces", "24", None), ("Pieces", "25", None)),
            (("Operating temperature", "-5", "W"), ("Operating temperature", "5", "W")),
        ],
    )
    def test_the_page_and_the_pack_disagree(
        self, one: tuple[str, str, str | None], other: tuple[str, str, str | None]
    ) -> None:
        result = merged(fact("image", *one), fact("web", *other))
        assert len(result.conflicts) == 1
        options = result.conflicts[0].options
        assert [option.value for option in options] == [other[1], one[1]], "in order of precedence"
        assert [each.value for each in result.facts] == [other[1]], "the first one is used"
        assert all(option.sources for option in options)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (("Price", "12.90", "EUR"), ("Price", "14.50", "EUR")),
            (("Name", "Mug", None), ("Product name", "Enamel mug 330 ml", None)),
            (("SKU", "A-1", None), ("Article number", "77123", None)),
            (("Availability", "in stock", None), ("Availability", "out of stock", None)),
            (("Category", "Kitchen", None), ("Category", "Mugs", None)),
            (("Colour", "red", None), ("Colour", "blue", None)),
            (("pack_text", "330 ml", None), ("pack_text", "since 1921", None)),
            (("Care", "hand wash", None), ("Care", "30 °C", None)),
            (("Size", "M", None), ("Size", "44", None)),
        ],
    )
    def test_what_differs_by_nature(self, one: tuple[str, str, str | None], other: tuple[str, str, str | None]) -> None:
        result = merged(fact("image", *one), fact("web", *other))
        assert result.conflicts == []
        assert len(result.facts) == 2

    def test_one_source_alone_has_no_conflict(self) -> None:
        result = merged(fact("web", "Capacity", "330", "ml"), fact("web", "Capacity", "500", "ml"))
        assert result.conflicts == []
        assert len(result.facts) == 2

    def test_two_pages_have(self) -> None:
        result = merged(
            fact("web", "Capacity", "330", "ml", ref="https://a.example/"),
            fact("web", "Capacity", "500", "ml", ref="https://b.example/"),
        )
        assert conflict_names(result) == ["volume"]

    def test_three_opinions(self) -> None:
        result = merged(
            fact("seen", "Capacity", "0.4", "l"),
            fact("image", "Capacity", "330", "ml"),
            fact("web", "Capacity", "350", "ml"),
            fact("merchant", "Capacity", "0.33", "l"),
        )
        options = result.conflicts[0].options
        assert [(option.value, option.unit) for option in options] == [("0.33", "l"), ("350", "ml"), ("0.4", "l")]
        assert [source.source.kind for source in options[0].sources] == ["merchant", "image"]

    def test_a_minus_is_not_nothing(self) -> None:
        result = merged(fact("web", "Minimum temperature", "-5 °C"), fact("image", "Minimum temperature", "5 °C"))
        assert conflict_names(result) == ["minimum_temperature"]


class TestPrecedence:
    def test_merchant_page_pack_text_vision(self) -> None:
        sources = [
            fact("seen", "Pieces", "5"),
            fact("web", "Pieces", "4", confidence=0.6),
            fact("image", "Pieces", "3"),
            fact("web", "Pieces", "2", ref="https://b.example/"),
            fact("merchant", "Pieces", "1"),
        ]
        options = merged(*sources).conflicts[0].options
        assert [option.value for option in options] == ["1", "2", "3", "4", "5"]

    def test_more_confidence_goes_first(self) -> None:
        result = merged(
            fact("image", "Pieces", "3", confidence=0.5),
            fact("image", "Pieces", "4", confidence=0.7, ref="sha256:" + "1" * 64),
        )
        assert [option.value for option in result.conflicts[0].options] == ["4", "3"]

    def test_the_merchants_facts_stand_first(self) -> None:
        result = merged(fact("web", "Height", "8", "cm"), fact("merchant", "name", "Mug"))
        assert [each.name for each in result.facts] == ["name", "height"]


class TestDisputed:
    def test_a_sentence_with_the_losing_value(self) -> None:
        result = merged(
            fact("web", "Capacity", "350", "ml"),
            fact("image", "Capacity", "330", "ml"),
            fact("image", "pack_text", "0,33 l of joy"),
            fact("web", "description", "Holds 350 ml."),
            fact("web", "Note", "Packed with 330 ml of air"),
        )
        disputed = {each.value for each in result.facts if each.disputed}
        assert disputed == {"0,33 l of joy", "Packed with 330 ml of air"}

    def test_the_losing_value_under_another_name_of_the_same_source(self) -> None:
        result = merged(
            fact("merchant", "Capacity", "330", "ml"),
            fact("web", "Capacity", "350", "ml"),
            fact("web", "Size", "350", "ml"),
            fact("web", "description", "This 350 ml mug is yours."),
            fact("web", "Height", "8", "cm"),
        )
        assert {each.name for each in result.facts if each.disputed} == {"size", "description"}

    def test_a_value_that_is_right_elsewhere(self) -> None:
        result = merged(
            fact("web", "Height", "80", "mm"), fact("image", "Height", "90", "mm"), fact("web", "Diameter", "9", "cm"),
            fact("web", "description", "9 cm wide"),
        )  # fmt: skip
        assert not any(each.disputed for each in result.facts)

    def test_without_a_conflict_nothing_is(self) -> None:
        result = merged(fact("web", "Capacity", "350", "ml"), fact("image", "pack_text", "330 ml"))
        assert not any(each.disputed for each in result.facts)


kinds = st.sampled_from(["merchant", "web", "image", "seen"])
names = st.sampled_from(
    ["Capacity", "Capacidad", "Height", "Material", "Brand", "EAN", "description", "Price", "Other"]
)
values = st.sampled_from(
    [
        "330 ml",
        "0,33 l",
        "350 ml",
        "12 oz",
        "8 cm",
        "80 mm",
        "Steel",
        "acero",
        "wood",
        "2004100330171",
        "Acme",
        "-5",
        "5",
    ]
)
facts_strategy = st.lists(st.builds(fact, kinds, names, values), max_size=14)


class TestDeterminism:
    @given(facts_strategy, st.randoms(use_true_random=False))
    @settings(max_examples=150, deadline=None)
    def test_the_order_of_the_input_does_not_matter_where_trust_decides(self, facts: list[Fact], random: Any) -> None:
        # Equal trust keeps the order of the page; here every fact has its own.
        distinct = [
            each.model_copy(update={"confidence": 0.9 + 0.0001 * number if each.confidence > 0.85 else 0.001 * number})
            for number, each in enumerate({each.id: each for each in facts}.values())
        ]
        shuffled = random.sample(distinct, len(distinct))
        assert merged(*shuffled) == merged(*distinct)

    @given(facts_strategy)
    @settings(max_examples=150, deadline=None)
    def test_nothing_is_lost_and_nothing_invented(self, facts: list[Fact]) -> None:
        result = merged(*facts)
        told = {source.fact_id for each in result.facts for source in each.sources}
        told |= {source.fact_id for each in result.conflicts for option in each.options for source in option.sources}
        assert told == {each.id for each in facts}
        assert len({each.id for each in result.facts}) == len(result.facts)
        assert {each.id for each in result.facts} <= told

    @given(facts_strategy)
    @settings(max_examples=50, deadline=None)
    def test_repeats_change_nothing(self, facts: list[Fact]) -> None:
        assert merged(*facts, *facts) == merged(*facts)

    def test_thousands_of_facts_with_one_name(self) -> None:
        """A hostile page; it must end soon enough not to be noticed, which only shows when it does not."""
        many = [fact("web", "Feature", f"value {number}") for number in range(3000)]
        assert len(merged(*many).facts) == 3000


# Quotes of the catalogue that are a number alone; the page states the unit beside it (`unitCode`, a column's head).
UNITS_BESIDE_THE_QUOTE = {'"value": 0.98': "0.98 kg", "0.25": "0.25 kg", "1,750": "1,750 m"}


def stated_value(quote: str) -> str:
    """`Power: 1450 W` states `1450 W`."""
    return UNITS_BESIDE_THE_QUOTE.get(quote) or quote.rpartition(": ")[2]


def samples() -> list[tuple[str, dict[str, Any]]]:
    return sorted(json.loads(EXPECTED.read_text(encoding="utf-8")).items())


class TestSampleCatalogue:
    """The evidence that the sample catalogue lists, as facts: who agrees there must agree here."""

    @pytest.mark.parametrize(("sku", "expected"), [each for each in samples() if each[1].get("conflict")])
    def test_conflicts(self, sku: str, expected: dict[str, Any]) -> None:
        conflict = expected["conflict"]
        result = merged(*(fact(kind, conflict["name"], text) for kind, text in conflict["evidence"].items()))
        assert conflict_names(result) == [normalised_name(conflict["name"])]
        assert {option.value for option in result.conflicts[0].options} == set(conflict["values"])

    @pytest.mark.parametrize(("sku", "expected"), [each for each in samples() if each[1].get("same_value")])
    def test_same_values(self, sku: str, expected: dict[str, Any]) -> None:
        for name in expected["same_value"]:
            entry = next(each for each in expected["must_find"] if each["name"] == name)
            evidence = [fact(kind, name, stated_value(quote)) for kind, quote in entry["evidence"].items()]
            stated = fact("merchant", name, entry["value"], entry.get("unit"))
            result = merged(stated, *evidence)
            assert result.conflicts == [], name
            assert len(result.facts) == 1, name
