"""Numbers with units, compared as what they mean: `1 L` is `1000 ml`, `30 x 20 cm` is `300 × 200 mm`."""

import re
from dataclasses import dataclass
from functools import lru_cache

import pint

# As pint calls it: as sources write it, in English, Spanish and German.
SPELLINGS_OF_UNITS: dict[str, str] = {
    "milliliter": "ml, milliliter, milliliters, millilitre, millilitres, mililitro, mililitros, cc, ccm, cm³, cm3",
    "centiliter": "cl, centiliter, centilitre, centilitros, zentiliter",
    "deciliter": "dl, deciliter, decilitre, decilitros, deziliter",
    "liter": "l, lt, ltr, liter, liters, litre, litres, litro, litros",
    "fluid_ounce": "floz, fluidounce, fluidounces",
    "gallon": "gal, gallon, gallons, galon, galón, galones, gallone, gallonen",
    "milligram": "mg, milligram, milligrams, miligramo, miligramos, milligramm",
    "gram": "g, gr, gramos, gramo, gram, grams, gramm, grm",
    "kilogram": "kg, kgs, kilo, kilos, kilogram, kilograms, kilogramo, kilogramos, kilogramm",
    "ounce": "oz, ounce, ounces, onza, onzas, unze, unzen",
    "pound": "lb, lbs, pound, pounds, libra, libras, pfund",
    "micrometer": "µm, micron, microns, micras, mikrometer",
    "millimeter": "mm, millimeter, millimeters, millimetre, millimetres, milimetro, milímetro, milímetros, milimetros",
    "centimeter": "cm, centimeter, centimeters, centimetre, centimetres, centimetro, centímetro, centimetros, "
    "centímetros, zentimeter",
    "meter": "m, meter, meters, metre, metres, metro, metros, mtr, mts",
    "kilometer": "km, kilometer, kilometers, kilometre, kilometres, kilometro, kilómetro, kilometros, kilómetros",
    "inch": 'in, inch, inches, pulgada, pulgadas, zoll, ", ″',
    "foot": "ft, foot, feet, fuß",
    "meter ** 2": "m², m2, qm, sqm",
    "centimeter ** 2": "cm², cm2, qcm",
    "meter ** 3": "m³, m3",
    "gram / meter ** 2": "g/m², g/m2, gsm",
    "watt": "w, watt, watts, vatio, vatios",
    "kilowatt": "kw, kilowatt, kilowatts, kilovatio, kilovatios",
    "volt": "v, volt, volts, voltio, voltios",
    "ampere": "a, amp, amps, ampere, amperes, amperio, amperios",
    "milliampere": "ma",
    "milliampere_hour": "mah",
    "ampere_hour": "ah",
    "watt_hour": "wh",
    "kilowatt_hour": "kwh",
    "hertz": "hz, hertz, hercios",
    "kilohertz": "khz",
    "megahertz": "mhz",
    "gigahertz": "ghz",
    "revolutions_per_minute": "rpm, u/min, r/min",
    "newton": "n, newton, newtons",
    "newton * meter": "nm, n·m",
    "bar": "bar, bars, bares",
    "psi": "psi",
    "lumen": "lm, lumen, lumens, lúmenes",
    "kelvin": "k, kelvin",
    "degC": "°c, celsius, degc",
    "degF": "°f, fahrenheit, degf",
    "decibel": "db, decibel, decibels, decibelios, dezibel",
    "kilocalorie": "kcal",
    "kilojoule": "kj",
    "megabyte": "mb, megabyte, megabytes",
    "gigabyte": "gb, gigabyte, gigabytes",
    "terabyte": "tb, terabyte, terabytes",
    "kilometer / hour": "km/h, kph, kmh",
    "liter / minute": "l/min",
    "second": "s, sec, secs, second, seconds, segundo, segundos, sekunde, sekunden",
    "minute": "min, mins, minute, minutes, minuto, minutos, minuten",
    "hour": "h, hr, hrs, hour, hours, hora, horas, stunde, stunden, std",
    "day": "day, days, día, días, dias, tag, tage, tagen",
    "week": "week, weeks, semana, semanas, woche, wochen",
    "month": "month, months, mes, meses, monat, monate, monaten",
    "year": "year, years, yr, yrs, año, años, ano, anos, jahr, jahre, jahren",
    "percent": "%, percent, prozent, porciento",
}
# Words that only say what is counted: `24 pcs` is `24`.
COUNTED = (
    "pc, pcs, piece, pieces, pieza, piezas, stück, stücke, stk, teile, teilig, unit, units, unidad, unidades, ud, uds, "
    "item, items, ct, count"
)


def folded(unit: str) -> str:
    """Case, full stops and spaces do not tell units apart; nor does which of two micro signs is typed."""
    return unit.casefold().replace(" ", "").replace(".", "")


UNIT_NAMES: dict[str, str] = {
    folded(spelling): name for name, spellings in SPELLINGS_OF_UNITS.items() for spelling in spellings.split(", ")
}
COUNT_UNITS = frozenset(COUNTED.split(", "))

