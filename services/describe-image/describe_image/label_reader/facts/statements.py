"""Phrases that state something by themselves: care, properties, materials, origin, age."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from describe_image.label_reader.facts.vocabulary import COUNTRY_NAMES, MATERIAL, NO_MATERIAL_ALONE, plain


@dataclass(frozen=True, slots=True)
class Statement:
    """What a part of a line says. `start` and `end` are its place in the line."""

    name: str
    value: str
    start: int
    end: int
    unit: str | None = None


SUITABLE = r"(?:suitable\s+for\s+(?:the\s+|use\s+in\s+)?|apt[oa]s?\s+para\s+(?:el\s+|la\s+)?)"
NEGATION = rf"(?:(?:not|non|no|never)[\s-]+{SUITABLE}?)?"

# All patterns match the plain text (lower case, no accents). Each name is said once: two values of one name are a
# contradiction to whoever merges facts, and "hand wash" does not contradict "do not tumble dry".
PHRASES: tuple[tuple[str, str], ...] = (
    ("dishwasher_safe",
        rf"{NEGATION}dishwashers?[\s-]+(?:safe|proof|friendly)|(?:not?\s+)?{SUITABLE}(?:dishwashers?|lavavajillas)"),
    ("microwave_safe",
        rf"{NEGATION}microwaves?[\s-]+(?:safe|proof)|not\s+for\s+microwaves?(?:\s+ovens?)?|"
        rf"(?:not?\s+)?{SUITABLE}(?:microwaves?(?:\s+ovens?)?|microondas)"),
    ("oven_safe", rf"{NEGATION}oven[\s-]+(?:safe|proof)|(?:not?\s+)?{SUITABLE}(?:ovens?|horno)"),
    ("washing",
        r"machine\s+wash(?:able)?(?:\s+(?:at\s+)?(?:max\.?\s+)?\d{2}\s?(?:[°º]\s?c?|℃))?|hand\s+wash(?:\s+only)?|do\s+not\s+wash|"
        r"lavar\s+a\s+(?:maquina|mano)(?:\s+(?:a\s+)?\d{2}\s?(?:[°º]\s?c?|℃))?|no\s+lavar|lavable\s+a\s+maquina"),
    ("tumble_drying", r"(?:do\s+not\s+)?tumble\s+dry(?:\s+low)?|no\s+usar\s+secadora|apto\s+para\s+secadora"),
    ("bleaching", r"do\s+not\s+bleach|no\s+usar\s+lejia"),
    ("ironing", r"(?:do\s+not|cool|warm)\s+iron|no\s+planchar|planchar\s+a\s+baja\s+temperatura"),
    ("dry_cleaning", r"(?:do\s+not\s+)?dry\s+clean(?:\s+only)?|no\s+limpiar\s+en\s+seco"),
    ("storage",
        r"(?:store|keep)\s+(?:in\s+a|refrigerated|frozen|cool|dry|away\s+from|out\s+of\s+direct)[^.;|]*|"
        r"(?:conservar|guardar|mantener)\s+en\s+(?:un\s+)?(?:lugar|frio|sitio|nevera)[^.;|]*"),
    ("shelf_life_after_opening",
        r"use\s+within\s+\d+\s+(?:days|weeks|months)\s+(?:of|after)\s+opening|"
        r"(?:usar|consumir)\s+(?:en|antes\s+de)\s+\d+\s+(?:dias|meses)\s+(?:tras|desde|despues\s+de)\s+(?:la\s+)?(?:abrir|apertura|abierto)"),
    ("bpa_free", r"(?:bpa|bisphenol\s+a)[\s-]+free|free\s+(?:of|from)\s+bpa|(?:sin|libre\s+de)\s+bpa"),
    ("gluten_free", r"gluten[\s-]+free|sin\s+gluten"),
    ("lactose_free", r"lactose[\s-]+free|sin\s+lactosa"),
    ("sugar_free", r"sugar[\s-]+free|no\s+added\s+sugars?|sin\s+azucar(?:es)?(?:\s+anadidos?)?"),
    ("paraben_free", r"paraben[\s-]+free|sin\s+parabenos"),
    ("perfume_free", r"(?:perfume|fragrance)[\s-]+free|sin\s+perfume"),
    ("phosphate_free", r"phosphate[\s-]+free|sin\s+fosfatos"),
    ("vegan", r"(?:100\s?%\s+)?vegan[oa]?s?(?!\s+leather)"),
    ("vegetarian", r"vegetarian[oa]?"),
    ("cruelty_free", r"cruelty[\s-]+free|not\s+tested\s+on\s+animals|no\s+testado\s+en\s+animales"),
    ("rechargeable", r"(?:non[\s-]+)?rechargeable|(?:no\s+)?recargable"),
    ("water_resistance", r"water[\s-]?proof|water[\s-]+resistant|splash[\s-]?proof|impermeable|resistente\s+al\s+agua"),
    ("recyclable", r"(?:100\s?%\s+)?recyclable|(?:100\s?%\s+)?reciclable"),
    ("biodegradable", r"(?:100\s?%\s+)?biodegradable"),
    ("skin_type", r"for\s+(?:very\s+)?(?:dry|oily|sensitive|normal|all)\s+skin(?:\s+types)?|"
        r"para\s+(?:pieles?|la\s+piel)\s+(?:muy\s+)?(?:secas?|grasas?|sensibles?|normal(?:es)?)"),
    ("protection_class", r"ip\s?[x0-6][0-9x]"),
)  # fmt: skip

COMPILED = tuple((name, re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")) for name, pattern in PHRASES)

ORIGIN = re.compile(
    r"(?<!\w)(?:made|manufactured|produced|product|grown|hecho|hecha|fabricado|fabricada|producto|producido|producida|"
    r"elaborado|elaborada|cultivado)\s+(?:in|of|en|de)\s+(?P<country>[\w.'’ ]{2,40})"
)
ORIGIN_ORDER = re.compile(r"[\w.'’]+(?: [\w.'’]+){0,4}")

AGE = re.compile(
    r"(?<!\w)(?:(?:from|ages?|de|desde|a\s+partir\s+de|edad:?)\s+(?P<from>\d{1,2})(?:\s?(?:-|–|to|a)\s?(?P<to>\d{1,2}))?\s*\+?"
    r"\s*(?P<unit>years?|months?|yrs|anos|meses)|ages?\s+(?P<bare>\d{1,2})\s?\+|(?P<plus>\d{1,2})\s?\+\s?(?P<plus_unit>years?|months?|yrs|anos|meses))(?![\w+])"
)
AGE_UNITS = {"years": "years", "year": "years", "yrs": "years", "anos": "years", "months": "months", "month": "months",
             "meses": "months"}  # fmt: skip

SHARE = rf"\d{{1,3}}(?:[.,]\d)?\s?%\s?(?:de\s+)?(?:{MATERIAL})"
# One fact for all parts: two values of one name would contradict each other.
SHARES_OF_MATERIAL = re.compile(rf"(?<![\w.,]){SHARE}(?:\s*(?:,|;|/|\+|&|and|y)?\s*{SHARE})*(?!\w)")
MADE_OF = re.compile(
    rf"(?<!\w)(?:made\s+(?:of|from|with)|hech[oa]s?\s+(?:de|con)|fabricad[oa]s?\s+(?:en|con))\s+(?P<material>{MATERIAL})(?!\w)"
)
PACKAGING = re.compile(rf"(?<!\w)(?:envase|botella|frasco)\s+de\s+(?P<material>{MATERIAL})(?!\w)")
WHOLE_MATERIAL = re.compile(rf"(?:{MATERIAL})(?:\s*(?:,|&|and|y|/)\s*(?:{MATERIAL}))*")

PACK_OF = re.compile(r"(?<!\w)(?:pack|set|box|bundle|juego|caja|lote)\s+(?:of|de)\s+(?P<count>\d{1,4})(?!\w|\s?[x%.,])")

# "100 % Arabica" is a fact, "50 % off" and "20 % more free" are none.
PURE = re.compile(r"(?<![\w.,])100\s?%\s?(?P<what>[a-z][a-z'-]{2,}(?:\s+[a-z][a-z'-]{2,}){0,2})(?!\w)")
NOT_AN_INGREDIENT = re.compile(
    r"^(?:off|more|extra|free|less|money|satisf|guarant|recycl|recicl|biodegrad|vegan|natural|quality|safe|handmade|"
    r"dto|mas|gratis|menos|calidad|garant|new|nuevo|of|de)"
)
ALCOHOL = re.compile(
    r"(?<![\w.])(?:alc\.?\s*/?\s*)?(?P<value>\d{1,2}(?:[.,]\d{1,2})?)\s?(?:%\s?(?:alc\.?\s?/?\s?)?vol\.?|%\s?abv)"
)


def statements(text: str) -> Iterator[Statement]:
    """Everything that the line states by its wording; places never overlap."""
    simple = plain(text)
    taken: list[tuple[int, int]] = []

    def take(match: re.Match[str], group: str | int = 0) -> tuple[int, int] | None:
        start, end = match.span(group)
        if any(start < right and end > left for left, right in taken):
            return None
        taken.append(match.span())
        return start, end

    for match in ALCOHOL.finditer(simple):
        if take(match):
            yield Statement("alcohol", text[slice(*match.span("value"))], *match.span(), unit="% vol")
    for match in SHARES_OF_MATERIAL.finditer(simple):
        if take(match):
            yield Statement("material", text[slice(*match.span())], *match.span())
    for name, pattern in COMPILED:
        for match in pattern.finditer(simple):
            if take(match):
                yield Statement(name, text[slice(*match.span())].strip(" ."), *match.span())
    yield from origins(text, simple)
    for pattern, name in ((MADE_OF, "material"), (PACKAGING, "packaging_material")):
        for match in pattern.finditer(simple):
            if take(match):
                yield Statement(name, text[slice(*match.span("material"))], *match.span())
    for match in AGE.finditer(simple):
        if take(match):
            yield age(match)
    for match in PACK_OF.finditer(simple):
        if take(match):
            yield Statement("pieces", match["count"], *match.span(), unit="pieces")
    for match in PURE.finditer(simple):
        if not NOT_AN_INGREDIENT.match(match["what"]) and take(match):
            yield Statement("composition", text[slice(*match.span())], *match.span())


def origins(text: str, simple: str) -> Iterator[Statement]:
    for match in ORIGIN.finditer(simple):
        start = match.start("country")
        words = ORIGIN_ORDER.match(simple, start)
        if words is None:
            continue
        # The longest run of words that is a country: "made in spain since 1980" is Spain.
        ends = [space.start() for space in re.finditer(" ", words.group())] + [len(words.group())]
        for end in sorted(ends, reverse=True):
            if words.group()[:end].replace("’", "'").strip(" .") in COUNTRY_NAMES:
                value = text[start : start + end].strip(" ")
                yield Statement("country_of_origin", value.rstrip("."), match.start(), start + end)
                break


def age(match: re.Match[str]) -> Statement:
    low = match["from"] or match["bare"] or match["plus"]
    unit = AGE_UNITS[match["unit"] or match["plus_unit"] or "years"]
    if match["to"]:
        return Statement("recommended_age", f"{low}-{match['to']}", *match.span(), unit=unit)
    return Statement("minimum_age", low, *match.span(), unit=unit)


def whole_material(segment: str) -> bool:
    """Whether the segment says a material and nothing else: "glass cleaner" and "steel grey" do not."""
    words = " ".join(plain(segment).strip(" .").split())
    return words not in NO_MATERIAL_ALONE and WHOLE_MATERIAL.fullmatch(words) is not None
