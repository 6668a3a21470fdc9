"""What a product is said to be or not to be: `dishwasher safe`, `nicht spülmaschinengeeignet`, `BPA: no`.

A wrong promise is worse than a wrong measure, so that a yes and a no of two sources are held against each other,
whichever words they come in. What is true under conditions ("limited", "bedingt") is neither yes nor no.
"""

import re
from functools import lru_cache

from app.facts.names import plain

YES = frozenset({"yes", "y", "si", "ja", "true", "wahr", "verdadero", "cierto", "✓", "✔", "☑", "✅"})
NO = frozenset({"no", "n", "nein", "false", "falsch", "falso", "✗", "✘", "❌", "✖"})
YES_FIRST = re.compile(r"(?:yes|s[ií]|ja)\s*[,;:(–-]", re.IGNORECASE)
NO_FIRST = re.compile(r"(?:no|nein)\s*[,;:(–-]", re.IGNORECASE)
CONDITIONS = re.compile(
    r"\b(?:limited|partly|partially|some|certain|except|depending|bedingt|teilweise|eingeschrankt|ausser|nur|only|"
    r"parcialmente|parcial|excepto|salvo|solo|solamente|if|wenn|falls|optional|opcional)\b"
)
NOT = re.compile(
    r"\b(?:not|non|no|never|nor|isn t|aren t|nicht|nie|niemals|kein|keine|keinen|weder|nunca|ni|tampoco|unsuitable|"
    r"ungeeignet|inadecuado|inadecuada|avoid|evitar)\b"
)
CONTAINS = re.compile(r"\b(?:contains|with|contiene|con|enthalt|mit)\b")
FREE = re.compile(r"(?:\b(?:free|no|without|zero|0|sin|libre|ohne|keine?)\b|frei\b)")
CLAUSE_END = re.compile(r"[.;!?\n|•]+\s+|[.;!?\n|•]+$|\b(?:but|yet|pero|sino|aber|sondern)\b", re.IGNORECASE)
# Sentences of pages are short; what is longer is searched in part.
MAX_TEXT = 10_000
MAX_VALUE = 120


def safe_in(devices: str, german: str, spanish: str) -> str:
    return (
        rf"(?:{devices})s? (?:safe|proof|friendly|suitable|ok|washable)|"
        r"(?:suitable|safe|ok|use|put|go|wash|clean) (?:for |in |into )?(?:the |a |use in (?:the |a )?)?"
        rf"(?:{devices})s?|"
        rf"(?:{german})\w{{0,2}}(?:fest|geeignet|tauglich|sicher)\w{{0,2}}|"
        rf"fur (?:die |den |das )?(?:\w+ und )?(?:{german})\w{{0,3}}(?: \w+){{0,2}} geeignet|"
        rf"geeignet fur (?:die |den |das )?(?:{german})\w{{0,3}}|"
        rf"(?:apt|adecuad|compatibl|segur)\w+ (?:para|con|en) (?:el |la |uso en (?:el )?)?(?:{spanish})|"
        rf"lava(?:ble|r|se) en (?:el )?(?:{spanish})"
    )


