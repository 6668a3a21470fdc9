"""The words that the check knows: concepts of two languages, and what asserts nothing. Read once from `data/`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from generate_description.check.tokens import Token, tokenise
from generate_description.check.words import fold, forms

_SUPERLATIVES = """
best perfect ultimate unbeatable unmatched unrivalled unrivaled unique exclusive premium superior supreme luxury
luxurious revolutionary incredible amazing extraordinary exceptional outstanding finest greatest leading top-rated
flawless magical miracle must-have most always forever never-ending eternal lifetime guaranteed guarantee proven
mejor mejores perfecto perfecta insuperable inigualable incomparable único única exclusivo exclusiva supremo lujo lujoso
revolucionario increíble extraordinario excepcional más máximo máxima líder siempre eterno eterna garantizado
garantizada garantía probado impecable
"""
_CERTIFICATES = """
certified certification certificate approved tested fda ce rohs gots oeko tex oekotex iso ecocert fsc usda tuv ul
certificado certificada certificación aprobado aprobada homologado homologada testado testada
"""
SUPERLATIVES = frozenset(fold(word) for word in _SUPERLATIVES.split())
CERTIFICATES = frozenset(fold(word) for word in _CERTIFICATES.split())


@dataclass(frozen=True, slots=True)
class Phrase:
    words: tuple[frozenset[str], ...]
    concept: int


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing, in English and Spanish. The first word of each is the one to write."""

    section: str
    english: tuple[str, ...]
    spanish: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A concept at the tokens `first` to `last`, both included."""

    concept: int
    first: int
    last: int


class Concepts:
    def __init__(self, lines: Sequence[str]) -> None:
        self.concepts: list[Concept] = []
        self.phrases: dict[str, list[Phrase]] = {}
        implied: list[list[str]] = []
        section = ""
        for line in lines:
            if line.startswith("["):
                section = line.strip("[]")
                continue
            words, _, implies = line.partition(">")
            english, _, spanish = words.partition("|")
            concept = Concept(section, split(english), split(spanish))
            number = len(self.concepts)
            self.concepts.append(concept)
            implied.append(list(split(implies)))
            for phrase in (*concept.english, *concept.spanish):
                self.add(phrase, number)
        self.implied: list[frozenset[int]] = [self.closure(names) for names in implied]

    def add(self, phrase: str, concept: int) -> None:
        tokens = tokenise(phrase)
        if not tokens:
            return
        words = tuple(token.forms for token in tokens)
        if len(tokens) == 1:
            # The beech is "haya", which is a form of "haber" too; "has" names no wood.
            plain = neutral_words("en") | neutral_words("es")
            words = (words[0] - (plain - {tokens[0].folded}),)
        entry = Phrase(words, concept)
        for form in words[0]:
            known = self.phrases.setdefault(form, [])
            if entry not in known:
                known.append(entry)

    def closure(self, names: list[str]) -> frozenset[int]:
        return frozenset(
            number for number, concept in enumerate(self.concepts) if any(name in concept.english for name in names)
        )

    def find(self, tokens: Sequence[Token]) -> list[Occurrence]:
        found = []
        for start, token in enumerate(tokens):
            seen: set[tuple[int, int]] = set()
            for form in token.forms:
                for phrase in self.phrases.get(form, ()):
                    last = start + len(phrase.words) - 1
                    if last >= len(tokens) or (phrase.concept, last) in seen:
                        continue
                    if all(tokens[start + offset].forms & word for offset, word in enumerate(phrase.words)):
                        seen.add((phrase.concept, last))
                        found.append(Occurrence(phrase.concept, start, last))
        return found

    def section(self, concept: int) -> str:
        return self.concepts[concept].section


def split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def data_lines(name: str) -> list[str]:
    text = (files("generate_description.check") / "data" / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


@cache
def concepts() -> Concepts:
    return Concepts(data_lines("concepts.txt"))


@cache
def neutral_words(language: str) -> frozenset[str]:
    """Folded words and lemmas that assert nothing, of one language."""
    if language not in {"en", "es"}:
        return frozenset()
    words = [
        word for line in data_lines(f"neutral_{language}.txt") if not line.startswith("[") for word in line.split()
    ]
    return frozenset(form for word in words for form in forms(word) | {fold(word)})


LANGUAGE_PART = re.compile(r"^[a-z]+")


def base_language(language: str) -> str:
    match = LANGUAGE_PART.match(language)
    return match[0] if match else language
