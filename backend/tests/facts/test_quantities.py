import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.facts.quantities import UNIT_NAMES, parse_number, parse_quantity, quantities_in, readings, scale_of


class TestParseNumber:
    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("330", 330), ("0,33", 0.33), ("0.33", 0.33), ("1.299,50", 1299.5), ("1,299.50", 1299.5),
            ("1'299", 1299), ("1 299", 1299), ("1.500", 1500), ("1,500", 1500), ("0.500", 0.5), ("0,500", 0.5),
            ("12.5000", 12.5), ("1.234.567", 1234567), ("1,234,567.8", 1234567.8), ("-5", -5), ("−5", -5),
        ],
    )  # fmt: skip
    def test_notations(self, text: str, number: float) -> None:
        assert parse_number(text) == number

    @given(st.text(alphabet="0123456789.,' -−", max_size=30))
    def test_never_raises(self, text: str) -> None:
        number = parse_number(text)
        assert number is None or math.isfinite(number)


class TestParseQuantity:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("1 L", "1000 ml"), ("1 L", "100 cl"), ("0,5 l", "500 ml"), ("1,5 litros", "1500ml"), ("8 cm", "80 mm"),
            ("145 g", "0,145 kg"), ("1 kg", "1000 gramos"), ("1.2 kW", "1200 W"), ("30 x 20 cm", "300 × 200 mm"),
            ("30x20cm", "20 x 30 cm"), ("30 x 20 x 10 cm", "0,3 x 0,2 x 0,1 m"), ("12 fl oz", "355 ml"),
            ("12 fl. oz.", "355 ml"), ("12 FL OZ", "355 ml"), ("1 in", "2.54 cm"), ('10"', "25,4 cm"),
            ("2 Ah", "2000 mAh"), ("1 h", "60 min"), ("24 months", "2 años"), ("50 Nm", "50 N·m"), ("99 %", "99%"),
            ("1 lb", "454 g"), ("2,4 GHz", "2400 MHz"), ("12", "12.0"),
        ],
    )  # fmt: skip
    def test_one_measure(self, one: str, other: str) -> None:
        mine, theirs = parse_quantity(one), parse_quantity(other)
        assert mine is not None
        assert theirs is not None
        assert mine.agrees_with(theirs)
        assert theirs.agrees_with(mine)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("330 ml", "350 ml"), ("330 ml", "333 ml"), ("330 ml", "330 g"), ("330", "330 ml"), ("8 cm", "8 mm"),
            ("30 x 20 cm", "30 x 21 cm"), ("30 x 20 cm", "30 cm"), ("5 cm", "-5 cm"), ("1.5 l", "15 l"),
            ("18 V", "18 W"), ("0 g", "1 g"), ("340 g", "355 ml"),
        ],
    )  # fmt: skip
    def test_two_measures(self, one: str, other: str) -> None:
        mine, theirs = parse_quantity(one), parse_quantity(other)
        assert mine is not None
        assert theirs is not None
        assert not mine.agrees_with(theirs)

    @pytest.mark.parametrize(
        "text", ["", "red", "ml", "about 330 ml", "330 ml / 11 oz", "330 blobs", "1-2 l", "x", "8 cm wide", "30 x cm",
                 "M", "2nd", "A4", "10 °C to 20 °C", "²"],
    )  # fmt: skip
    def test_everything_else(self, text: str) -> None:
        assert parse_quantity(text) is None

    @pytest.mark.parametrize("unit", sorted(UNIT_NAMES))
    def test_every_unit_of_the_table_is_one(self, unit: str) -> None:
        assert scale_of(unit) is not None
        assert parse_quantity(f"3 {unit}") is not None

    @given(st.text(max_size=60))
    def test_never_raises(self, text: str) -> None:
        parse_quantity(text)
        quantities_in(text)

    @given(st.floats(0.01, 1e6), st.sampled_from(["ml", "g", "cm", "W"]))
    def test_a_measure_agrees_with_itself(self, number: float, unit: str) -> None:
        quantity = parse_quantity(f"{number:.4f} {unit}")
        assert quantity is not None
        assert quantity.agrees_with(quantity)

    @pytest.mark.parametrize(
        "text", ["1" * 10_000, "1 111" * 2_000, "1.111" * 2_000 + "x", "1 x " * 2_500, "," * 9_999]
    )
    def test_long_rubbish_is_read_in_linear_time(self, text: str) -> None:
        """Ends at all: a regular expression that backtracks would not."""
        parse_quantity(text)
        quantities_in(text)


class TestReadings:
    def test_ounces_may_be_fluid(self) -> None:
        milliliters, grams = parse_quantity("355 ml"), parse_quantity("340 g")
        assert milliliters is not None
        assert grams is not None
        found = readings("12 oz")
        assert any(reading.agrees_with(milliliters) for reading in found)
        assert any(reading.agrees_with(grams) for reading in found)
        assert len(readings("12 fl oz")) == 1
        assert readings("nothing") == []


class TestQuantitiesIn:
    @pytest.mark.parametrize(
        ("text", "count"),
        [("Holds 350 ml of coffee, weighs 145 g.", 2), ("8,5 cm", 1), ("Chapter 12", 0), ("350ml", 1), ("v350 ml", 0),
         ("", 0), ("3 apples", 0)],
    )  # fmt: skip
    def test_only_numbers_with_units(self, text: str, count: int) -> None:
        assert len(quantities_in(text)) == count
