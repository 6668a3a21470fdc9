"""A claim cites as few facts as back it, the typed ones first."""

import pytest

from generate_description.check.checker import Checker
from shared.models.facts import Fact, Source
from shared.models.generate import ProductContext


def fact(id: str, name: str, value: str, kind: str = "web", quote: str | None = "quoted") -> Fact:
    return Fact(id=id, name=name, value=value, source=Source(kind=kind, ref="x", quote=quote))  # type: ignore[arg-type]


FACTS = [
    fact("pack-line", "pack_text", "LUMEN Copper Kettle 1.2 l racing green", "image"),
    fact("pack-name", "pack_text", "Copper Kettle", "image"),
    fact("page-name", "name", "Copper Kettle, racing green"),
    fact("name", "name", "Copper Kettle", "merchant"),
    fact("brand", "brand", "Lumen"),
    fact("category", "category", "Kitchen > Kettles"),
    fact("volume", "volume", "1.2 l"),
    fact("colour", "colour", "racing green"),
    fact("story", "description", "A kettle that our grandparents knew, with a spout that pours without a drop."),
]
KETTLE = ProductContext(name="Copper Kettle", brand="Lumen")


class TestMinimalCitations:
    @pytest.mark.parametrize(
        ("field", "text", "expected"),
        [
            ("description", "It holds 1.2 l.", ["volume"]),
            ("description", "The kettle holds 1.2 l.", ["volume"]),
            ("title", "Lumen Copper Kettle, 1.2 l, racing green", ["brand", "name", "volume", "colour"]),
            ("title", "Lumen Copper Kettle", ["brand", "name"]),
            (
                "description",
                "A kettle that our grandparents knew, with a spout that pours without a drop.",
                ["story"],
            ),
        ],
    )
    def test_the_fewest_facts_in_the_order_of_the_claim(self, field, text: str, expected: list[str]) -> None:
        [claim] = Checker(FACTS, KETTLE, "en").check_text(field, text)
        assert (claim.verdict, claim.fact_ids) == ("supported", expected)

    def test_order_of_the_facts_does_not_matter(self) -> None:
        text = "Lumen Copper Kettle, 1.2 l, racing green"
        given = [Checker(facts, KETTLE, "en").check_text("title", text)[0] for facts in (FACTS, FACTS[::-1])]
        assert given[0].fact_ids == given[1].fact_ids


class TestSeenColours:
    FACTS = [
        fact("name", "name", "Garden Hose", "merchant"),
        fact("seen", "color", "teal", "image", quote=None),
        fact("length", "length", "15 m"),
    ]
    HOSE = ProductContext(name="Garden Hose")

    @pytest.mark.parametrize("field", ["title", "description", "bullets", "seo_title", "seo_description", "keywords"])
    def test_a_seen_colour_is_not_the_colour_of_the_product(self, field) -> None:
        [claim] = Checker(self.FACTS, self.HOSE, "en").check_text(field, "Garden Hose in teal")
        assert (claim.verdict, claim.reason_code) == ("unsupported", "colour_only_seen")

    def test_it_supports_what_the_photo_shows(self) -> None:
        [claim] = Checker(self.FACTS, self.HOSE, "en").check_text("alt_texts", "Garden Hose, mainly teal", 0)
        assert (claim.verdict, claim.fact_ids) == ("supported", ["name", "seen"])

    def test_a_colour_read_from_the_pack_is_stated(self) -> None:
        facts = [*self.FACTS[:1], fact("read", "color", "teal", "image", quote="Colour: teal")]
        [claim] = Checker(facts, self.HOSE, "en").check_text("description", "The hose comes in teal.")
        assert (claim.verdict, claim.fact_ids) == ("supported", ["read"])


class TestPartsAndNumbers:
    SAW = ProductContext(name="Hedge Trimmer")
    FACTS = [
        fact("weight", "Weight with battery", "3.1 kg"),
        fact("power", "Power", "600 W"),
        fact("capacity", "Battery capacity", "4 Ah"),
        fact("cable", "Cable length", "2 m"),
        fact("lid", "Diameter", "12 cm", quote="Lid: 12 cm"),
        fact("lid-material", "Lid", "plastic"),
        fact("back", "Back length", "48 cm"),
    ]

    @pytest.mark.parametrize(
        ("language", "text"),
        [
            ("en", "The battery weighs 3.1 kg."),
            ("en", "The weight of the battery is 3.1 kg."),
            ("en", "Its battery delivers 600 W."),
            ("en", "The battery has a capacity of 4 Ah and weighs 3.1 kg."),
            ("en", "The charger runs at 600 W."),
            ("es", "La batería pesa 3,1 kg."),
            ("es", "Su batería tiene una potencia de 600 W."),
        ],
    )
    def test_a_number_of_the_product_is_not_that_of_a_part(self, language: str, text: str) -> None:
        [claim] = Checker(self.FACTS, self.SAW, language).check_text("description", text)
        assert (claim.verdict, claim.reason_code) == ("unsupported", "number_not_of_this_part")

    @pytest.mark.parametrize(
        ("language", "text"),
        [
            ("en", "The battery has a capacity of 4 Ah."),
            ("en", "It weighs 3.1 kg with the battery."),
            ("en", "It has a battery of 4 Ah and weighs 3.1 kg."),
            ("en", "The cable is 2 m long."),
            ("en", "The lid measures 12 cm."),
            ("es", "La batería tiene una capacidad de 4 Ah."),
            ("es", "El cable mide 2 m."),
            ("es", "Longitud de espalda: 48 cm"),
        ],
    )
    def test_what_the_label_says_of_the_part_is_supported(self, language: str, text: str) -> None:
        [claim] = Checker(self.FACTS, self.SAW, language).check_text("description", text)
        assert claim.verdict == "supported", claim.reason

    def test_a_product_that_is_called_like_a_part_has_its_own_numbers(self) -> None:
        facts = [fact("weight", "Weight", "300 g"), fact("name", "name", "Spare Battery")]
        checker = Checker(facts, ProductContext(name="Spare Battery"), "en")
        assert checker.check_text("description", "The battery weighs 300 g.")[0].verdict == "supported"

    def test_wood_that_looks_like_a_verb_needs_its_fact(self) -> None:
        checker = Checker([fact("m", "Material", "steel")], ProductContext(name="Tray"), "es")
        assert checker.check_text("description", "Se fabrica en haya.")[0].verdict == "unsupported"
