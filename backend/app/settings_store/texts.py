"""The kinds of texts that settings are made of."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

# PostgreSQL cannot hold NUL; names and terms are one line each.
TEXT = r"^[^\x00]*$"
LINE = r"^[^\x00-\x1f\x7f]*$"

Line = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=LINE)]
OptionalLine = Annotated[str, StringConstraints(max_length=500, pattern=TEXT)]
LongText = Annotated[str, StringConstraints(max_length=4000, pattern=TEXT)]
HttpUrl = Annotated[str, StringConstraints(min_length=8, max_length=2000, pattern=r"^https?://[^\s\x00-\x1f\x7f]+$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


def fold(text: str) -> str:
    """Equal for what people take as the same word."""
    return " ".join(text.split()).casefold()


def without_repeats(values: list[str]) -> list[str]:
    first: dict[str, str] = {}
    for value in values:
        first.setdefault(fold(value), value)
    return list(first.values())


def first_repeated(values: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            return value
        seen.add(value)
    return None


Words = Annotated[list[Line], Field(max_length=500), AfterValidator(without_repeats)]
