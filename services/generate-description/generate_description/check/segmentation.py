"""Cut a field's text into claims: sentences of running text, whole items elsewhere."""

import re
from dataclasses import dataclass

SENTENCE_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s|$)|\n+")
ABBREVIATION = re.compile(
    r"(?:\b(?:approx|aprox|no|nº|núm|num|art|ref|min|max|máx|mín|incl|excl|ca|vs|etc|e\.g|i\.e|fl|oz|lb|lbs|dr|mr|mrs|st|sr|sra|p\.\s?ej|ej)|\b\w)\.$",
    re.IGNORECASE,
)
SENTENCE_FIELDS = frozenset({"description", "seo_description", "bullets", "alt_texts"})


@dataclass(frozen=True, slots=True)
class Segment:
    start: int
    end: int
    text: str


def segments(field: str, text: str) -> list[Segment]:
    if field not in SENTENCE_FIELDS:
        return trimmed(text, 0, len(text))
    found = []
    start = 0
    for match in SENTENCE_END.finditer(text):
        if is_inner(text, match):
            continue
        found += trimmed(text, start, match.end())
        start = match.end()
    return found + trimmed(text, start, len(text))


def is_inner(text: str, match: re.Match[str]) -> bool:
    """A stop that ends no sentence: an abbreviation with a small letter or a digit behind it."""
    if match[0] != ".":
        return False
    rest = text[match.end() :].lstrip()
    return (
        bool(rest) and not rest[0].isupper() and bool(ABBREVIATION.search(text[max(0, match.end() - 12) : match.end()]))
    )


def trimmed(text: str, start: int, end: int) -> list[Segment]:
    while start < end and (text[start].isspace() or text[start] in "•*·"):
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start == end or not any(character.isalnum() for character in text[start:end]):
        return []
    return [Segment(start, end, text[start:end])]
