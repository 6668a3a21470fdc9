"""What a value says as a measure, beyond one number with one unit: ranges, limits, packs, fractions, sizes by side.

`10-12 years` and `11 years` are both right of one product, so that a measure has a *shape*: only measures of one shape
can contradict each other.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from app.facts.quantities import COUNT, NUMBER, UNIT, Quantity, readings, scale_of

LENGTH = "[length]"
# Longer texts are sentences, whatever numbers they hold.
MAX_LENGTH = 80
MAX_SIDES = 4

FRACTION = r"(?:\d+[\s-]+)?\d+\s?/\s?(?:2|3|4|8|16|32|64)"
AMOUNT = rf"(?:{FRACTION}|[-−]?{NUMBER})"
ABOUT = re.compile(
    r"(?:ca\.?|circa|approx\.?|approximately|about|aprox\.?|aproximadamente|etwa|rund|ungefähr|[~≈±])\s*"
)
AT_LEAST = re.compile(
    r"(?:from|ab|desde|a partir de(?: los)?|min\.?|mind\.?|mindestens|minimum|m[ií]nimo|at least|al menos|over|über|"
    r"≥|>=?)\s*"
)
AT_MOST = re.compile(
    r"(?:up to|bis(?: zu)?|hasta|max\.?|m[aá]x\.?|maximal|maximum|m[aá]ximo|at most|under|unter|menos de|≤|<=?)"
    r"\s*"
)
AND_UP = re.compile(r"\s*(?:\+|and (?:up|over|older)|or more|und (?:älter|mehr)|y m[aá]s|en adelante|mind\.?|min\.?)$")
AND_DOWN = re.compile(r"\s*(?:max\.?|m[aá]x\.?|maximal|maximum|m[aá]ximo)$")
PLUS_BEFORE_UNIT = re.compile(rf"({NUMBER})\s?\+\s*({UNIT})")
RANGE = re.compile(
    rf"(?:from|von|de|desde|between|zwischen|entre)?\s*({AMOUNT})\s*({UNIT})?\s*"
    rf"(?:-|–|—|~|\bto\b|\bbis\b|\ba\b|\bhasta\b|\band\b|\bund\b|\by\b)\s*({AMOUNT})\s*({UNIT})?"
)
SIDE = re.compile(
    rf"(?:(?:[lwhdbt]|ø|length|width|height|depth|largo|ancho|alto|länge|breite|höhe|tiefe)[:.]?\s*)?"
    rf"({AMOUNT})\s*({UNIT})?\s*(?:\(?[lwhdbt]\)?)?"
)
TWO_NOTATIONS = re.compile(r"([^()/|]+?)\s*[(/|]\s*([^()/|]+?)\s*\)?")
BRACKETS_BEFORE = re.compile(r"^\([lwhdbtø x×*]+\)\s*|^[lwhdbt](?:\s?[x×]\s?[lwhdbt])+[:.]?\s+")


@dataclass(frozen=True, slots=True)
class Measure:
    """`readings` are what it may mean, the likeliest first; all have one shape."""

    shape: str
    readings: tuple[Quantity, ...]

    @property
    def aspect(self) -> str:
        """Only measures of one aspect are comparable: neither grams with millilitres, nor two sides with three."""
        first = self.readings[0]
        return f"{self.shape}:{first.dimension}:{len(first.magnitudes)}"

    def agrees_with(self, other: "Measure") -> bool:
        if self.shape != other.shape:
            return False
        return any(mine.agrees_with(theirs) for mine in self.readings for theirs in other.readings)


def tidy(text: str) -> str:
    """One way of writing for signs that look alike; `½` becomes `1/2`."""
    signs = text.strip().replace("º", "°").replace("″", '"').replace("”", '"').replace("''", '"')
    spaced = re.sub(r"(?<=\d)(?=[½⅓⅔¼¾⅛⅜⅝⅞])", " ", signs)
    return " ".join(unicodedata.normalize("NFKC", spaced).replace("⁄", "/").split())


def single(amount: str, unit: str | None) -> list[Quantity]:
    """One number and its unit, in all its readings."""
    if "/" not in amount:
        return readings(f"{amount} {unit}" if unit else amount)
    whole, numerator, denominator = re.fullmatch(r"(?:(\d+)[\s-]+)?(\d+)\s?/\s?(\d+)", amount).groups()  # type: ignore[union-attr]
    scale = scale_of(unit) if unit else None
    # A fraction without a unit is a name of something: steel 18/10, a scale of 1/8.
    if scale is None or int(numerator) >= int(denominator):
        return []
    return [scale.quantity(int(whole or 0) + int(numerator) / int(denominator))]


def one_amount(text: str) -> list[Quantity]:
    match = re.fullmatch(rf"({AMOUNT})\s*({UNIT})?", text)
    return single(match[1], match[2]) if match else []


def bounds(text: str) -> Measure | None:
    """`10-12 years`, `-5 °C to 40 °C`, `3+`, `up to 10 h`"""
    span = RANGE.fullmatch(text)
    if span and (span[2] is None or span[4] is not None):
        low, high = single(span[1], span[2] or span[4]), single(span[3], span[4])
        if low and high and low[0].dimension == high[0].dimension and low[0].magnitudes <= high[0].magnitudes:
            return Measure("range", (Quantity(high[0].magnitudes + low[0].magnitudes, low[0].dimension),))
        return None
    plus = PLUS_BEFORE_UNIT.fullmatch(text)
    if plus:
        text = f"≥{plus[1]} {plus[2]}"
    for shape, before, after in (("min", AT_LEAST, AND_UP), ("max", AT_MOST, AND_DOWN)):
        rest = after.sub("", before.sub("", text, count=1) if before.match(text) else text)
        found = one_amount(rest) if rest != text else []
        if found:
            return Measure(shape, tuple(found))
    return None


def sides_or_pack(text: str) -> Measure | None:
    """`30 x 20 x 10 cm`, `30 cm (L) x 20 cm (W)`; and `12 x 33 cl`, which is twelve of them."""
    parts = re.split(r"\s*[x×*]\s*", BRACKETS_BEFORE.sub("", text))
    if not 2 <= len(parts) <= MAX_SIDES:
        return None
    matches = [SIDE.fullmatch(part) for part in parts]
    units = [match[2] for match in matches if match and match[2]]
    scale = scale_of(units[-1]) if units else None
    if scale is None or any(match is None for match in matches):
        return None
    found = [match for match in matches if match is not None]
    if scale.dimension == LENGTH:
        sides = [single(match[1], match[2] or units[-1]) for match in found]
        if not all(sides) or any(side[0].dimension != LENGTH for side in sides):
            return None
        sizes = sorted((side[0].magnitudes[0] for side in sides), reverse=True)
        return Measure("sides", (Quantity(tuple(sizes), LENGTH),))
    return pack(found) if len(found) == 2 else None


def pack(parts: list[re.Match[str]]) -> Measure | None:
    counts = [match for match in parts if scale_of(match[2] or "pc") == COUNT]
    contents = [match for match in parts if scale_of(match[2] or "pc") != COUNT]
    if len(counts) != 1:
        return None
    count, content = single(counts[0][1], None), single(contents[0][1], contents[0][2])
    if not count or not content:
        return None
    return Measure("pack", (Quantity((*content[0].magnitudes, *count[0].magnitudes), content[0].dimension),))


@lru_cache(maxsize=20_000)
def measure(text: str) -> Measure | None:
    """The value as one measure, or None when it is anything else."""
    if len(text) > MAX_LENGTH or not any(character.isnumeric() for character in text):
        return None
    value = tidy(text)
    small = value.casefold() if not value.isascii() else value.lower()
    small = ABOUT.sub("", small, count=1) if ABOUT.match(small) else small
    small = small.removeprefix("ø").strip()
    amount = one_amount(small)
    if amount:
        return Measure("one", tuple(amount))
    found = bounds(small) or sides_or_pack(small)
    if found is not None:
        return found
    return two_notations(small)


def two_notations(text: str) -> Measure | None:
    """`330 ml (11.2 fl oz)`: one measure, if both say the same."""
    both = TWO_NOTATIONS.fullmatch(text)
    if both is None:
        return None
    first, second = one_amount(both[1].strip()), one_amount(both[2].strip())
    same_kind = [each for each in second if first and each.dimension and each.dimension == first[0].dimension]
    for each in same_kind:
        mine, theirs = first[0].magnitudes[0], each.magnitudes[0]
        if abs(mine - theirs) <= 0.03 * max(abs(mine), abs(theirs)):
            return Measure("one", tuple(first))
    return None
