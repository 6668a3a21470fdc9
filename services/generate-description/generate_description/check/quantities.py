"""Numbers and units in running text, made comparable through pint."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from generate_description.check.unit_names import CUSTOM_UNITS, NUMBER_WORDS, UNIT_NAMES

if TYPE_CHECKING:
    import pint

NUMBER = r"(?:\d+\s+\d+/\d+|\d+/\d+|\d{1,3}(?:[.,\s']\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)?|[.,]\d+)"
UNIT = "|".join(re.escape(name) for name in sorted(UNIT_NAMES, key=len, reverse=True))
UNIT_AFTER = rf"(?:[\s\-]?(?P<unit>{UNIT})(?![^\W_]))"
CURRENCY = r"(?P<currency>[€$£¥])\s?"
TIMES = r"\s?[x×*]\s?"
RANGE = r"\s?(?:-|to|a|hasta|bis)\s?"
QUANTITY = re.compile(
    rf"(?<![\w.,])(?:{CURRENCY})?(?P<sign>[-+±](?=\d))?(?P<numbers>{NUMBER}"
    rf"(?:(?:{TIMES}|{RANGE}|\s?(?:{UNIT}){TIMES}){NUMBER}){{0,3}}){UNIT_AFTER}?(?![\w])",
    re.IGNORECASE,
)
IDENTIFIER = re.compile(r"(?<![\w])(?=[\w./-]*\d)(?=[\w./-]*[^\W\d_])[^\W_][\w]*(?:[-/.][\w]+)*(?![\w])")
COUNT_WORD = re.compile(rf"\b(?:{'|'.join(sorted(NUMBER_WORDS, key=len, reverse=True))})\b", re.IGNORECASE)
SINGLE_DIGIT_GENERATION = re.compile(r"^[1-6]G$")
IN_IS_A_WORD = re.compile(
    r"\s+(?!(?:wide|width|long|length|tall|high|height|deep|depth|thick|diameter|x|and|or|by)\b)\w"
)
THOUSANDS = re.compile(r"^\d{1,3}(?:[.,\s']\d{3})+$")

UNROUNDED = 1e-6
CONVERTED = 0.016  # imperial and metric figures on labels are rounded to two digits or so


@dataclass(frozen=True, slots=True)
class Quantity:
    """`values` are the possible readings (1.500 may be 1.5 or 1500); `unit` is a key of UNIT_NAMES' values, or None."""

    values: tuple[float, ...]
    unit: str | None
    start: int
    end: int
    text: str
    dimension: bool = False
    total: bool = False
    """The product of `2 x 500 ml`: whoever gives it gives the two factors as well."""

    @property
    def kind(self) -> str | None:
        return None if self.unit is None else unit_scale(self.unit)[0]


@cache
def registry() -> "pint.UnitRegistry[float]":
    import pint  # a third of a second and 20 MB: only for those who compare units

    return pint.UnitRegistry(autoconvert_offset_to_baseunit=True)


@lru_cache(maxsize=512)
def unit_scale(unit: str) -> tuple[str, float, float]:
    """The dimension of a unit, and the factor and offset to that dimension's base unit."""
    if unit in CUSTOM_UNITS:
        return unit, 1.0, 0.0
    units = registry()
    zero = units.Quantity(0.0, unit).to_base_units()
    one = units.Quantity(1.0, unit).to_base_units()
    return str(one.dimensionality), float(one.magnitude - zero.magnitude), float(zero.magnitude)


@lru_cache(maxsize=8192)
def same_amount(first: float, first_unit: str | None, second: float, second_unit: str | None) -> bool:
    if first_unit == second_unit:
        return close(first, second, UNROUNDED)
    if first_unit is None or second_unit is None:
        return False
    kinds = unit_scale(first_unit), unit_scale(second_unit)
    if kinds[0][0] != kinds[1][0]:
        # An ounce may be of weight or of volume.
        pair = {first_unit, second_unit}
        return "ounce" in pair and same_amount(
            first,
            "fluid_ounce" if first_unit == "ounce" else first_unit,
            second,
            "fluid_ounce" if second_unit == "ounce" else second_unit,
        )
    amount, other = (value * scale[1] + scale[2] for value, scale in zip((first, second), kinds, strict=True))
    metric = not ({first_unit, second_unit} & IMPERIAL)
    return close(amount, other, UNROUNDED if metric else CONVERTED)


