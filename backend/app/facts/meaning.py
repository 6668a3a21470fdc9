"""What a value means, in the forms that are compared: as a measure, a date, a yes or no, a country, a material …

Two values *agree*, *disagree*, or have nothing to do with each other. Only values of one aspect can disagree: a
colour does not contradict another colour, nor grams millilitres, nor a European size a British one.
"""

import datetime
import itertools
import math
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from app.facts.dates import dates_of
from app.facts.measures import Measure, measure
from app.facts.names import label_unit, normalised_name, plain
from app.facts.promises import promise_of, truth
from app.facts.quantities import DEGREES_TOLERANCE, RELATIVE_TOLERANCE, TEMPERATURE, Quantity
from app.facts.vocabulary import (
    MEANING_OF,
    REGIONS,
    TREATMENTS,
    brand_key,
    color_words,
    composition,
    country_of,
    meaning_words,
    most_specific,
    with_kinds,
)

# Sentences and lines: they stand beside each other and never disagree as wholes.
TEXT_NAMES = frozenset({"pack_text", "description"})
# What differs by nature between a supplier and a shop, or has many values at once.
NEVER_IN_CONFLICT = TEXT_NAMES | {
    "name", "sku", "mpn", "model", "manufacturer", "price", "availability", "condition", "category", "color",
    "keywords", "image", "url", "rating", "reviews", "shipping", "delivery_time", "feature", "note",
}  # fmt: skip
# A plain number in these is one of several variants, or counts something else in each source.
NUMBERS_DIFFER_IN = frozenset({"size", "care"})
# Names under which sources list all kinds of things; a promise among them is held against its own field.
LISTS_OF_STATEMENTS = frozenset({"feature", "note", "care", "suitability", "properties", "property"})
ENERGY = re.compile(r"(?:class|clase|klasse)?\s*([a-g])\s?(\+{0,3})", re.IGNORECASE)
SIGNIFICANT = re.compile(r"\d+(?:[.,/:'-]\d+)*\+*|[^\W\d_]+\+*")
MINUS = re.compile(r"\s*[-−–]\s*\d")
SIZE = re.compile(
    r"(eu|eur|uk|us|usa|it|fr|de|es|jp|cm)\s*(\d+(?:[.,]\d)?)|(\d+(?:[.,]\d)?)\s*(eu|eur|uk|us|usa|it|fr|de|es|jp)"
)


def name_of(label: str, value: str) -> str:
    """The normalised name; `Features: dishwasher safe` speaks of the same as `Dishwasher safe: yes`."""
    name = normalised_name(label)
    return (promise_of(value) or name) if name in LISTS_OF_STATEMENTS else name


def value_key(value: str) -> str:
    """The text without case, accents and punctuation, but with what tells numbers and grades apart: `1-2`, `A+`."""
    if not any(character in "0123456789+-−–/" for character in value):
        return plain(value)
    sign = "-" if MINUS.match(value) else ""
    # Accents and case go by the letters; the separators in numbers stay.
    tokens = SIGNIFICANT.findall(value.casefold().replace("–", "-").replace("−", "-"))
    return sign + " ".join(token if token[0].isdigit() or token[-1] == "+" else plain(token) for token in tokens)


