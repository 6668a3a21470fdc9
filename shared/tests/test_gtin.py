import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.utils.gtin import GTIN_LENGTHS, gtin_check_digit, is_valid_gtin

bodies = st.sampled_from(sorted(GTIN_LENGTHS)).flatmap(
    lambda length: st.text(alphabet="0123456789", min_size=length - 1, max_size=length - 1)
)


class TestCheckDigit:
    @pytest.mark.parametrize(
        "gtin", ["4006381333931", "2004100330171", "036000291452", "96385074", "00012345600012", "5901234123457"]
    )
    def test_known_numbers(self, gtin: str) -> None:
        assert is_valid_gtin(gtin)

    @given(bodies)
    def test_exactly_one_digit_is_right(self, body: str) -> None:
        right = str(gtin_check_digit(body))
        assert [digit for digit in "0123456789" if is_valid_gtin(body + digit)] == [right]

    @given(bodies, st.data())
    def test_one_wrong_digit_is_always_noticed(self, body: str, data: st.DataObject) -> None:
        gtin = body + str(gtin_check_digit(body))
        place = data.draw(st.integers(0, len(gtin) - 1))
        other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != gtin[place]]))
        assert not is_valid_gtin(gtin[:place] + other + gtin[place + 1 :])

    @given(bodies.filter(lambda body: len(body) < 13))
    def test_leading_zeros_change_nothing(self, body: str) -> None:
        gtin = body + str(gtin_check_digit(body))
        assert is_valid_gtin(gtin.zfill(14))

    @given(st.text(max_size=20))
    def test_anything_else_is_none(self, text: str) -> None:
        if not (text.isascii() and text.isdigit() and len(text) in GTIN_LENGTHS):
            assert not is_valid_gtin(text)

    @pytest.mark.parametrize(
        "text", ["", "٢٠٠٤١٠٠٣٣٠١٧١", "²²²²²²²²", "4006381333931 ", "4006381-333931", "400638133393", "0"]
    )
    def test_lookalikes(self, text: str) -> None:
        assert not is_valid_gtin(text)
