"""Which passages count as a supplier's words, in any language, and which do not."""

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.listings.contents import empty_content
from app.listings.supplier_texts import SupplierIndex, SupplierText, repeated_passages, words_of
from backend.tests.support.listings import edit, written_listing
from backend.tests.support.services import StubServices, extracted, web_fact

PAGE = "https://shop.example/mug"
SUPPLIER = (
    "Home > Mugs\nThis charming enamel mug keeps your coffee warm through long mornings by the lake.\n"
    "Height 8 cm, width 9 cm, depth 9 cm, weight 120 g, volume 350 ml\nAdd to basket"
)


def warnings(description: str, page: str = SUPPLIER, own: tuple[str, ...] = (), **fields: object) -> list[dict]:
    index = SupplierIndex([SupplierText(PAGE, "0" * 64, page)], own)
    return repeated_passages({**empty_content("en", "x"), "description": description, **fields}, index)


class TestSentences:
    def test_a_sentence_taken_over_word_for_word(self) -> None:
        text = "A mug. This charming enamel mug keeps your coffee warm through long mornings by the lake. Buy it."
        (found,) = warnings(text)
        assert found["text"] == "This charming enamel mug keeps your coffee warm through long mornings by the lake"
        assert text[found["start"] : found["end"]] == found["text"]
        assert (found["share"], found["source_ref"], found["snapshot_sha256"]) == (1.0, PAGE, "0" * 64)

    def test_case_accents_and_punctuation_are_no_difference(self) -> None:
        assert warnings("THIS charming, enamel múg keeps your coffee — warm through long mornings by the lake!")

    def test_a_bullet_names_its_place(self) -> None:
        bullet = "This charming enamel mug keeps your coffee warm through long mornings"
        (found,) = warnings("", bullets=["Own words", bullet])
        assert (found["field"], found["index"]) == ("bullets", 1)

    @pytest.mark.parametrize(
        "text",
        [
            "A cosy companion: coffee stays warm in it while you watch the lake on a long morning.",
            "This charming enamel mug is yours.",
            "Height 8 cm, width 9 cm, depth 9 cm, weight 120 g, volume 350 ml",
            "",
            "...",
        ],
    )
    def test_own_words_short_lines_and_numbers(self, text: str) -> None:
        assert warnings(text) == []

    def test_half_of_a_field_without_a_whole_sentence(self) -> None:
        text = "We love how it keeps your coffee warm through long mornings by the lake when we camp"
        (found,) = warnings(text)
        assert 0.5 <= found["share"] <= 1
        assert found["text"].startswith("keeps your coffee warm")

    def test_what_the_merchant_says_as_well_is_the_merchants(self) -> None:
        sentence = "This charming enamel mug keeps your coffee warm through long mornings by the lake."
        assert warnings(sentence, own=(sentence,)) == []

    def test_a_language_without_spaces(self) -> None:
        page = "この魅力的なホーローマグカップは長い朝の間ずっとコーヒーを温かく保ちます。"
        assert warnings(page, page)
        assert warnings("全く違う言葉で書かれた商品の説明文ですので問題はありません。", page) == []

    def test_spanish(self) -> None:
        page = "Esta encantadora taza esmaltada mantiene tu café caliente durante largas mañanas junto al lago."
        assert warnings(page.upper(), page)

    @given(st.text(), st.text())
    def test_any_text(self, text: str, page: str) -> None:
        for found in warnings(text, page + "\n" + text):
            assert text[found["start"] : found["end"]][:400] == found["text"]
            assert 0.5 <= found["share"] <= 1

    @given(st.text())
    def test_words_keep_their_place(self, text: str) -> None:
        positions = [(word.start, word.end) for word in words_of(text)]
        assert positions == sorted(positions)
        assert all(start < end for start, end in positions)

    def test_a_long_page_and_a_long_text(self) -> None:
        page = " ".join(f"word{number} and more of it" for number in range(50_000))
        assert len(warnings(page[:20_000], page)) == 1


class TestStored:
    async def test_with_the_version_and_after_an_edit(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        sentence = "This charming enamel mug keeps your coffee warm through long mornings by the lake."
        stubs.extract.behaviour = lambda request: extracted(
            request, [web_fact(PAGE, "Height", "8", "cm")], snapshot=SUPPLIER
        )
        listing = await written_listing(api, stubs, f"The mug is 8 cm high. {sentence}")
        (warning,) = listing["warnings"]
        assert (warning["code"], warning["field"], warning["source_ref"]) == ("repeats-supplier", "description", PAGE)
        snapshot = (await api.get(f"/api/v1/snapshots/{warning['snapshot_sha256']}")).json()
        assert warning["text"] in snapshot["text"]
        own = await edit(api, listing, description="The mug is 8 cm high.")
        assert own["warnings"] == []
        assert (await edit(api, own, description=sentence))["warning_count"] == 1
