"""All facts of a product, indexed by word, concept, number and identifier."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from generate_description.check.families import COUNT_WORDS, families_of, parts_of, subjects_of
from generate_description.check.quantities import Quantity
from generate_description.check.suspicion import looks_like_instructions
from generate_description.check.tokens import Reading, Token, read
from generate_description.check.vocabulary import Occurrence, concepts
from generate_description.check.words import fold, normalise
from shared.models.facts import Fact
from shared.models.generate import ProductContext

MAX_EVIDENCE_CHARACTERS = 400_000
ATOMIC_WORDS = 14
YES = frozenset({"yes", "true", "y", "si", "sí", "✓", "✔", "1 (yes)"})
NO = frozenset({"no", "false", "none", "n", "ninguno", "ninguna", "✗", "free", "without", "sin", "libre", "absent"})
UNKNOWN = frozenset({"unknown", "n/a", "na", "-", "--", "not specified", "desconocido", "null", "tbd", "?"})
COLOUR_NAME = re.compile(r"\bcolou?r(?:e?s)?\b")
TEXT_NAMES = frozenset({"pack_text", "pack text", "description", "descripcion", "text", "texto", "visible_text"})
LINE = re.compile(r"(?<=[.!?])\s+|\n+|[;•|]")
UNIT_IN_NAME = re.compile(r"[(\[]\s*([^)\]]{1,12})\s*[)\]]")
PURE_NUMBER = re.compile(r"^[\s\d.,/x×*±+-]+$")


@dataclass(slots=True, eq=False)
class Unit:
    """What is taken as one statement: a short fact, or one sentence of a long one."""

    fact_id: str | None
    name: Reading
    value: Reading
    atomic: bool
    occurrences: list[Occurrence] = field(default_factory=list)
    families: frozenset[str] = frozenset()
    parts: frozenset[int] = frozenset()
    forms: frozenset[str] = frozenset()
    concepts: frozenset[int] = frozenset()
    verbatim: str = ""
    counts: bool = False
    order: int = 0
    about: frozenset[int] = frozenset()
    """The parts of the product that it speaks of: `battery` of "Battery weight", but not of "Weight with battery"."""
    rank: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Which of several that say the same is cited: the smallest."""

    @property
    def quantities(self) -> list[Quantity]:
        return self.name.quantities + self.value.quantities


def is_only_seen(fact: Fact) -> bool:
    """A colour that was seen in a photo and read nowhere: it may be that of the label, the box or the table."""
    seen = fact.source.kind == "image" and fact.source.quote is None
    return seen and bool(COLOUR_NAME.search(fold(fact.name).replace("_", " ")))


def stated(fact: Fact) -> str:
    """The value with its unit, wherever that is written."""
    value = normalise(fact.value)
    unit = fact.unit
    if unit is None and PURE_NUMBER.match(value):
        named = UNIT_IN_NAME.search(normalise(fact.name))
        unit = named[1] if named else None
    if unit and not value.casefold().rstrip().endswith(unit.casefold()):
        return f"{value} {unit}"
    return value


def polarity(tokens: list[Token], first: int, last: int) -> bool:
    """True unless something outside of the stretch negates it."""
    return all(token.negator is None or first <= token.negator <= last for token in tokens[first : last + 1])


