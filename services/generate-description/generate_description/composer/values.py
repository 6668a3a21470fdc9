"""Values and labels in the target language: translated where the table knows them, verbatim where it does not."""

import re
from functools import lru_cache

import simplemma
from babel.core import Locale, UnknownLocaleError
from babel.numbers import get_decimal_symbol
from babel.units import format_unit

from generate_description.check.quantities import QUANTITY, find_quantities, unit_named
from generate_description.check.suspicion import looks_like_instructions
from generate_description.check.tokens import Token, tokenise
from generate_description.check.vocabulary import concepts
from generate_description.check.words import fold

MAX_VALUE = 120
MARKUP = re.compile(r"<[^>]{0,200}>|https?://|www\.|[{}\\]|@\w")
INVISIBLE = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
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


VALUE_SECTIONS = frozenset({"material", "colour", "country", "type", "promise", "part"})


def translate(text: str, language: str, sections: frozenset[str] | None = None) -> str | None:
    """The text in the language, if every part of it is known; None otherwise."""
    share = SHARE.match(text)
    if share:
        rest = translate(share[2], language, sections)
        return (
            None
            if rest is None
            else f"{localise_number(share[1], language)} % {'de ' if language == 'es' else ''}{rest}"
        )
    number = find_concept(text, sections)
    if number is not None:
        return written(number, text, language)
    parts = [part for part in LIST.split(text) if part]
    if len(parts) < 2:
        return None
    translated = [translate(part, language, sections) for part in parts]
    known = [part for part in translated if part is not None]
    return join(known, language) if len(known) == len(parts) else None


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
    return bool(find_quantities(value)) and not re.search(r"[^\W\d_]", QUANTITY.sub("", value))


def is_foreign(value: str, language: str) -> bool:
    """Plain words of the other of our two languages: they are quoted, not passed off as ours."""
    other = OTHER.get(language)
    if other is None:
        return False
    words = [token for token in tokenise(value) if len(token.text) > 1 and not is_name(token)]
    known_here = [known(word, language) for word in words]
    known_there = [known(word, other) for word in words]
    return bool(words) and sum(known_there) > sum(known_here)


def is_name(token: Token) -> bool:
    return token.text[0].isupper() and token.start > 0


@lru_cache(maxsize=8192)
def known_word(word: str, language: str) -> bool:
    return bool(simplemma.is_known(word, lang=language))


def known(token: Token, language: str) -> bool:
    return known_word(token.text.casefold(), language)


def sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """`Sea blue` inside a sentence is `sea blue`; `USB-C`, `iPhone` and `LED` stay."""
    first = text.split(" ", 1)[0]
    return text[:1].lower() + text[1:] if first[:1].isupper() and first[1:].islower() else text
