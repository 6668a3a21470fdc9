"""Which version is worked on, which is live, which waits: as pure data."""

import uuid
from dataclasses import dataclass, field

import pytest

from app.listings.standing import review_status, standing_of, standings


@dataclass
class Version:
    version: int
    status: str
    author_kind: str = "ai"
    restored_from: uuid.UUID | None = None
    language: str = "en"
    id: uuid.UUID = field(default_factory=uuid.uuid4)


def versions(text: str) -> list[Version]:
    """`ai approved, human needs_review`: from the oldest to the newest."""
    found = []
    for number, each in enumerate(filter(None, text.split(", ")), 1):
        kind, status = each.split()
        restored = uuid.uuid4() if kind == "restored" else None
        found.append(Version(number, status, "ai" if restored else kind, restored))
    return found


class TestStanding:
    @pytest.mark.parametrize(
        ("given", "current", "live", "proposals"),
        [
            ("", None, None, []),
            ("ai needs_review", 1, None, []),
            ("ai superseded, ai needs_review", 2, None, []),
            ("ai approved, ai needs_review", 2, 1, []),
            ("human needs_review, ai needs_review", 1, None, [2]),
            ("human approved, ai needs_review", 1, 1, [2]),
            ("import approved, ai needs_review", 1, 1, [2]),
            ("restored needs_review, ai needs_review", 1, None, [2]),
            ("human superseded, ai approved", 2, 2, []),
            ("human rejected, ai needs_review", 2, None, []),
            ("human approved, ai rejected", 1, 1, []),
            ("ai approved, ai rejected", 1, 1, []),
            ("ai superseded, ai rejected", 2, None, []),
            ("ai superseded", None, None, []),
            ("human approved, human needs_review", 2, 1, []),
            ("ai needs_review, human needs_review, ai superseded", 2, None, [1]),
        ],
    )
    def test_of_one_language(self, given: str, current: int | None, live: int | None, proposals: list[int]) -> None:
        rows = versions(given)
        numbers = {row.id: row.version for row in rows}
        standing = standing_of(rows)
        assert (standing.current.version if standing.current else None) == current
        assert (standing.live.version if standing.live else None) == live
        assert [numbers[each] for each in standing.proposals] == proposals

    @pytest.mark.parametrize(
        ("english", "spanish", "expected"),
        [
            ("ai approved", "ai approved", "approved"),
            ("ai approved", "ai needs_review", "needs_review"),
            ("ai approved", "", "needs_review"),
            ("human approved, ai needs_review", "ai approved", "approved"),
            ("ai approved, ai needs_review", "ai approved", "needs_review"),
        ],
    )
    def test_of_a_product(self, english: str, spanish: str, expected: str) -> None:
        rows = versions(english) + [Version(**{**vars(row), "language": "es"}) for row in versions(spanish)]
        assert review_status(["en", "es"], standings(rows)) == expected
