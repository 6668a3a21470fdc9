"""Values and labels in the target language: translated where the table knows them, verbatim where it does not."""

import re
from decimal import Decimal
from functools import lru_cache

from babel.core import Locale, UnknownLocaleError
from babel.numbers import get_decimal_symbol
from babel.units import format_unit

from generate_description.check.quantities import QUANTITY, find_quantities, unit_named
from generate_description.check.suspicion import looks_like_instructions
from generate_description.check.tokens import Token, tokenise
from generate_description.check.vocabulary import concepts
from generate_description.check.words import fold, is_known_word, normalise

MAX_VALUE = 120
MARKUP = re.compile(r"<[^>]{0,200}>|https?://|www\.|[{}\\]|@\w")
INVISIBLE = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
JOINED = re.compile(r"\s(?:and|y|e|&|\+)\s")
LIST = re.compile(r"\s*(?:,|;|/|\s(?:and|y|e|&|\+)\s)\s*")
SHARE = re.compile(r"^(\d{1,3}(?:[.,]\d+)?)\s?%\s+(?:de\s+)?(.+)$")
DURATIONS = {"year": "duration-year", "month": "duration-month", "week": "duration-week", "day": "duration-day",
             "hour": "duration-hour", "minute": "duration-minute"}  # fmt: skip
OTHER = {"en": "es", "es": "en"}


def clean(value: str) -> str:
    return " ".join(INVISIBLE.sub(" ", value).split()).strip(" ,;|•")


def presentable(value: str) -> bool:
    """Whether a value may be shown in running text at all."""
    return (
        0 < len(value) <= MAX_VALUE
        and any(character.isalnum() for character in value)
        and not MARKUP.search(value)
        and not looks_like_instructions(value)
    )


@lru_cache(maxsize=64)
def locale_for(language: str) -> Locale | None:
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return None


def join(items: list[str], language: str) -> str:
    """`a, b and c`; in Spanish `y`, and `e` before the sound i."""
    if len(items) < 2:
        return "".join(items)
    conjunction = "and" if language != "es" else ("e" if re.match(r"h?i(?!e)", fold(items[-1])) else "y")
    return f"{', '.join(items[:-1])} {conjunction} {items[-1]}"


def find_concept(text: str, sections: frozenset[str] | None = None) -> int | None:
    """The concept that is exactly this text."""
    tokens = tokenise(text)
    if not tokens or "".join(token.text for token in tokens) != re.sub(r"[\s\-'’]", "", text).replace("'", ""):
        return None
    whole = [found.concept for found in concepts().find(tokens) if found.first == 0 and found.last == len(tokens) - 1]
    preferred = [number for number in whole if sections is None or concepts().section(number) in sections]
    exact = [number for number in preferred if is_spelt(number, text)]
    return next(iter(exact or preferred), None)


def is_spelt(number: int, text: str) -> bool:
    concept = concepts().concepts[number]
    return fold(text) in {fold(name) for name in (*concept.english, *concept.spanish)}


def is_spelt_in(number: int, text: str, language: str) -> bool:
    concept = concepts().concepts[number]
    return fold(text) in {fold(name) for name in (concept.spanish if language == "es" else concept.english)}


VALUE_SECTIONS = frozenset({"material", "colour", "country", "type", "promise", "part"})
AT_QUANTITY = re.compile(
    rf"^(?P<words>[^\d]+?)[\s,]+(?:(?:at|a|max\.?|máx\.?)\s+)?(?P<amount>{QUANTITY.pattern})$", re.IGNORECASE
)


def translate(text: str, language: str, sections: frozenset[str] | None = None) -> str | None:
    """The text in the language, if every part of it is known; None otherwise."""
    share = SHARE.match(text)
    if share:
        rest = translate(share[2], language, sections)
        return None if rest is None else f"{localise_number(share[1], language)} % {rest}"
    number = find_concept(text, sections)
    if number is not None:
        return written(number, text, language)
    at = AT_QUANTITY.match(text)
    if at:
        words = translate(at["words"], language, sections)
        return (
            None if words is None else f"{words} {'a' if language == 'es' else 'at'} {localise(at['amount'], language)}"
        )
    parts = [part for part in LIST.split(text) if part]
    if len(parts) < 2:
        return None
    translated = [translate(part, language, sections) for part in parts]
    known = [part for part in translated if part is not None]
    if len(known) < len(parts):
        return None
    return join(known, language) if JOINED.search(text) else ", ".join(known)


