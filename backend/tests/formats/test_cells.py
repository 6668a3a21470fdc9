import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.cells import guard, join_list, split_list, unguard
from app.formats.values import attribute_cell, read_attribute, read_money
from app.formats.woocommerce_columns import escape_newlines, unescape_newlines
from app.products.schemas import ProductAttribute
from backend.tests.formats.items import attributes, texts, words


class TestLists:
    @given(st.lists(texts.filter(bool), max_size=5))
    def test_any_values_survive(self, values: list[str]) -> None:
        assert split_list(join_list(values)) == values

    @pytest.mark.parametrize(
        ("cell", "values"),
        [
            ("a | b", ["a", "b"]),
            ("a|b|", ["a", "b"]),
            ("C:\\new | d", ["C:\\new", "d"]),
            ("", []),
            (" | ", []),
            ("a\\|b", ["a|b"]),
        ],
    )
    def test_as_people_write_them(self, cell: str, values: list[str]) -> None:
        assert split_list(cell) == values

    def test_addresses_stay_as_they_are(self) -> None:
        assert join_list(["https://a.example/b?c=d;e", "f"]) == "https://a.example/b?c=d;e | f"


class TestAttributes:
    @given(attributes())
    def test_any_attribute_survives(self, attribute: ProductAttribute) -> None:
        assert read_attribute(attribute_cell([attribute])) == attribute or ";" in attribute_cell([attribute])

    @pytest.mark.parametrize(
        ("cell", "name", "value"),
        [
            ("Power=9 W", "Power", "9 W"),
            ("Size: EU = 42", "Size: EU", "42"),
            ("a=b=c", "a", "b=c"),
            (" Colour =  red ", "Colour", "red"),
        ],
    )
    def test_as_people_write_them(self, cell: str, name: str, value: str) -> None:
        assert read_attribute(cell) == ProductAttribute(name=name, value=value)

    def test_types(self) -> None:
        assert read_attribute("Height:number(cm)=12.5") == ProductAttribute(
            name="Height", type="number", value="12.5", unit="cm"
        )
        assert read_attribute("Recyclable:boolean=ja").value is True
        assert read_attribute("Colours:list=red | blue").value == ["red", "blue"]

    @pytest.mark.parametrize("cell", ["Power", "=9", "Power=", "Height:number=tall", "x:boolean=maybe", "x:list= | "])
    def test_what_is_no_attribute(self, cell: str) -> None:
        with pytest.raises(ValueError):  # noqa: PT011  (several kinds of it)
            read_attribute(cell)


class TestFormulaGuard:
    @given(texts, st.sampled_from(["full", "formulas"]))
    def test_taking_it_off_is_exact(self, text: str, level: str) -> None:
        assert unguard(guard(text, level)) == text  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        "text",
        [
            "=1+1",
            "+1",
            "-1",
            "@A1",
            "\t=1",
            "\r1",
            "\tx",
            "  =1",
            '"=1',
            "'=1",
            "＝1",
            "＋1",
            "－1",
            "＠A",
            "\ufeff=1",
            "\xa0=1",
            "\n=1",
            "\u200b=1",
            "“=1",
        ],
    )
    def test_what_spreadsheets_might_run(self, text: str) -> None:
        assert guard(text, "full") == f"'{text}"

    @pytest.mark.parametrize("text", ["a=b", "Mug", "1-2", "", " ", "🫖 =", "'a", "#1", "5 + 5"])
    def test_what_they_show(self, text: str) -> None:
        assert guard(text, "full") == text

    @pytest.mark.parametrize(
        "text",
        [
            "=cmd|' /C calc'!A0",
            "@SUM(1+9)*cmd|' /C calc'!A0",
            '=HYPERLINK("http://evil.example","x")',
            "-2+3+cmd|'/C x'!A0",
            "=Sheet1!A1",
            '=DDE("cmd";"/C")',
            " =WEBSERVICE(A1)",
            "+IMPORTXML(A1)",
        ],
    )
    def test_titles_that_run_something_are_marked_in_shop_files(self, text: str) -> None:
        assert guard(text, "formulas") == f"'{text}"

    @pytest.mark.parametrize(
        "text", ["-20 % on mugs", "@home mug", "+5 glasses", "=) happy mug", "-5", "- new -", "+49 (0) 30"]
    )
    def test_titles_that_run_nothing_keep_their_beginning_in_shop_files(self, text: str) -> None:
        assert guard(text, "formulas") == text

    def test_hostile_length(self) -> None:
        assert guard("=" + "a" * 200_000, "formulas").startswith("=")
        assert guard("=" * 200_000, "formulas").startswith("=")
        assert guard(" " * 200_000, "full") == " " * 200_000


class TestNewlinesOfWooCommerce:
    @given(words.filter(lambda text: "\\" not in text and "\r" not in text))
    def test_there_and_back(self, text: str) -> None:
        assert unescape_newlines(escape_newlines(text)) == text

    def test_as_the_exporter_does_it(self) -> None:
        assert escape_newlines("a\nb") == "a\\nb"
        assert escape_newlines("C:\\new") == "C:\\\\new"
        assert unescape_newlines("C:\\\\new\\nb") == "C:\\new\nb"


class TestPrices:
    @pytest.mark.parametrize(
        ("text", "amount", "currency"),
        [
            ("12.90", "12.90", "USD"),
            ("12,90", "12.90", "USD"),
            ("12,90 €", "12.90", "EUR"),
            ("EUR 1.234,50", "1234.50", "EUR"),
            ("1,234.50 GBP", "1234.50", "GBP"),
            ("£3", "3", "GBP"),
            ("$ 3.5", "3.5", "USD"),
            ("1'234.50", "1234.50", "USD"),
            ("1 234,50", "1234.50", "USD"),
            ("1.234.567", "1234567", "USD"),
            ("0,345", "0.345", "USD"),
            ("-5", "-5", "USD"),
            ("1234,567", "1234.567", "USD"),
        ],
    )
    def test_as_shops_write_them(self, text: str, amount: str, currency: str) -> None:
        money = read_money(text, "USD")
        assert (money.amount, money.currency) == (amount, currency)

    @pytest.mark.parametrize("text", ["1,234", "1.234", "99.999"])
    def test_what_may_be_a_thousand_or_a_fraction_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="thousand or a fraction"):
            read_money(text, "EUR")

    def test_where_a_point_is_a_point(self) -> None:
        assert read_money("1.234", "KWD", decimal_point=True).amount == "1.234"

    @pytest.mark.parametrize("text", ["free", "12.90.1", "1,2,3", "--5", "1e5", "12,90,00", "1" * 13, "1.1234567", "٣"])
    def test_what_is_no_price(self, text: str) -> None:
        with pytest.raises(ValueError):  # noqa: PT011  (several kinds of it)
            read_money(text, "EUR")

    def test_a_price_without_a_currency(self) -> None:
        with pytest.raises(ValueError, match="no currency"):
            read_money("12.90", None)