NUMBER = r"\d+(?:[.,' ]\d{3})*(?:[.,]\d+)?"
LETTERS = r"a-zA-Zñáéíóúäöüß°µμ\"″%·²³"
UNIT = rf"(?:[cCmM]?[mM][23](?!\w)|[{LETTERS}]+(?:/(?:m[23]|[{LETTERS}]+))?(?:\.?\s?(?i:oz)\b\.?)?)"
QUANTITY = re.compile(rf"(?<![\w.,/])((?:(?<!\S)[-−])?{NUMBER})\s*({UNIT})?(?!\w)")
DIMENSIONS = re.compile(rf"({NUMBER})((?:\s*[x×*]\s*{NUMBER})+)\s*([a-zA-Z\"″]+)")
THOUSANDS = re.compile(rf"([1-9]\d{{0,2}})[.,](\d{{3}})\s*({UNIT})")
OUNCES = re.compile(rf"({NUMBER})\s*oz\.?", re.IGNORECASE)
# Two notations of one measure are rounded differently (12 oz is 355 ml); 330 and 333 are not one measure.
RELATIVE_TOLERANCE = 0.004
# Fahrenheit is mostly given in whole degrees: 104 °F are 40 °C, and 60 °C are not 61 °C.
DEGREES_TOLERANCE = 0.51
TEMPERATURE = "[temperature]"


@dataclass(frozen=True, slots=True)
class Quantity:
    """Magnitudes in the base unit of their dimension, largest first; `dimension` is empty for plain numbers."""

    magnitudes: tuple[float, ...]
    dimension: str

    def agrees_with(self, other: "Quantity") -> bool:
        if self.dimension != other.dimension or len(self.magnitudes) != len(other.magnitudes):
            return False
        return all(map(self._same, self.magnitudes, other.magnitudes))

    def _same(self, mine: float, theirs: float) -> bool:
        if not self.dimension:
            # What is counted is not rounded: 1000 pieces are not 1001.
            return mine == theirs
        if self.dimension == TEMPERATURE:
            return abs(mine - theirs) <= DEGREES_TOLERANCE
        return abs(mine - theirs) <= RELATIVE_TOLERANCE * max(abs(mine), abs(theirs))


@lru_cache(maxsize=1)
def registry() -> pint.UnitRegistry[float]:
    # Built on first use: it reads its definitions for about 0.3 s.
    return pint.UnitRegistry()


@dataclass(frozen=True, slots=True)
class Scale:
    """How a unit becomes the base unit of its dimension."""

    factor: float
    offset: float
    dimension: str

    def quantity(self, *numbers: float) -> Quantity:
        sizes = (number * self.factor + self.offset for number in numbers)
        return Quantity(tuple(sorted(sizes, reverse=True)), self.dimension)


COUNT = Scale(1.0, 0.0, "")
# Pint's base of temperatures is kelvin, where 60 °C and 61 °C look almost alike.
TEMPERATURES = {
    "kelvin": Scale(1.0, -273.15, TEMPERATURE),
    "degC": Scale(1.0, 0.0, TEMPERATURE),
    "degF": Scale(5 / 9, -32 * 5 / 9, TEMPERATURE),
}


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
def scale_of(unit: str) -> Scale | None:
    key = folded(unit)
    if key in COUNT_UNITS:
        return COUNT
    name = UNIT_NAMES.get(key)
    if name is None:
        return None
    if name in TEMPERATURES:
        return TEMPERATURES[name]
    converted = registry().Quantity(1.0, name).to_base_units()
    return Scale(float(converted.magnitude), 0.0, str(converted.dimensionality))


def parse_quantity(text: str) -> Quantity | None:
    """The text as one quantity, or None when it is anything else."""
    stripped = text.strip()
    dimensions = DIMENSIONS.fullmatch(stripped)
    if dimensions:
        scale = scale_of(dimensions[3])
        numbers = [parse_number(part) for part in re.split(r"[x×*]", dimensions[1] + dimensions[2])]
        known = [number for number in numbers if number is not None]
        return scale.quantity(*known) if scale and len(known) == len(numbers) else None
    match = QUANTITY.fullmatch(stripped)
    return to_quantity(match) if match else None


def readings(text: str) -> list[Quantity]:
    """What a text may mean as one quantity: ounces of a liquid are often meant as fluid ounces, and whether the point
    of `1.500 kg` groups thousands depends on the country.
    """
    stripped = text.strip()
    quantity = parse_quantity(stripped)
    if quantity is None:
        return []
    found = [quantity]
    ounces = OUNCES.fullmatch(stripped)
    fluid = parse_quantity(f"{ounces[1]} fl oz") if ounces else None
    if fluid is not None:
        found.append(fluid)
    thousands = THOUSANDS.fullmatch(stripped)
    if thousands and quantity.dimension:
        scale = scale_of(thousands[3])
        if scale is not None:
            found.append(scale.quantity(float(f"{thousands[1]}.{thousands[2]}")))
    return found


def to_quantity(match: re.Match[str]) -> Quantity | None:
    number = parse_number(match[1])
    if number is None:
        return None
    scale = scale_of(match[2]) if match[2] else COUNT
    return scale.quantity(number) if scale else None


def quantities_in(text: str) -> list[Quantity]:
    """All single quantities with a unit that a text mentions."""
    found = (to_quantity(match) for match in QUANTITY.finditer(text) if match[2])
    return [quantity for quantity in found if quantity is not None]
