import pytest
from hypothesis import given
from hypothesis import strategies as st

from describe_image.label_reader import gtin


class TestIsValid:
    @pytest.mark.parametrize("number", ["2004100330171", "0200850075061", "036000291452", "96385074"])
    def test_right(self, number):
        assert gtin.is_valid(number)

    @pytest.mark.parametrize("number", ["2004100330172", "96385075", "123", "", "20041003301710"])
    def test_wrong(self, number):
        assert not gtin.is_valid(number)

    @given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 11))
    def test_any_single_wrong_digit_is_noticed(self, body, position):
        number = body + gtin.check_digit(body)
        changed = number[:position] + str((int(number[position]) + 1) % 10) + number[position + 1 :]
        assert gtin.is_valid(number)
        assert not gtin.is_valid(changed)


class TestUpcE:
    @pytest.mark.parametrize(
        ("short", "long"), [("04252614", "042100005264"), ("01234565", "012345000065"), ("01234134", None)]
    )
    def test_expand(self, short, long):
        assert gtin.expand_upc_e(short) == long

    @given(st.text("0123456789", min_size=6, max_size=6))
    def test_compressing_what_was_expanded_gives_an_equal_number(self, body):
        for check in "0123456789":
            expanded = gtin.expand_upc_e("0" + body + check)
            if expanded is not None:
                short = gtin.compress_upc_a(expanded)
                assert short is not None
                assert gtin.expand_upc_e(short) == expanded


class TestPrintedNumbers:
    @pytest.mark.parametrize(
        ("text", "numbers"),
        [
            ("2 004100 330171", ["2004100330171"]),
            ('2"004100"330171', ["2004100330171"]),
            ("EAN 2004100330171", ["2004100330171"]),
            ("0 36000 29145 2", ["036000291452"]),
            ("9638 5074", ["96385074"]),
            ("2 004100 330172", []),
            ("+34 91 234 56 78 90", []),
            ("20.04.2026 10:30:17", []),
            ("96385074", []),
        ],
    )
    def test_examples(self, text, numbers):
        assert gtin.printed_numbers(text) == numbers

    def test_guard_bars_become_spaces(self):
        assert gtin.without_guard_bars('EAN 2"004100"330171 x') == "EAN 2 004100 330171 x"
        assert gtin.without_guard_bars('2"004100"330171"') == "2 004100 330171"
        assert gtin.without_guard_bars('8" screen, 12345') == '8" screen, 12345'