IMPERIAL = frozenset(
    {"inch", "foot", "ounce", "fluid_ounce", "pound", "gallon", "quart", "yard", "degF", "psi", "mile"}
)


def close(first: float, second: float, tolerance: float) -> bool:
    return abs(first - second) <= tolerance * max(abs(first), abs(second), 1e-9)


def readings(number: str, decimal: str | None) -> tuple[float, ...]:
    """What a written number may mean. `decimal` is the decimal sign of the text's language, where it is known."""
    number = number.strip()
    if "/" in number:
        whole, _, fraction = number.rpartition(" ") if " " in number else ("0", "", number)
        above, below = fraction.split("/")
        return (float(whole) + float(above) / float(below),) if float(below) else ()
    plain = re.sub(r"[\s']", "", number)
    if "." in plain and "," in plain:
        last = max(plain.rfind("."), plain.rfind(","))
        return (float(re.sub(r"[.,]", "", plain[:last]) + "." + plain[last + 1 :]),)
    separators = re.findall(r"[.,]", plain)
    if not separators:
        return (float(plain),)
    if len(separators) > 1:
        return (float(re.sub(r"[.,]", "", plain)),)
    as_decimal = float(plain.replace(",", "."))
    if not THOUSANDS.match(number) or number.startswith("0"):
        return (as_decimal,)
    as_thousands = float(re.sub(r"[.,]", "", plain))
    if decimal is None:
        return (as_decimal, as_thousands)
    return (as_decimal,) if separators[0] == decimal else (as_thousands,)


def find_quantities(text: str, decimal: str | None = None) -> list[Quantity]:
    found: list[Quantity] = []
    for match in QUANTITY.finditer(text):
        found += quantities_of(match, decimal)
    for match in COUNT_WORD.finditer(text):
        value = NUMBER_WORDS[match[0].casefold()]
        unit = re.match(rf"[\s\-](?P<unit>{UNIT})(?![^\W_])", text[match.end() :], re.IGNORECASE)
        name = unit_named(unit["unit"]) if unit else None
        end = match.end() + (unit.end() if unit else 0)
        found.append(Quantity((value,), name, match.start(), end, text[match.start() : end]))
    return sorted(found, key=lambda quantity: quantity.start)


def quantities_of(match: re.Match[str], decimal: str | None) -> list[Quantity]:
    numbers = list(re.finditer(NUMBER, match["numbers"]))
    unit = unit_named(match["unit"]) if match["unit"] else None
    if match["unit"] and SINGLE_DIGIT_GENERATION.match(match[0]):
        unit = None
    if match["unit"] and match["unit"].casefold() == "in" and IN_IS_A_WORD.match(match.string, match.end()):
        unit = None
    if match["currency"]:
        unit = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}[match["currency"]]
    sign = -1.0 if match["sign"] == "-" else 1.0
    by_times = bool(re.search(r"[x×*]", match["numbers"], re.IGNORECASE)) and len(numbers) > 1
    kind = unit_scale(unit)[0] if unit else None
    dimensions = by_times and kind in {"[length]", None}
    found = []
    for position, number in enumerate(numbers):
        values = tuple(sign * value for value in readings(number[0], decimal))
        own = unit if not by_times or dimensions or position == len(numbers) - 1 else None
        found.append(Quantity(values, own, match.start(), match.end(), match[0], dimension=dimensions))
    if by_times and not dimensions and len(numbers) == 2 and unit:
        # 2 x 500 ml is a litre too.
        total = tuple(a * b for a in found[0].values for b in found[1].values)
        found.append(Quantity(total, unit, match.start(), match.end(), match[0], total=True))
    return [quantity for quantity in found if quantity.values]


def unit_named(name: str) -> str:
    return UNIT_NAMES.get(name) or UNIT_NAMES[name.casefold()]
