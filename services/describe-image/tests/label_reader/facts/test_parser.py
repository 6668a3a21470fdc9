import pytest
from hypothesis import given
from hypothesis import strategies as st

from describe_image.label_reader.facts.parser import parse


def said(text):
    return [(one.name, one.value, one.unit) for one in parse(text).statements]


class TestParse:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("750 ml", [("volume", "750", "ml")]),
            ("1 L", [("volume", "1", "L")]),
            ("0.5L", [("volume", "0.5", "L")]),
            ("Capacidad: 1,5 L", [("volume", "1,5", "L")]),
            ("2 x 500 ml", [("volume", "2 x 500", "ml")]),
            ("250 g ℮", [("weight", "250", "g")]),
            ("Peso neto 500 g", [("weight", "500", "g")]),
            ("NET WT. 12 OZ (340 g)", [("weight", "340", "g")]),
            ("8 oz", [("weight", "8", "oz")]),
            ("Gross weight: 1.2 kg", [("gross_weight", "1.2", "kg")]),
            ("150 g/m2", [("fabric_weight", "150", "g/m²")]),
            ("30 x 20 cm", [("dimensions", "30 x 20", "cm")]),
            ("Dimensiones: 31 x 38 x 40 cm", [("dimensions", "31 x 38 x 40", "cm")]),
            ("Height 80 mm", [("height", "80", "mm")]),
            ("Ø 8 cm", [("diameter", "8", "cm")]),
            ("13 mm chuck", [("chuck_size", "13", "mm")]),
            ("1,450 W", [("power", "1,450", "W")]),
            ("18V", [("voltage", "18", "V")]),
            ("Input: 220-240 V~ 50/60 Hz", [("voltage", "220-240", "V"), ("frequency", "50/60", "Hz")]),
            ("2.0 Ah Li-ion", [("battery_capacity", "2.0", "Ah")]),
            ("50 Nm torque", [("torque", "50", "Nm")]),
            ("Alc. 5.5% Vol.", [("alcohol", "5.5", "% vol")]),
            ("100% merino wool", [("material", "100% merino wool", None)]),
            ("80 % algodón, 20 % poliéster", [("material", "80 % algodón, 20 % poliéster", None)]),
            ("Stainless steel", [("material", "Stainless steel", None)]),
            ("Acero inoxidable", [("material", "Acero inoxidable", None)]),
            ("100% Arabica", [("composition", "100% Arabica", None)]),
            ("Dishwasher safe.", [("dishwasher_safe", "Dishwasher safe", None)]),
            ("Not dishwasher safe", [("dishwasher_safe", "Not dishwasher safe", None)]),
            ("No apto para microondas", [("microwave_safe", "No apto para microondas", None)]),
            ("BPA FREE", [("bpa_free", "BPA FREE", None)]),
            ("Machine wash 30 °C", [("washing", "Machine wash 30 °C", None)]),
            ("Made in Spain since 1980", [("country_of_origin", "Spain", None)]),
            ("HECHO EN ESPAÑA", [("country_of_origin", "ESPAÑA", None)]),
            ("Origen: España", [("country_of_origin", "España", None)]),
            ("Origin: Huila, Colombia", [("origin", "Huila, Colombia", None)]),
            ("Item BRN-MUG-330", [("article_number", "BRN-MUG-330", None)]),
            ("Modelo XZ-100", [("model", "XZ-100", None)]),
            ("Size M", [("size", "M", None)]),
            ("Talla: 42", [("size", "42", None)]),
            ("Color: Azul marino", [("color", "Azul marino", None)]),
            ("Dimming levels: 5", [("dimming_levels", "5", None)]),
            ("24 pieces Beech wood", [("pieces", "24", "pieces"), ("material", "Beech wood", None)]),
            ("Pack of 6", [("pieces", "6", "pieces")]),
            ("A partir de 36 meses", [("minimum_age", "36", "months")]),
            ("Acidez 0,2 % Envase de vidrio", [("acidity", "0,2", "%"), ("packaging_material", "vidrio", None)]),
        ],
    )
    def test_states(self, text, expected):
        assert said(text) == expected

    @pytest.mark.parametrize(
        "text",
        [
            "20 g protein per serving", "Fat 3 g", "per 100 g", "Energy 1500 kJ / 350 kcal", "Supports up to 120 kg",
            "50% off", "20 % más gratis", "100% satisfaction guaranteed", "5G ready", "4K Ultra HD", "Size 10 in",
            "Stainless steel cleaner", "Steel grey", "Glass cleaner", "Down", "Hecho en casa", "Power to the people",
            "Made in a facility that processes nuts", "Designed in California", "Model 3 years", "Volume 2", "12:30",
            "https://example.com/x", "Tel: 912 345 678", "Pine fresh scent", "For 2 people", "", ":", "::::",
        ],
    )  # fmt: skip
    def test_states_nothing(self, text):
        assert said(text) == []

    def test_vegan_leather_is_a_material_and_not_vegan(self):
        assert said("Vegan leather") == [("material", "Vegan leather", None)]

    def test_what_is_left_over_is_known(self):
        assert parse("Medium roast 250 g").left_over("Medium roast 250 g").strip() == "Medium roast"
        assert parse("250 g").left_over("250 g").strip() == ""

    @given(st.text(max_size=80))
    def test_any_text_is_survived_and_places_lie_in_it(self, text):
        for statement in parse(text).statements:
            assert 0 <= statement.start < statement.end <= len(text)
            assert statement.value

    @pytest.mark.parametrize(
        "text", ["1" * 5000, "1.1" * 2000, "a " * 2500, "stainless " * 500, "1 x " * 1000, "made in " * 600]
    )
    def test_long_hostile_lines(self, text):
        parse(text)
