"""Python and PostgreSQL fold texts alike: what is typed meets what is stored."""

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.catalogue.folding import fold, words_of
from app.catalogue.search import search_query
from app.migrations import upgrade_database
from backend.tests.support.databases import DatabaseServer

# Scripts of the catalogue's languages, combining marks, punctuation, symbols; characters that newer editions of
# Unicode decompose otherwise are no concern.
LETTERS = st.characters(min_codepoint=1, max_codepoint=0x30FF, exclude_categories=("Cs", "Cn", "Co"))
TEXT = st.text(LETTERS, max_size=80)
CODE = st.text(st.sampled_from("ABCxyzÄé0123456789-_/. #'\\"), min_size=1, max_size=80).map(str.strip)


@pytest.fixture(scope="module")
def connection(database_server: DatabaseServer) -> psycopg.Connection[tuple[object]]:
    url = database_server.create()
    upgrade_database(url)
    return psycopg.connect(url, autocommit=True)


class TestFolding:
    @pytest.mark.parametrize(
        ("text", "folded"),
        [
            ("Ñandú", "nandu"), ("STRASSE straße", "strasse strasse"), ("Łódź", "lodz"), ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
            ("Ёлка", "елка"), ("e\u0301", "e"), ("ﬁn", "fin"), ("Ørsted ĐÐđð", "orsted dddd"), ("İı", "ii"),
            ("x²", "x2"), ("Æsop Œuvre", "aesop oeuvre"),
        ],
    )  # fmt: skip
    def test_case_and_accents_go(self, connection: psycopg.Connection[tuple[object]], text: str, folded: str) -> None:
        assert fold(text) == folded
        assert connection.execute("SELECT search_fold(%s)", [text]).fetchone() == (folded,)

    @given(TEXT)
    @settings(max_examples=400, deadline=None)
    def test_both_sides_fold_alike(self, connection: psycopg.Connection[tuple[object]], text: str) -> None:
        row = connection.execute("SELECT search_fold(%s), search_words(%s)", [text, text]).fetchone()
        assert row is not None
        assert row[0] == fold(text)
        assert [word for word in str(row[1]).split(" ") if word] == words_of(fold(text))

    @given(TEXT, st.integers(0, 79), st.integers(1, 80))
    @settings(max_examples=300, deadline=None)
    def test_any_word_is_found_by_its_beginning(
        self, connection: psycopg.Connection[tuple[object]], text: str, which: int, length: int
    ) -> None:
        words = words_of(fold(text))
        if not words:
            return
        query = search_query(words[which % len(words)][:length])
        assert connection.execute(
            "SELECT search_document(%s, ARRAY[NULL, '']) @@ CAST(%s AS tsquery)", [text, query]
        ).fetchone() == (True,)

    @given(CODE, st.integers(0, 79), st.integers(1, 80))
    @settings(max_examples=300, deadline=None)
    def test_a_code_is_found_by_any_part(
        self, connection: psycopg.Connection[tuple[object]], code: str, start: int, length: int
    ) -> None:
        start %= max(len(code), 1)
        query = search_query(code[start : start + length])
        if query is None:
            return
        assert connection.execute(
            "SELECT search_document('', ARRAY[%s]) @@ CAST(%s AS tsquery)", [code, query]
        ).fetchone() == (True,)

    @given(st.text(max_size=200))
    @settings(max_examples=400, deadline=None)
    def test_whatever_is_typed_is_a_query(self, connection: psycopg.Connection[tuple[object]], typed: str) -> None:
        query = search_query(typed.replace("\x00", "").encode(errors="ignore").decode())
        if query is not None:
            connection.execute("SELECT CAST(%s AS tsquery)", [query])
