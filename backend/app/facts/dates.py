"""Dates as sources write them. `03/04/2026` is March or April: it may mean both, until another source decides."""

import datetime
import re
from functools import lru_cache

import babel

from app.facts.names import plain

ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:T.*)?", re.DOTALL)
NUMERIC = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})")
MAX_LENGTH = 40


@lru_cache(maxsize=1)
def months() -> dict[str, int]:
    found: dict[str, int] = {}
    for language in ("en", "es", "de"):
        for width in ("wide", "abbreviated"):
            found |= {plain(name): number for number, name in babel.Locale(language).months["format"][width].items()}
    return found


def date(year: str, month: str | int, day: str) -> frozenset[datetime.date]:
    try:
        return frozenset({datetime.date(int(year), int(month), int(day))})
    except ValueError:
        return frozenset()


def dates_of(text: str) -> frozenset[datetime.date]:
    """All days that the text as a whole may mean; empty when it is no date."""
    value = text.strip()
    if len(value) > MAX_LENGTH or not value[:1].isalnum():
        return frozenset()
    iso = ISO.fullmatch(value)
    if iso:
        return date(iso[1], iso[2], iso[3])
    numeric = NUMERIC.fullmatch(value)
    if numeric:
        first, separator, second, year = numeric.groups()
        day_first = date(year, second, first)
        return day_first if separator == "." else day_first | date(year, first, second)
    words = [word for word in plain(value).split() if word not in {"de", "of", "del"}]
    numbers = [word.rstrip("stndrh") for word in words if word[0].isdigit()]
    named = [months()[word] for word in words if word in months()]
    if len(words) == 3 and len(named) == 1 and len(numbers) == 2 and all(each.isdecimal() for each in numbers):
        day, year = sorted(numbers, key=len)
        return date(year, named[0], day) if len(year) == 4 else frozenset()
    return frozenset()