@dataclass(frozen=True, slots=True)
class Meaning:
    """A value in the forms that are compared; made once for each fact, since each is compared with many."""

    aspect: str | None
    key: str
    measure: Measure | None = None
    dates: frozenset[datetime.date] = frozenset()
    words: frozenset[str] = frozenset()
    shares: tuple[tuple[str, float], ...] = ()

    @classmethod
    def of(cls, name: str, value: str, unit: str | None, label: str = "") -> "Meaning":
        written = f"{value} {unit}" if unit else value
        special = cls._by_name(name, written)
        if special is not None:
            return special
        yes = truth(name, written)
        if yes is not None:
            return cls("truth", "yes" if yes else "no")
        found = measure(written)
        beside = label_unit(label) if found is not None and not unit else None
        if beside and found is not None and found.shape == "one" and not found.readings[0].dimension:
            # The label says the unit, as in "Height (cm)".
            found = measure(f"{written} {beside}") or found
        if found is not None:
            plain_number = not found.readings[0].dimension
            aspect = None if plain_number and name in NUMBERS_DIFFER_IN else found.aspect
            return cls(aspect, value_key(written), measure=found)
        days = dates_of(written)
        if days:
            return cls("date", value_key(written), dates=days)
        return cls(None, value_key(written))

    @classmethod
    def _by_name(cls, name: str, value: str) -> "Meaning | None":
        if name == "gtin":
            digits = re.sub(r"[\s-]", "", value)
            return cls("gtin", digits.lstrip("0") or "0") if digits.isdecimal() else None
        if name == "energy_class":
            grade = ENERGY.fullmatch(value.strip())
            return cls("energy", (grade[1] + grade[2]).casefold()) if grade else None
        if name == "country_of_origin":
            code = country_of(value)
            return cls("region" if code in REGIONS else "country", code) if code else None
        if name == "brand":
            brand = brand_key(value)
            return cls("brand", brand[0], words=brand[1]) if brand else cls(None, value_key(value))
        if name == "material":
            return cls._material(value)
        if name == "color":
            return cls(None, " ".join(sorted(color_words(value))) or value_key(value))
        if name == "size":
            system = SIZE.fullmatch(value.strip().casefold())
            if system:
                return cls(None, f"{system[1] or system[4]} {system[2] or system[3]}".replace(",", "."))
        return None

    @classmethod
    def _material(cls, value: str) -> "Meaning | None":
        words = meaning_words(value)
        listed = with_kinds(words)
        shares = composition(value)
        known = any(word in MEANING_OF for word in listed)
        return cls(
            "material" if known else None,
            value_key(value),
            words=listed,
            shares=tuple(sorted(shares.items())) if shares else (),
        )

    def agrees_with(self, other: "Meaning") -> bool:
        if self.aspect == other.aspect and self.key == other.key:
            return True
        if self.shares and other.shares:
            return self.shares == other.shares
        # "steel" and "enamelled steel" agree; the second only says more.
        if self.words and other.words and (self.words <= other.words or other.words <= self.words):
            return not self._is_part_of_a_mixture(other)
        if self.measure is not None and other.measure is not None:
            return self.measure.agrees_with(other.measure)
        return bool(self.dates & other.dates)

    def says_at_least(self, other: "Meaning") -> bool:
        """Whether what refutes `other` refutes this as well: no steel, then no enamelled steel."""
        if self.words and other.words and self.key != other.key and not (self.shares and other.shares):
            return other.words <= self.words
        return self.agrees_with(other)

    def disagrees_with(self, other: "Meaning") -> bool:
        if self.aspect is None or self.aspect != other.aspect or self.agrees_with(other):
            return False
        if self.aspect == "material":
            if self.shares and other.shares:
                return True
            if self._is_part_of_a_mixture(other):
                return True
            mine, theirs = self._substances, other._substances
            return not (most_specific(mine) & theirs or most_specific(theirs) & mine)
        return self.aspect != "region"

    @property
    def _substances(self) -> frozenset[str]:
        return frozenset(word for word in self.words if word in MEANING_OF) - TREATMENTS

    def _is_part_of_a_mixture(self, other: "Meaning") -> bool:
        """`100 % cotton` against `80 % cotton, 20 % polyester`."""
        return bool(self.shares and other.shares) and self.shares != other.shares


class MeaningIndex:
    """Values in the order in which they came; finds the first that agrees, without asking each of thousands."""

    def __init__(self) -> None:
        self.meanings: list[Meaning] = []
        self._by_key: dict[tuple[str | None, str], int] = {}
        self._by_magnitude: dict[tuple[str, str, tuple[int, ...]], list[int]] = defaultdict(list)
        self._by_date: dict[datetime.date, list[int]] = defaultdict(list)
        self._by_rarest_word: dict[str, list[int]] = defaultdict(list)
        self._by_word: dict[str, list[int]] = defaultdict(list)

    def add(self, meaning: Meaning) -> int:
        position = len(self.meanings)
        self.meanings.append(meaning)
        self._by_key.setdefault((meaning.aspect, meaning.key), position)
        if meaning.measure is not None:
            for reading in meaning.measure.readings:
                self._by_magnitude[(meaning.measure.shape, reading.dimension, bucket(reading))].append(position)
        for day in meaning.dates:
            self._by_date[day].append(position)
        if meaning.words:
            rarest = min(meaning.words, key=lambda word: (len(self._by_word[word]), word))
            self._by_rarest_word[rarest].append(position)
            for word in meaning.words:
                self._by_word[word].append(position)
        return position

    def first_agreeing(self, meaning: Meaning) -> int | None:
        found = self._by_key.get((meaning.aspect, meaning.key))
        for position in self._candidates(meaning):
            if (found is None or position < found) and self.meanings[position].agrees_with(meaning):
                found = position
        return found

    def _candidates(self, meaning: Meaning) -> Iterator[int]:
        if meaning.measure is not None:
            for reading in meaning.measure.readings:
                for near in neighbours(bucket(reading)):
                    yield from self._by_magnitude.get((meaning.measure.shape, reading.dimension, near), ())
        for day in meaning.dates:
            yield from self._by_date.get(day, ())
        if meaning.words:
            # What says less has its rarest word among mine; what says more has all of mine, so also my rarest.
            for word in meaning.words:
                yield from self._by_rarest_word.get(word, ())
            yield from min((self._by_word.get(word, []) for word in meaning.words), key=len)


def bucket(quantity: Quantity) -> tuple[int, ...]:
    """Cells so wide that what agrees lies in the same or in neighbouring ones."""
    if not quantity.dimension:
        return tuple(hash(size) for size in quantity.magnitudes)
    return tuple(cell(size, quantity.dimension) for size in quantity.magnitudes)


def cell(size: float, dimension: str) -> int:
    if dimension == TEMPERATURE:
        return math.floor(max(-1e15, min(1e15, size)) / DEGREES_TOLERANCE)
    if size == 0 or not math.isfinite(size):
        return 0
    steps = math.floor(math.log(abs(size)) / (2 * RELATIVE_TOLERANCE)) + 1_000_000
    return steps if size > 0 else -steps


def neighbours(cells: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    return itertools.product(*((each - 1, each, each + 1) for each in cells))
