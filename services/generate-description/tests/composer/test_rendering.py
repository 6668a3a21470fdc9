"""What may stand in the texts of a language, and how amounts and labels are written."""

import re

import pytest

from generate_description.composer.labels import label_for
from generate_description.composer.values import friendly
from generate_description.generation.service import Prepared
from shared.models.facts import Fact, Source

PROSE = {"title", "description", "bullets", "seo_title", "seo_description", "keywords"}


def compose(request):
    prepared = Prepared(request)
    return prepared.assemble(prepared.composed, "composer", None, [])


def prose(listing) -> str:
    return str(listing.model_dump(include=PROSE))


class TestLabels:
    @pytest.mark.parametrize(
        ("name", "english", "spanish"),
        [
            ("Dimensions (W x D x H)", "Dimensions", "Dimensiones"),
            ("dimensions_w_x_d_x_h", "Dimensions", "Dimensiones"),
            ("Boilers", "Boilers", "Calderas"),
            ("Minimum age", "Minimum age", "Edad mínima"),
            ("Weight with battery", "Weight with battery", "Peso con batería"),
            ("No-load speed gear 2", "No-load speed gear 2", "Velocidad en vacío en marcha 2"),
            ("Handle length", "Handle length", "Longitud del asa"),
            ("longitud del cable", "Cable length", "Longitud del cable"),
            ("Peso con funda", None, "Peso con funda"),
            ("gtin", "GTIN", "GTIN"),
            ("Thermal shielding grade", "Thermal shielding grade", None),
        ],
    )
    def test_label_is_in_the_language_or_missing(self, name: str, english: str | None, spanish: str | None) -> None:
        assert (label_for(name, "en"), label_for(name, "es")) == (english, spanish)


class TestAmounts:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("0.25 kg", "250 g"),
            ("0,98 kg", "980 g"),
            ("0.5 l", "500 ml"),
            ("28 L", "28 l"),
            ("1.4 kg", "1.4 kg"),
            ("2 x 0.5 l", "2 x 0.5 l"),
            ("0.2 %", "0.2 %"),
            ("9 watts", "9 W"),
        ],
    )
    def test_small_amounts_take_the_smaller_unit(self, value: str, expected: str) -> None:
        assert friendly(value) == expected


class TestWhatStaysOut:
    FACTS = {
        "Material": "steel", "Weight": "2 kg", "Precio por litro": "19,90 €", "Unit price": "3.10 EUR/kg",
        "Gross weight": "2.4 kg", "Packaging material": "cardboard", "Model number": "XK-2200", "Delivery": "3 days",
        "Customer rating": "4.7", "Thermal shielding grade": "medium", "Note": "Store away from sunlight",
    }  # fmt: skip

    @pytest.mark.parametrize("language", ["en", "es"])
    def test_the_offer_and_the_parcel_are_attributes_only(self, language: str, request_for) -> None:
        listing = compose(request_for(self.FACTS, name="Kettle", language=language))
        assert not re.search(r"19[.,]90|3[.,]10|2[.,]4|cardboard|cartón|XK|3 d|4[.,]7", prose(listing))
        assert len(listing.attributes) == len(self.FACTS)

    def test_what_has_no_words_in_the_language_is_an_attribute_verbatim(self, request_for) -> None:
        listing = compose(request_for(self.FACTS, name="Kettle", language="es"))
        assert not re.search(r"hermal|shield|sunlight|Store", prose(listing))
        told = {attribute.name: attribute.value for attribute in listing.attributes}
        assert told["Thermal shielding grade"] == "medium"
        assert told["Note"] == "Store away from sunlight"

    def test_a_list_is_translated_only_as_a_whole(self, request_for) -> None:
        known = compose(request_for({"In the box": "Charger, battery"}, name="Radio", language="es"))
        assert "Contenido: cargador, batería" in known.bullets
        facts = {"In the box": "Charger, frobnicator of doom", "Weight": "1 kg"}
        partly = compose(request_for(facts, name="Radio", language="es"))
        assert "cargador" not in prose(partly)
        assert "doom" not in prose(partly)

    def test_only_seen_colours_are_told_of_the_photo_alone(self, request_for) -> None:
        request = request_for({"Weight": "2 kg"}, name="Kettle", images=[{"sha256": "a" * 64}])
        seen = Fact(id="seen", name="color", value="teal", source=Source(kind="image", ref="sha256:" + "a" * 64))
        listing = compose(request.model_copy(update={"facts": [*request.facts, seen]}))
        assert "teal" not in prose(listing)
        assert listing.alt_texts == {"a" * 64: "Kettle, mainly teal"}


class TestStyle:
    def test_a_value_that_repeats_its_label_stands_alone(self, request_for) -> None:
        listing = compose(request_for({"Tumble drying": "Do not tumble dry", "Weight": "2 kg"}, name="Rug"))
        assert "Do not tumble dry" in listing.bullets

    def test_weights_that_agree_are_told_once(self, request_for) -> None:
        facts = {"Net weight": "0.25 kg", "Weight": "250 g", "Origin": "Peru"}
        listing = compose(request_for(facts, name="Tea"))
        alone = compose(request_for({**facts, "Weight": "?"}, name="Tea"))
        assert prose(listing).count("250 g") == prose(alone).count("250 g")
        [weight] = [attribute for attribute in listing.attributes if attribute.value == "250 g"]
        assert weight.fact_ids == ["f0", "f1"]

    def test_what_it_consists_of_is_no_material(self, request_for) -> None:
        listing = compose(request_for({"Material": "100 % Arabica"}, name="Ground Coffee"))
        assert "Composition: 100 % Arabica" in listing.bullets
        assert "made from 100 % Arabica" in listing.description

    def test_a_participle_keeps_its_verb(self, request_for) -> None:
        facts = {"Volume": "75 ml", "Skin type": "dry skin", "Vegan": "yes"}
        assert "for dry skin and vegan" not in compose(request_for(facts, name="Balm")).description

    def test_spanish_subject_has_its_article(self, request_for) -> None:
        listing = compose(request_for({"Weight": "1 kg", "Height": "20 cm"}, name="Nordal Drill", language="es"))
        assert listing.description.startswith("El taladro Nordal Drill")

    def test_the_name_is_taken_in_the_language_of_the_listing(self, request_for) -> None:
        request = request_for({"name": "Aceite de oliva suave", "Volume": "1 l"}, name="Mild Olive Oil", language="es")
        assert compose(request).title == "Aceite de oliva suave, 1 l"

    def test_bullets_begin_with_what_is_new(self, request_for) -> None:
        facts = {"Material": "steel", "Colour": "red", "Capacity": "1 l", "Boilers": "2", "Filter": "washable"}
        listing = compose(request_for(facts, name="Machine", limits={"bullets": 2}))
        assert {bullet.split(":")[0] for bullet in listing.bullets} == {"Boilers", "Filter"}

    @pytest.mark.parametrize("count", [1, 3, 12, 40])
    def test_description_is_short(self, count: int, request_for) -> None:
        listing = compose(request_for({f"Detail {n}": f"{n + 2} kg" for n in range(count)}, name="Thing"))
        assert len([claim for claim in listing.claims if claim.field == "description"]) <= 5

    def test_composed_listing_is_ready_without_a_model(self, request_for) -> None:
        assert Prepared(request_for({"Weight": "1 kg"}, name="Thing")).composed.bullets