class Evidence:
    """`product` is what the merchant calls the thing: it supports names, without a fact id of its own."""

    def __init__(self, facts: Iterable[Fact], product: ProductContext | None = None) -> None:
        self.units: list[Unit] = []
        self.words: dict[tuple[str, bool], list[Unit]] = defaultdict(list)
        self.by_concept: dict[tuple[int, bool], list[Unit]] = defaultdict(list)
        self.identifiers: dict[str, list[Unit]] = defaultdict(list)
        self.with_quantities: list[Unit] = []
        self.product_words: frozenset[str] = frozenset()
        self.names: set[str] = {squash(product.name)} if product is not None else set()
        """What the product is called as a whole; a single word may only point at it."""
        self.product_concepts: frozenset[int] = frozenset()
        self.ignored: list[str] = []
        self.truncated = False
        left = MAX_EVIDENCE_CHARACTERS
        for fact in facts:
            left -= len(fact.value) + len(fact.name)
            if left < 0:
                self.truncated = True
                break
            if looks_like_instructions(fact.value) or looks_like_instructions(fact.name):
                self.ignored.append(fact.id)
            elif fact.value.strip().casefold() not in UNKNOWN:
                self.add_fact(fact)
        if product is not None:
            self.add_product(product)

    def add_fact(self, fact: Fact) -> None:
        name = read(fact.name.replace("_", " "))
        value = stated(fact)
        is_text = fold(fact.name).replace("_", " ") in TEXT_NAMES or len(value.split()) > ATOMIC_WORDS
        boolean = value.strip().casefold().strip(".")
        if boolean in YES or boolean in NO:
            unit = Unit(fact.id, name, Reading("", [], []), atomic=True, rank=rank(fact, "", TYPED))
            self.add(unit, flip=boolean in NO)
            return
        if not is_text:
            kind = rank_of_name(fold(fact.name).replace("_", " "))
            if kind == NAME:
                self.names.add(squash(fact.value))
            unit = Unit(fact.id, name, read(value), atomic=True, verbatim=squash(fact.value))
            unit.rank = rank(fact, value, kind)
            quote = fact.source.quote or ""
            unit.about = subjects_of(name) | (subjects_of(read(quote)) if is_short(quote) else frozenset())
            self.add(unit)
            return
        for line in LINE.split(value):
            if line.strip() and not looks_like_instructions(line):
                reading = read(line)
                short = len(reading.tokens) <= 5
                unit = Unit(fact.id, Reading("", [], []), reading, atomic=short, verbatim=squash(line))
                unit.about, unit.rank = subjects_of(reading), rank(fact, line, TEXT)
                self.add(unit)

    def add_product(self, product: ProductContext) -> None:
        named = {"name": product.name, "brand": product.brand, "category": product.category}
        words: set[str] = set()
        for name, value in named.items():
            if value:
                reading = read(value)
                words |= {form for token in reading.tokens for form in token.forms}
                self.add(Unit(None, read(name), reading, atomic=True, verbatim=squash(value)))
        for name, value in product.attributes.items():
            if value.strip() and not looks_like_instructions(value):
                self.add(Unit(None, read(name), read(value), atomic=True, verbatim=squash(value)))
        self.product_words = frozenset(words)
        named_by_product = [unit for unit in self.units if unit.fact_id is None and unit.families == frozenset()]
        self.product_concepts = frozenset(concept for unit in named_by_product for concept in unit.concepts)

    def add_text(self, text: str) -> None:
        """Text that supports without being a fact: what an image shows, for its own alternative text."""
        if text.strip() and not looks_like_instructions(text):
            self.add(Unit(None, Reading("", [], []), read(text), atomic=True, verbatim=squash(text)))

    def add(self, unit: Unit, *, flip: bool = False) -> None:
        unit.order = len(self.units)
        self.units.append(unit)
        known = concepts()
        all_forms: set[str] = set()
        all_concepts: set[int] = set()
        for reading in (unit.name, unit.value):
            for token in reading.tokens:
                positive = (token.negator is None) != flip
                for form in token.forms:
                    self.words[form, positive].append(unit)
                all_forms |= token.forms
            occurrences = known.find(reading.tokens)
            unit.occurrences += occurrences
            for found in occurrences:
                positive = polarity(reading.tokens, found.first, found.last) != flip
                implied = known.implied[found.concept] if positive else frozenset()
                for concept in {found.concept, *implied}:
                    self.by_concept[concept, positive].append(unit)
                    all_concepts.add(concept)
            for identifier, _, _ in reading.identifiers:
                self.identifiers[identifier].append(unit)
        named = unit.name.tokens or unit.value.tokens
        unit.families = frozenset(family for token in named for family in families_of(token))
        unit.parts = parts_of(unit.occurrences)
        unit.forms, unit.concepts = frozenset(all_forms), frozenset(all_concepts)
        unit.counts = any(token.forms & COUNT_WORDS for token in unit.name.tokens)
        if unit.quantities:
            self.with_quantities.append(unit)


TYPED, NAME, CATEGORY, TEXT = range(4)
SOURCE_RANK = {"merchant": 0, "web": 1, "image": 2}


def rank_of_name(name: str) -> int:
    if name in {"name", "product name", "title", "nombre", "titulo"}:
        return NAME
    return CATEGORY if name in {"category", "categories", "categoria", "product type", "type", "tipo"} else TYPED


def rank(fact: Fact, text: str, kind: int) -> tuple[int, int, int, int]:
    """A typed fact before a line that repeats it; the merchant before the page before the photo; the short one."""
    return kind, SOURCE_RANK[fact.source.kind], len(text.split()), len(fact.name)


def is_short(text: str) -> bool:
    return 0 < len(text.split()) <= ATOMIC_WORDS


def squash(text: str) -> str:
    return " ".join(normalise(text).casefold().split())
