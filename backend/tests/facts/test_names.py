import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.facts.names import NAME_OF, SPELLINGS, normalised_name, plain
from app.facts.vocabulary import COLORS, KINDS, MATERIALS, MEANING_OF, meaning_words, with_kinds


class TestNormalisedName:
    @pytest.mark.parametrize(
        ("name", "labels"),
        [
            ("volume", ["Capacity", "capacidad:", "Net content", "CONTENIDO NETO", "Füllmenge", "Fassungsvermögen"]),
            ("weight", ["Weight", "Peso", "Gewicht", "item weight"]),
            ("net_weight", ["Net weight", "Peso neto", "Nettogewicht", "Net wt."]),
            ("height", ["Height", "Altura", "Höhe", "Ho\u0308he", " alto "]),
            ("material", ["Material", "Materiales", "Werkstoff", "Composición", "composicion"]),
            ("color", ["Colour", "Color", "Farbe", "COLORES"]),
            ("gtin", ["EAN", "EAN-13", "Código de barras", "GTIN13", "UPC"]),
            ("country_of_origin", ["Country of origin", "País de origen", "Herkunftsland", "Made in"]),
            ("warranty", ["Warranty", "Garantía", "Garantie"]),
        ],
    )
    def test_languages_and_spellings(self, name: str, labels: list[str]) -> None:
        assert {normalised_name(label) for label in labels} == {name}

    def test_an_unknown_label_keeps_its_own_form(self) -> None:
        assert normalised_name("Thread count") == normalised_name(" thread-COUNT: ") == "thread_count"

    @pytest.mark.parametrize("label", ["★", "  ", "—"])
    def test_a_label_without_letters(self, label: str) -> None:
        assert normalised_name(label)

    def test_no_spelling_stands_for_two_names(self) -> None:
        spellings = [plain(each) for name, texts in SPELLINGS.items() for each in {name, *texts.split(", ")}]
        ambiguous = {each for each in spellings if spellings.count(each) > 1}
        assert {each for each in ambiguous if len({NAME_OF[each]}) > 1} == set()
        assert ambiguous == set()

    @given(st.text(min_size=1, max_size=200))
    def test_any_label_gets_a_name(self, label: str) -> None:
        assert normalised_name(label)
        assert normalised_name(label) == normalised_name(label)


class TestMeaningWords:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Enamelled steel", "Acero esmaltado"), ("Stainless steel", "acero inoxidable"), ("inox", "Edelstahl"),
            ("100% cotton", "Baumwolle"),
            ("Cotton", "100 % algodón"), ("Wood", "Madera"), ("Genuine leather", "cuero"), ("Spain", "España"),
            ("Germany", "Alemania"), ("Made in Spain", "Spanien"), ("organic cotton", "algodón orgánico"),
            ("cast iron", "hierro fundido"), ("glass", "Glas"),
        ],
    )  # fmt: skip
    def test_one_meaning_in_three_languages(self, one: str, other: str) -> None:
        assert meaning_words(one) == meaning_words(other)

    @pytest.mark.parametrize(
        ("one", "other"), [("steel", "aluminium"), ("cotton", "wool"), ("Spain", "Portugal"), ("Georgia", "Germany")]
    )
    def test_two_meanings(self, one: str, other: str) -> None:
        assert not meaning_words(one) & meaning_words(other)

    @pytest.mark.parametrize("table", [MATERIALS, COLORS])
    def test_no_word_is_claimed_twice(self, table: dict[str, str]) -> None:
        words = [word for meaning, others in table.items() for word in (meaning, *others.split())]
        assert len(words) == len(set(words))

    def test_kinds_are_of_words_that_are_listed(self) -> None:
        assert {word for kind, members in KINDS.items() for word in (kind, *members.split())} <= set(MEANING_OF)

    def test_who_says_less_agrees(self) -> None:
        assert meaning_words("madera") <= with_kinds(meaning_words("Eiche"))
