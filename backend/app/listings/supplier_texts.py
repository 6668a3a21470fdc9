"""Which passages of a listing repeat a supplier's page word for word. Pure, and linear in the length of the texts.

Shops and search engines want texts of their own. Words are compared without case, accents and punctuation, in runs of
six, so that no language needs rules of its own; short lines of numbers and names are nobody's prose.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SHINGLE = 6
MIN_WORDS = 8
SENTENCE_SHARE = 0.8
FIELD_SHARE = 0.5
# Of a line whose words are numbers and units to this share nobody can say who wrote it.
NUMBERS_SHARE = 0.25
MAX_WARNINGS = 50
MAX_SHOWN = 400
# Scripts that put no space between words are compared by character; two of them stand for one word.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+")
UNSPACED_CHARACTER = re.compile(f"[{UNSPACED}]")
SENTENCE = re.compile(r"[^.!?…。！？\n]+[.!?…。！？]*")
PROSE_FIELDS = ("description", "bullets", "seo_description")


@dataclass(frozen=True, slots=True)
class Word:
    start: int
    end: int
    folded: str


@dataclass(frozen=True, slots=True)
class SupplierText:
    ref: str
    snapshot_sha256: str
    text: str


def fold(word: str) -> str:
    word = word.casefold()
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFKD", word)
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def words_of(text: str) -> list[Word]:
    return [Word(match.start(), match.end(), fold(match[0])) for match in WORD.finditer(text)]


def shingles(words: Sequence[Word]) -> Iterator[int]:
    """A hash for each run of six words. Sixty-four bits: two runs are never confused in practice."""
    folded = [word.folded for word in words]
    for first in range(len(folded) - SHINGLE + 1):
        yield hash(tuple(folded[first : first + SHINGLE]))


class SupplierIndex:
    """All runs of words of the pages; what the merchant says as well is nobody else's."""

    def __init__(self, pages: Iterable[SupplierText], own_texts: Iterable[str] = ()) -> None:
        self.pages: list[SupplierText] = []
        self.page_of: dict[int, int] = {}
        own = {shingle for text in own_texts for shingle in shingles(words_of(text))}
        for number, page in enumerate(pages):
            self.pages.append(page)
            for shingle in shingles(words_of(page.text)):
                if shingle not in own:
                    self.page_of.setdefault(shingle, number)

    def covered(self, words: Sequence[Word]) -> list[int | None]:
        """For each word the page that has it in the same run of words."""
        found: list[int | None] = [None] * len(words)
        for first, shingle in enumerate(shingles(words)):
            page = self.page_of.get(shingle)
            if page is not None:
                # Only the last word is new when the run before was found as well.
                for position in range(first + SHINGLE - 1, first - 1, -1):
                    if found[position] is not None:
                        break
                    found[position] = page
        return found


def texts_to_compare(content: Mapping[str, Any]) -> Iterator[tuple[str, int | None, str]]:
    for field in PROSE_FIELDS:
        value = content[field]
        if isinstance(value, list):
            yield from ((field, index, text) for index, text in enumerate(value))
        else:
            yield field, None, value


def enough_prose(words: Sequence[Word]) -> bool:
    if not words:
        return False
    unspaced = sum(1 for word in words if UNSPACED_CHARACTER.match(word.folded))
    numbers = sum(1 for word in words if any(character.isdigit() for character in word.folded))
    return len(words) - unspaced / 2 >= MIN_WORDS and numbers / len(words) < NUMBERS_SHARE


def sentence_spans(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """First and last-but-one word of each sentence."""
    first = 0
    for match in SENTENCE.finditer(text):
        last = first
        while last < len(words) and words[last].start < match.end():
            last += 1
        yield first, last
        first = last


def repeated_passages(content: Mapping[str, Any], index: SupplierIndex) -> list[dict[str, Any]]:
    """The warnings for a listing's texts. CPU-bound: a long page takes some 100 ms."""
    if not index.page_of:
        return []
    warnings: list[dict[str, Any]] = []
    for field, position, text in texts_to_compare(content):
        words = words_of(text)
        covered = index.covered(words)
        found = [
            span
            for span in sentence_spans(text, words)
            if enough_prose(words[slice(*span)]) and share_of(covered, span) >= SENTENCE_SHARE
        ]
        whole = (0, len(words))
        if not found and enough_prose(words) and share_of(covered, whole) >= FIELD_SHARE:
            marked = [number for number, page in enumerate(covered) if page is not None]
            found = [(marked[0], marked[-1] + 1)]
        for span in found:
            warnings.append(warning(field, position, text, words, covered, span, index.pages))
            if len(warnings) == MAX_WARNINGS:
                return warnings
    return warnings


def share_of(covered: Sequence[int | None], span: tuple[int, int]) -> float:
    part = covered[slice(*span)]
    return sum(1 for page in part if page is not None) / len(part)


def warning(
    field: str,
    position: int | None,
    text: str,
    words: Sequence[Word],
    covered: Sequence[int | None],
    span: tuple[int, int],
    pages: Sequence[SupplierText],
) -> dict[str, Any]:
    start, end = words[span[0]].start, words[span[1] - 1].end
    page = pages[next(each for each in covered[slice(*span)] if each is not None)]
    return {
        "code": "repeats-supplier",
        "field": field,
        "index": position,
        "start": start,
        "end": end,
        "text": text[start:end][:MAX_SHOWN],
        "share": round(share_of(covered, span), 3),
        "source_ref": page.ref,
        "snapshot_sha256": page.snapshot_sha256,
    }