def written(number: int, text: str, language: str) -> str:
    concept = concepts().concepts[number]
    names = concept.spanish if language == "es" else concept.english
    own = next((name for name in names if fold(name) == fold(text)), None)
    return own or names[0]


def localise(value: str, language: str) -> str:
    """Decimal signs and words of time as the language writes them; everything else stays."""

    def replace(match: re.Match[str]) -> str:
        unit = unit_named(match["unit"]) if match["unit"] else None
        numbers = re.sub(r"\d+[.,]\d+", lambda number: localise_number(number[0], language), match["numbers"])
        locale = locale_for(language)
        if unit in DURATIONS and locale is not None and re.fullmatch(r"\d+", match["numbers"]):
            return str(format_unit(int(match["numbers"]), DURATIONS[unit], "long", locale=locale))
        start = match[0][: match.start("numbers") - match.start()]
        return start + numbers + match[0][match.end("numbers") - match.start() :]

    return QUANTITY.sub(replace, value)


def localise_number(number: str, language: str) -> str:
    if re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", number):
        return number  # may be thousands
    locale = locale_for(language)
    symbol = get_decimal_symbol(locale) if locale is not None else "."
    return re.sub(r"[.,]", symbol, number)


def is_amount(value: str) -> bool:
    """Nothing but numbers with units."""
    plain = normalise(value)
    return bool(find_quantities(plain)) and not re.search(r"[^\W\d_]", QUANTITY.sub("", plain))


# The unit below which the next smaller one reads better, and the symbols of what may be written out.
SMALLER = {"kilogram": "g", "liter": "ml"}
SYMBOLS = {"gram": "g", "kilogram": "kg", "milliliter": "ml", "liter": "l", "millimeter": "mm", "centimeter": "cm",
           "meter": "m", "watt": "W", "volt": "V", "lumen": "lm"}  # fmt: skip


def friendly(value: str) -> str:
    """`0.25 kg` is `250 g`, `28 L` is `28 l`: for an amount that is one number with its unit."""
    match = QUANTITY.fullmatch(value.strip())
    unit = unit_named(match["unit"]) if match and match["unit"] else None
    if match is None or unit not in SYMBOLS or not re.fullmatch(r"\d+(?:[.,]\d+)?", match["numbers"]):
        return value
    number = match["numbers"]
    amount = Decimal(number.replace(",", "."))
    if unit in SMALLER and 0 < amount < 1:
        return f"{(amount * 1000).normalize():f} {SMALLER[unit]}"
    return f"{number} {SYMBOLS[unit]}"


def is_foreign(value: str, language: str) -> bool:
    """Plain words of the other of our two languages, more than of this one."""
    other = OTHER.get(language)
    if other is None:
        return False
    words = [token for token in tokenise(value) if len(token.text) > 1 and not is_name(token)]
    known_here = [known(word, language) for word in words]
    known_there = [known(word, other) for word in words]
    return bool(words) and sum(known_there) > sum(known_here)


def speaks(text: str, language: str) -> bool:
    """Whether the text can stand in this language: no plain word of it belongs to the other one only."""
    other = OTHER.get(language)
    if other is None:
        return True
    words = [token for token in tokenise(text) if len(token.text) > 1 and not token.text.isupper()]
    return not any(known(word, other) and not known(word, language) and not is_name(word) for word in words)


def is_name(token: Token) -> bool:
    return token.text[0].isupper() and token.start > 0


def known(token: Token, language: str) -> bool:
    return is_known_word(token.text.casefold(), language)


def sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """`Sea blue` inside a sentence is `sea blue`; `USB-C`, `iPhone`, `LED` and `Gore` stay."""
    first = text.split(" ", 1)[0].rstrip(",;:")
    plain = first[:1].isupper() and first[1:].islower() and any(is_known_word(first.casefold(), own) for own in OTHER)
    return text[:1].lower() + text[1:] if plain else text
