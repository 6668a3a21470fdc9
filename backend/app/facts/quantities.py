"""Numbers with units, compared as what they mean: `1 L` is `1000 ml`, `30 x 20 cm` is `300 × 200 mm`."""

import re
from dataclasses import dataclass
from functools import lru_cache

import pint

UNIT_NAMES = {
    "ml": "milliliter", "cl": "centiliter", "dl": "deciliter", "l": "liter", "ltr": "liter", "liter": "liter",
    "litre": "liter", "litres": "liter", "liters": "liter", "litro": "liter", "litros": "liter",
    "floz": "fluid_ounce", "galon": "gallon", "gal": "gallon",
    "mg": "milligram", "g": "gram", "gr": "gram", "gramos": "gram", "grams": "gram", "kg": "kilogram",
    "kilogramos": "kilogram", "oz": "ounce", "lb": "pound", "lbs": "pound",
    "mm": "millimeter", "cm": "centimeter", "m": "meter", "in": "inch", "inch": "inch", "inches": "inch",
    '"': "inch", "″": "inch", "ft": "foot", "km": "kilometer", "pulgadas": "inch",
    "w": "watt", "kw": "kilowatt", "v": "volt", "mah": "milliampere_hour", "ah": "ampere_hour", "wh": "watt_hour",
    "kwh": "kilowatt_hour", "hz": "hertz", "khz": "kilohertz", "mhz": "megahertz", "ghz": "gigahertz",
    "rpm": "revolutions_per_minute", "nm": "newton * meter", "n·m": "newton * meter", "bar": "bar", "lm": "lumen",
    "k": "kelvin", "db": "decibel", "h": "hour", "hours": "hour", "horas": "hour", "min": "minute", "s": "second",
    "months": "month", "meses": "month", "years": "year", "años": "year", "%": "percent", "a": "ampere",
}  # fmt: skip

NUMBER = r"\d+(?:[.,' ]\d{3})*(?:[.,]\d+)?"
QUANTITY = re.compile(rf"(?<![\w.,])((?:(?<!\S)[-−])?{NUMBER})\s*([a-zA-Zñ°\"″%·]+(?:\.?\s?(?i:oz)\b\.?)?)?(?![\w])")
DIMENSIONS = re.compile(rf"({NUMBER})((?:\s*[x×*]\s*{NUMBER})+)\s*([a-zA-Z\"″]+)")
OUNCES = re.compile(rf"({NUMBER})\s*oz\.?", re.IGNORECASE)
# Two notations of one measure are rounded differently (12 oz is 355 ml); 330 and 333 are not one measure.
RELATIVE_TOLERANCE = 0.004


@dataclass(frozen=True, slots=True)
class Quantity:
    """Magnitudes in the base unit of their dimension, largest first; `dimension` is empty for plain numbers."""

    magnitudes: tuple[float, ...]
    dimension: str

    def agrees_with(self, other: "Quantity") -> bool:
        if self.dimension != other.dimension or len(self.magnitudes) != len(other.magnitudes):
            return False
        return all(
            abs(mine - theirs) <= RELATIVE_TOLERANCE * max(abs(mine), abs(theirs))
            for mine, theirs in zip(self.magnitudes, other.magnitudes, strict=True)
        )


@lru_cache(maxsize=1)
def registry() -> pint.UnitRegistry[float]:
    # Built on first use: it reads its definitions for about 0.3 s.
    return pint.UnitRegistry()


def parse_number(text: str) -> float | None:
    """`1.299,50`, `1,299.50`, `1'299`, `0,33`: the last separator is decimal unless it groups three digits."""
    digits = re.sub(r"[' ]", "", text).replace("−", "-")
    last = max(digits.rfind("."), digits.rfind(","))
    if last >= 0:
        separator, fraction = digits[last], digits[last + 1 :]
        other = "," if separator == "." else "."
        whole = digits[:last].replace(other, "")
        # "1.500" groups thousands; "0.500" and "12.5000" do not.
        grouped = len(fraction) == 3 and (whole.count(separator) > 0 or (other not in digits and whole.lstrip("0")))
        digits = whole.replace(separator, "") + ("" if grouped else ".") + fraction
    try:
        return float(digits)
    except ValueError:
        return None


@lru_cache(maxsize=1000)
def base_factor(unit: str) -> tuple[float, str] | None:
    """The factor to the base unit, and the dimension's name."""
    name = UNIT_NAMES.get(unit.casefold().replace(" ", "").replace(".", ""))
    if name is None:
        return None
    converted = registry().Quantity(1.0, name).to_base_units()
    return float(converted.magnitude), str(converted.dimensionality)


def parse_quantity(text: str) -> Quantity | None:
    """The text as one quantity, or None when it is anything else."""
    stripped = text.strip()
    dimensions = DIMENSIONS.fullmatch(stripped)
    if dimensions:
        factor = base_factor(dimensions[3])
        numbers = [parse_number(part) for part in re.split(r"[x×*]", dimensions[1] + dimensions[2])]
        if factor and all(number is not None for number in numbers):
            sizes = sorted((number * factor[0] for number in numbers if number is not None), reverse=True)
            return Quantity(tuple(sizes), factor[1])
        return None
    match = QUANTITY.fullmatch(stripped)
    return to_quantity(match) if match else None


def readings(text: str) -> list[Quantity]:
    """What a text may mean as one quantity: ounces of a liquid are often meant as fluid ounces."""
    quantity = parse_quantity(text)
    if quantity is None:
        return []
    ounces = OUNCES.fullmatch(text.strip())
    fluid = parse_quantity(f"{ounces[1]} fl oz") if ounces else None
    return [quantity] if fluid is None else [quantity, fluid]


def to_quantity(match: re.Match[str]) -> Quantity | None:
    number = parse_number(match[1])
    if number is None:
        return None
    if not match[2]:
        return Quantity((number,), "")
    factor = base_factor(match[2])
    return Quantity((number * factor[0],), factor[1]) if factor else None


def quantities_in(text: str) -> list[Quantity]:
    """All single quantities with a unit that a text mentions."""
    found = (to_quantity(match) for match in QUANTITY.finditer(text) if match[2])
    return [quantity for quantity in found if quantity is not None]
