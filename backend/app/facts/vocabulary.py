"""Words that mean one thing in several languages, as far as merging needs them: materials, finishes, countries.

Babel knows the countries; the rest is small, and a word that is missing only leads to a conflict that a person
settles at a glance.
"""

from functools import lru_cache

import babel

from app.facts.names import plain

LANGUAGES = ("en", "es", "de")
FILLERS = frozenset(
    [
        "of",
        "the",
        "with",
        "and",
        "in",
        "a",
        "an",
        "de",
        "del",
        "la",
        "el",
        "los",
        "las",
        "con",
        "y",
        "en",
        "un",
        "una",
        "made",
        "hecho",
        "hecha",
        "fabricado",
        "fabricada",
        "aus",
        "mit",
        "und",
        "100",
        "percent",
        "pure",
        "genuine",
    ]
)
TRANSLATIONS: dict[str, str] = {
    "steel": "acero stahl", "stainless": "inoxidable edelstahl rostfrei", "enamelled": "enameled enamel esmaltado "
    "esmaltada emaille emailliert emailliertes", "cotton": "algodon baumwolle", "wool": "lana wolle",
    "merino": "merinowolle", "silk": "seda seide", "linen": "lino leinen", "leather": "cuero piel leder",
    "wood": "madera holz wooden", "beech": "haya buche buchenholz", "oak": "roble eiche", "pine": "pino kiefer",
    "birch": "abedul birke", "bamboo": "bambu bambus", "glass": "vidrio cristal glas",
    "ceramic": "ceramica keramik ceramics", "porcelain": "porcelana porzellan", "stoneware": "gres steinzeug",
    "terracotta": "terracota", "plastic": "plastico kunststoff", "polyester": "poliester",
    "nylon": "nailon polyamide poliamida polyamid", "rubber": "caucho goma gummi", "silicone": "silicona silikon",
    "aluminium": "aluminum aluminio", "iron": "hierro eisen", "copper": "cobre kupfer", "brass": "laton messing",
    "gold": "oro", "silver": "plata silber", "paper": "papel papier", "cork": "corcho kork", "felt": "fieltro filz",
    "recycled": "reciclado reciclada recycelt recyceltes", "organic": "organico organica ecologico ecologica bio",
    "elastane": "elastano elasthan spandex", "acrylic": "acrilico acryl", "cast": "fundido guss",
}  # fmt: skip
MEANING_OF = {word: meaning for meaning, others in TRANSLATIONS.items() for word in (meaning, *others.split())}


@lru_cache(maxsize=1)
def country_codes() -> dict[str, str]:
    codes: dict[str, str] = {}
    for language in LANGUAGES:
        for code, name in babel.Locale(language).territories.items():
            if len(code) == 2:
                codes[plain(name)] = f"country:{code}"
    return codes


def meaning_words(text: str) -> frozenset[str]:
    """What a short value says, as words that do not depend on the language."""
    words = plain(text)
    stripped = " ".join(word for word in words.split() if word not in FILLERS)
    country = country_codes().get(stripped)
    if country:
        return frozenset({country})
    return frozenset(MEANING_OF.get(word, word) for word in stripped.split())
