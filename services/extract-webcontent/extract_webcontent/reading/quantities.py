"""A specification's value taken apart into number and unit, where it clearly is a number with a unit."""

import re

from extract_webcontent.reading.prices import plain_decimal

UNITS = [
    "mm",
    "cm",
    "dm",
    "m",
    "km",
    "µm",
    "nm",
    "in",
    "inch",
    "inches",
    "ft",
    "feet",
    "yd",
    "mi",
    "mg",
    "g",
    "gr",
    "kg",
    "t",
    "oz",
    "lb",
    "lbs",
    "ml",
    "cl",
    "dl",
    "l",
    "ltr",
    "liter",
    "litre",
    "liters",
    "litres",
    "litros",
    "litro",
    "Liter",
    "gal",
    "fl.oz",
    "qt",
    "pt",
    "cm²",
    "m²",
    "mm²",
    "m2",
    "cm2",
    "m³",
    "cm³",
    "m3",
    "W",
    "kW",
    "MW",
    "mW",
    "V",
    "kV",
    "mV",
    "A",
    "mA",
    "Ah",
    "mAh",
    "Wh",
    "kWh",
    "VA",
    "Hz",
    "kHz",
    "MHz",
    "GHz",
    "bit",
    "B",
    "KB",
    "MB",
    "GB",
    "TB",
    "Mbps",
    "Gbps",
    "Mbit/s",
    "Gbit/s",
    "°C",
    "°F",
    "°K",
    "K",
    "bar",
    "mbar",
    "psi",
    "Pa",
    "kPa",
    "MPa",
    "rpm",
    "U/min",
    "min⁻¹",
    "dB",
    "dB(A)",
    "dBA",
    "lm",
    "lx",
    "cd/m²",
    "cd/m2",
    "nits",
    "nit",
    "lux",
    "ms",
    "s",
    "sec",
    "min",
    "h",
    "hrs",
    "hours",
    "hour",
    "Std.",
    "Std",
    "Stunden",
    "Minuten",
    "minutes",
    "minutos",
    "horas",
    "días",
    "Tage",
    "days",
    "Monate",
    "months",
    "meses",
    "years",
    "Jahre",
    "años",
    "Nm",
    "N",
    "kN",
    "J",
    "kJ",
    "kcal",
    "px",
    "Pixel",
    "pixels",
    "MP",
    "Megapixel",
    "dpi",
    "fps",
    "%",
    "°",
    "ppm",
    "Ω",
    "kΩ",
    "µF",
    "mph",
    "km/h",
    "l/min",
    "l/h",
    "m³/h",
    "g/m²",
    "g/m2",
    "den",
    "ct",
    "karat",
    "Stück",
    "Stk.",
    "Stk",
    "pcs",
    "pieces",
    "piezas",
    "unidades",
    "Watt",
    "Volt",
    "Ampere",
    "pulgadas",
    "Zoll",
    "gramos",
    "Gramm",
    "kilos",
    "Kilogramm",
    "metros",
    "Meter",
    "kWh/1000h",
    "kWh/annum",
]
LOWER = {unit.lower(): unit for unit in reversed(UNITS)}
UNIT = "|".join(
    re.escape(unit) for unit in sorted({*UNITS, '"', "″", "''", "fl oz", "fl. oz", "sq ft"}, key=len, reverse=True)
)
QUANTITY = re.compile(
    rf"(?P<number>[+-]?\d{{1,3}}(?:[.,'\u2019 \u00a0\u202f]\d{{3}})+(?:[.,]\d+)?"
    rf"|[+-]?\d+(?:[.,]\d+)?)\s?(?P<unit>{UNIT})\.?"
)
COMMON_LOWER = frozenset(
    [
        "mm",
        "cm",
        "m",
        "km",
        "kg",
        "g",
        "mg",
        "ml",
        "cl",
        "l",
        "oz",
        "lb",
        "lbs",
        "in",
        "ft",
        "w",
        "kw",
        "v",
        "hz",
        "gb",
        "mb",
        "tb",
        "mah",
    ]
)


def split_quantity(text: str, *, decimal_comma: bool) -> tuple[str, str] | None:
    """`("0.33", "l")` of `0,33 l`; None where the value is more (or less) than one number with one unit."""
    match = QUANTITY.fullmatch(text.strip())
    if match is None:
        relaxed = re.fullmatch(r"([+-]?\d+(?:[.,]\d+)?)\s?([A-Za-z]{1,3})\.?", text.strip())
        if relaxed is None or relaxed.group(2).lower() not in COMMON_LOWER:
            return None
        number, unit = relaxed.groups()
    else:
        number, unit = match["number"], match["unit"]
    value = plain_number(number, decimal_comma=decimal_comma)
    return (value, unit) if value is not None else None


def plain_number(number: str, *, decimal_comma: bool) -> str | None:
    """The page's language decides about `1.500`; with two kinds of marks there is no doubt."""
    number = number.strip()
    sign = "-" if number.startswith("-") else ""
    number = number.lstrip("+-")
    marks = {mark for mark in number if mark in ".,"}
    if len(marks) == 1:
        mark = marks.pop()
        parts = number.split(mark)
        if len(parts) == 2 and (mark == ",") == decimal_comma:
            number = f"{parts[0]}.{parts[1]}"
            return sign + re.sub(r"[\s'\u2019]", "", number)
    plain = plain_decimal(number, decimal_comma=decimal_comma)
    return None if plain is None else sign + plain
