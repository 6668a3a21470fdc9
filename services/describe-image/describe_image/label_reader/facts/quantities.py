"""Numbers with units, as printed: `750 ml`, `2 x 500 ml`, `220-240 V~`, `31 x 38 x 40 cm`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

NUMBER = r"(?:\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?|\d+\s?/\s?\d+)"
RANGE = rf"{NUMBER}(?:\s?(?:-|–|/|to|a)\s?{NUMBER})?"
TIMES = r"[x×X*]"

# What a unit measures. The order counts: "ml" must be tried before "m". Letters are as on packs.
UNITS: tuple[tuple[str, str], ...] = (
    ("fabric_weight", r"g\s?/\s?m(?:2|²|\^2)|gsm|GSM"),
    ("battery_capacity", r"mAh|Ah|MAH"),
    ("energy", r"kWh|Wh|kJ|kcal"),
    ("torque", r"N[·.]?m|Nm"),
    ("brightness", r"lm|lumens?|lúmenes"),
    ("noise_level", r"dB(?:\(A\))?"),
    ("frequency", r"Hz|kHz|MHz|GHz"),
    ("pressure", r"bares|bars?|BAR|psi|PSI"),
    ("rotation_speed", r"rpm|RPM|r/min|min-1"),
    ("storage_capacity", r"GB|TB|MB"),
    ("pieces", r"pieces|pcs\.?|pzs?\.?|piezas|units|unidades|uds\.?|tablets|capsules|c[áa]psulas|comprimidos|sachets|"
               r"tea bags|bolsitas|sheets|hojas"),
    ("volume", r"fl\.?\s?oz\.?|FL\.?\s?OZ\.?|m[lL]|ML|c[lL]|CL|d[lL]|litres?|liters?|litros?|[lLℓ]|gal"),
    ("weight", r"kgs?|KG|Kg|mg|gr?s?\.?|G|oz\.?|OZ|lbs?\.?|LB"),
    ("power", r"kW|W|watts?|vatios"),
    ("voltage", r"kV|V(?:olts?|DC|AC)?[~⎓=]?"),
    ("current", r"mA|A|amps?"),
    ("color_temperature", r"K"),
    ("temperature", r"°\s?[CF]|º\s?[CF]|℃"),
    ("length", r"mm|MM|cm|CM|km|in\.|inch(?:es)?|pulgadas|\"|″|ft|m|yd"),
    ("percentage", r"%"),
)  # fmt: skip
UNIT = "|".join(f"(?P<{name}>{pattern})" for name, pattern in UNITS)

SIZES = re.compile(
    rf"(?<![\w.,])(?P<value>[ØøLWHDB]?\s?{NUMBER}(?:\s?(?:mm|cm|m|in))?(?:\s?{TIMES}\s?{NUMBER}(?:\s?(?:mm|cm|m|in))?)"
    rf"{{0,1}}\s?{TIMES}\s?{NUMBER})\s?(?P<unit>mm|cm|m|in\.?|inches|\"|″)(?!\w)"
)
PACKS = re.compile(rf"(?<![\w.,])(?P<count>\d{{1,3}})\s?{TIMES}\s?(?P<value>{NUMBER})\s?(?:{UNIT})(?![\w²³])")
SINGLE = re.compile(rf"(?<![\w.,/-])(?P<value>{RANGE})\s?(?:{UNIT})(?![\w²³/])")


@dataclass(frozen=True, slots=True)
class Quantity:
    """`measures` is what the unit measures (`volume`, `length` …), or `dimensions` for sizes in 2 or 3 directions."""

    measures: str
    value: str
    unit: str
    start: int
    end: int


def quantities(text: str) -> Iterator[Quantity]:
    """All quantities of a line from left to right, none inside another."""
    taken: list[tuple[int, int]] = []

    def free(start: int, end: int) -> bool:
        return all(end <= left or start >= right for left, right in taken)

    found = []
    for pattern in (SIZES, PACKS, SINGLE):
        for match in pattern.finditer(text):
            if free(*match.span()):
                taken.append(match.span())
                found.append(to_quantity(match))
    yield from sorted(found, key=lambda quantity: quantity.start)


def to_quantity(match: re.Match[str]) -> Quantity:
    groups = match.groupdict()
    value = " ".join(groups["value"].split())
    if match.re is SIZES:
        return Quantity("dimensions", value, groups["unit"].rstrip("."), *match.span())
    measures = next(name for name, _ in UNITS if groups[name])
    if match.re is PACKS:
        value = f"{groups['count']} x {value}"
    return Quantity(measures, value, tidy_unit(measures, groups[measures]), *match.span())


def tidy_unit(measures: str, unit: str) -> str:
    """The unit as it should be written: packs shout (`ML`) and abbreviate (`gr.`)."""
    compact = unit.replace(" ", "").rstrip(".")
    match measures:
        case "volume":
            lower = compact.lower().replace(".", "")
            return "fl oz" if lower.startswith("fl") else "L" if compact in {"L", "ℓ"} else lower
        case "weight":
            lower = compact.lower()
            return {"gr": "g", "grs": "g", "gs": "g", "kgs": "kg"}.get(lower, lower)
        case "voltage":
            return re.sub(r"(?i)(volts?|dc|ac)?[~⎓=]?$", "", compact) or "V" if compact[0] == "V" else "kV"
        case "fabric_weight":
            return "g/m²"
        case "temperature":
            return "°F" if compact.endswith("F") else "°C"
        case "torque":
            return "Nm"
        case "length":
            return "in" if compact in {'"', "″", "in", "inch", "inches", "pulgadas"} else compact.lower()
        case "pressure" | "rotation_speed":
            return {"bars": "bar", "bares": "bar"}.get(compact.lower(), compact.lower())
        case "battery_capacity":
            return "mAh" if compact.lower() == "mah" else "Ah"
        case "pieces":
            return "pieces"
    return compact
