"""The word-level comparison: exact for any two texts, readable for common ones, bounded for hostile ones."""

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.listings.contents import empty_content
from app.listings.diff import content_diff, list_diff, text_diff
from app.listings.schemas import DiffPart
from backend.tests.support.backend import assert_problem
from backend.tests.support.listings import edit, path, written_listing
from backend.tests.support.services import StubServices

WORDS = st.lists(st.sampled_from(["a", "mug", "Mug", " ", "  ", "\n", ".", "8", "cm", "é", "漢字", "👩‍🍳"])).map(
    "".join
)


def sides(parts: list[DiffPart]) -> tuple[str, str]:
    before = "".join(part.text for part in parts if part.op != "insert")
    after = "".join(part.text for part in parts if part.op != "delete")
    return before, after


class TestTexts:
    @given(WORDS | st.text(), WORDS | st.text())
    def test_the_parts_joined_are_both_texts(self, before: str, after: str) -> None:
        parts = text_diff(before, after)
        assert sides(parts) == (before, after)
        assert all(part.text for part in parts)

    @given(st.text(min_size=1))
    def test_a_text_is_equal_to_itself(self, text: str) -> None:
        assert [(part.op, part.text) for part in text_diff(text, text)] == [("equal", text)]

    def test_words_are_compared_as_wholes(self) -> None:
        parts = text_diff("The mug holds 350 ml.", "The mug holds 330 ml.")
        assert [(part.op, part.text) for part in parts] == [
            ("equal", "The mug holds "), ("delete", "350"), ("insert", "330"), ("equal", " ml."),
        ]  # fmt: skip

    def test_a_space_does_not_cut_a_change_in_two(self) -> None:
        parts = text_diff("a red big mug", "a blue small mug")
        assert [part.op for part in parts] == ["equal", "delete", "insert", "equal"]
        assert [part.text for part in parts[1:3]] == ["red big", "blue small"]

    @pytest.mark.parametrize(
        ("before", "after"),
        [("a " * 10_000, "b " * 10_000), ("ab" * 10_000, "ba" * 10_000), ("." * 20_000, "," * 20_000)],
    )
    def test_hostile_texts_of_full_length(self, before: str, after: str) -> None:
        # With difflib, which is quadratic to cubic here, this test would not end.
        assert sides(text_diff(before, after)) == (before, after)


class TestLists:
    @given(st.lists(WORDS, max_size=8), st.lists(WORDS, max_size=8))
    def test_the_items_are_both_lists(self, before: list[str], after: list[str]) -> None:
        items = list_diff(before, after)
        assert sorted(item.before for item in items if item.before is not None) == list(range(len(before)))
        assert sorted(item.after for item in items if item.after is not None) == list(range(len(after)))
        for item in items:
            old, new = sides(item.parts)
            assert item.before is None or before[int(item.before)] == old
            assert item.after is None or after[int(item.after)] == new

    def test_an_item_added_in_front_leaves_the_others_alone(self) -> None:
        items = list_diff(["one thing", "another"], ["new", "one thing", "another"])
        assert [(item.op, item.before, item.after) for item in items] == [
            ("insert", None, 0), ("equal", 0, 1), ("equal", 1, 2),
        ]  # fmt: skip

    def test_a_changed_item_is_told_from_a_new_one(self) -> None:
        items = list_diff(["Height: 8 cm", "Blue"], ["Height: 9 cm", "Dishwasher-safe for years"])
        assert [(item.op, item.before, item.after) for item in items] == [
            ("change", 0, 0), ("delete", 1, None), ("insert", None, 1),
        ]  # fmt: skip


class TestContents:
    def test_alternative_texts_are_compared_by_photo(self) -> None:
        before = {**empty_content("en", "x"), "alt_texts": {"a": "A mug", "b": "gone"}}
        after = {**empty_content("en", "x"), "alt_texts": {"a": "A red mug", "c": "come"}}
        (alt_texts,) = [field for field in content_diff(before, after) if field.field == "alt_texts"]
        assert {(item.op, item.before, item.after) for item in alt_texts.items} == {
            ("change", "a", "a"), ("delete", "b", None), ("insert", None, "c"),
        }  # fmt: skip


class TestRoute:
    async def test_what_a_person_changed(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        first = await written_listing(api, stubs)
        second = await edit(api, first, title="Enamel mug, blue", bullets=["Height: 8 cm", "Enamelled steel"])
        answer = (await api.get(path(second, "diff"), params={"against": first["id"]})).json()
        assert (answer["before"]["version"], answer["after"]["version"]) == (1, 2)
        assert (answer["before"]["author_kind"], answer["after"]["author_kind"]) == ("ai", "human")
        assert {field["field"] for field in answer["fields"] if field["changed"]} == {"title", "bullets"}
        backwards = (await api.get(path(first, "diff"), params={"against": second["id"]})).json()
        (title,) = [field for field in backwards["fields"] if field["field"] == "title"]
        assert title["parts"] == [{"op": "equal", "text": "Enamel mug"}, {"op": "delete", "text": ", blue"}]

    async def test_only_versions_of_this_product(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        first = await written_listing(api, stubs)
        other = await written_listing(api, stubs, sku="MUG-2")
        answer = await api.get(path(first, "diff"), params={"against": other["id"]})
        assert_problem(answer, 404, "listing-not-found")
        assert_problem(await api.get(path(first, "diff")), 422, "invalid-request")
