"""Which of a text's versions is the one to work on, which is live, and which wait beside it. Pure functions."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

OPEN = frozenset({"needs_review", "approved"})

ReviewStatus = Literal["needs_review", "approved"]


class Head(Protocol):
    """What of a version decides."""

    id: uuid.UUID
    language: str
    version: int
    status: str
    author_kind: str
    restored_from: uuid.UUID | None


@dataclass(slots=True)
class Standing:
    """Of the versions in one language."""

    current: Head | None = None
    live: Head | None = None
    newest: Head | None = None
    proposals: list[uuid.UUID] = field(default_factory=list)


def is_by_engine(head: Head) -> bool:
    """Nobody has laid hands on it: a version that a person restored is that person's choice."""
    return head.author_kind == "ai" and head.restored_from is None


def standing_of(heads: Iterable[Head]) -> Standing:
    """The newest version that a person wrote or chose and did not give up, else the newest at all.

    An engine's text never takes the place of a person's: it waits as a proposal.
    """
    ordered = sorted(heads, key=lambda head: head.version, reverse=True)
    standing = Standing(newest=ordered[0] if ordered else None)
    standing.live = next((head for head in ordered if head.status == "approved"), None)
    alive = [head for head in ordered if head.status in OPEN]
    rejected = [head for head in ordered if head.status == "rejected"]
    personal = [head for head in alive if not is_by_engine(head)]
    standing.current = next(iter([*personal, *alive, *rejected]), None)
    standing.proposals = [
        head.id
        for head in alive
        if head is not standing.current and head.status == "needs_review" and is_by_engine(head)
    ]
    return standing


def standings(heads: Iterable[Head]) -> dict[str, Standing]:
    """By language."""
    by_language: dict[str, list[Head]] = {}
    for head in heads:
        by_language.setdefault(head.language, []).append(head)
    return {language: standing_of(each) for language, each in by_language.items()}


def review_status(languages: Sequence[str], by_language: dict[str, Standing]) -> ReviewStatus:
    """A product is approved when the current text of each of its languages is."""
    for language in languages:
        standing = by_language.get(language)
        if standing is None or standing.current is None or standing.current.status != "approved":
            return "needs_review"
    return "approved"