# Each promise: what says it in a text, in plain letters.
PATTERNS: dict[str, str] = {
    "dishwasher_safe": safe_in("dishwasher", "spulmaschine|geschirrspuler|geschirrspulmaschine", "lavavajillas"),
    "microwave_safe": safe_in("microwave(?: oven)?", "mikrowelle", "microondas"),
    "oven_safe": safe_in("oven", "backofen|ofen", "horno"),
    "freezer_safe": safe_in("freezer", "gefrierschrank|gefrier|tiefkuhl", "congelador"),
    "induction_suitable": safe_in("induction(?: hob| cooker)?", "induktion", "induccion"),
    "waterproof": r"water ?proof|wasserdicht|impermeable|sumergible",
    "machine_washable": r"machine wash(?:able)?|lavable a maquina|maschinenwaschbar|waschmaschinenfest",
    "rechargeable": r"rechargeable|recargable|(?:wieder)?aufladbar",
    "recyclable": r"recyclable|reciclable|recycelbar",
    "biodegradable": r"biodegradable|biologisch abbaubar",
    "vegan": r"vegan[oa]?s?",
    "food_safe": r"food (?:safe|grade)|lebensmittelecht|apto para (?:uso )?alimentario",
    "bpa_free": r"(?:bpa|bisphenol a|bisfenol a)[ ]?(?:free|frei)?",
    "gluten_free": r"gluten ?(?:free|frei)?",
    "lactose_free": r"(?:lactose|lactosa|laktose) ?(?:free|frei)?",
    "sugar_free": r"(?:added )?(?:sugars?|azucar(?:es)?|zucker) ?(?:free|frei|anadidos?)?",
    "latex_free": r"latex ?(?:free|frei)?",
    "paraben_free": r"(?:parabens?|parabenos?|parabene?) ?(?:free|frei)?",
    "battery_included": r"batter(?:y|ies) (?:is |are )?included|batterien? (?:im lieferumfang )?enthalten|"
    r"(?:con )?(?:pila|bateria)s? incluidas?",
}
COMPILED = {name: re.compile(rf"(?<!\w)(?:{pattern})(?!\w)") for name, pattern in PATTERNS.items()}
# Values of fields that already carry the name: "suitable", "not washable", "contains BPA".
SUITABLE = re.compile(
    r"(?:\b(?:suitable|safe|proof|included|washable|apt[oa]|adecuad[oa]|incluid[oa]s?|enthalten|inklusive)\b|geeignet)"
)


def free_of_something(name: str) -> bool:
    return name.endswith("_free")


def truth(name: str, value: str) -> bool | None:
    """The value of a fact as yes or no; None when it is neither. `name` is normalised."""
    stripped = value.strip()
    if len(stripped) > MAX_VALUE:
        return None
    words = plain(stripped) or stripped
    if words in YES:
        return True
    if words in NO:
        return False
    if CONDITIONS.search(words):
        return None
    if YES_FIRST.match(stripped):
        return True
    if NO_FIRST.match(stripped):
        return False
    pattern = COMPILED.get(name)
    if pattern is None:
        return None
    if free_of_something(name):
        return is_free(words) if pattern.search(words) or FREE.fullmatch(words) else None
    if pattern.search(words) or SUITABLE.search(words):
        return NOT.search(words) is None
    return None


def is_free(words: str) -> bool | None:
    """`BPA-free`, `sin BPA`; `contains BPA`, `not BPA-free`; a bare `BPA` says nothing."""
    if CONTAINS.search(words):
        return NOT.search(words) is not None
    if re.search(r"\b(?:not|isn t|nicht)\b", words):
        return False
    return True if FREE.search(words) else None


@lru_cache(maxsize=20_000)
def promises_in(text: str) -> frozenset[tuple[str, bool]]:
    """Everything that a text promises or denies."""
    found: set[tuple[str, bool]] = set()
    for clause in CLAUSE_END.split(text[:MAX_TEXT]):
        words = plain(clause)
        for name, pattern in COMPILED.items():
            match = pattern.search(words)
            if match is None:
                continue
            if free_of_something(name):
                near = words[max(0, match.start() - 16) : match.end() + 6]
                free = is_free(near)
                if free is not None:
                    found.add((name, free))
            elif not CONDITIONS.search(words):
                denied = NOT.search(words[: match.end()]) or re.match(r" (?:no|nein|nicht)\b", words[match.end() :])
                found.add((name, denied is None))
    return frozenset(found)


@lru_cache(maxsize=20_000)
def promise_of(text: str) -> str | None:
    """The name of the one promise that a short value makes or denies as a whole, and nothing besides."""
    words = plain(text)
    if len(words.split()) > 7:
        return None
    names = [name for name, pattern in COMPILED.items() if pattern.search(words)]
    if len(names) != 1 or truth(names[0], text) is None:
        return None
    rest = NOT.sub(" ", COMPILED[names[0]].sub(" ", words))
    rest = FREE.sub(" ", CONTAINS.sub(" ", rest))
    spoken_for = {"is", "are", "it", "es", "son", "ist", "sind", "the", "for", "use", "100", "de", "fully", "suitable"}
    return names[0] if set(rest.split()) <= spoken_for else None
