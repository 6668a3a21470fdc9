r"""Text in cells: trimming, lists and attributes in one cell, and the guard against formulas.

Lists are written `one | two`, attributes `Name=Value; Name=Value`. A value that is not plain text says what it is:
`Height:number(cm)=12.5; Recyclable:boolean=true; Colours:list=red | blue`. A backslash takes the meaning from what
follows (`\|`, `\;`, `\=`, `\:`, `\\`, and spaces at the ends), so that any value survives; before anything else it is
a backslash.

The formula guard. Spreadsheets run what stands in a cell after `=`, `+`, `-` or `@`. An apostrophe in front makes it
text, but shops keep that apostrophe in a live title, so each format says how far it goes:

* `full` (generic CSV): every text cell that begins like that, also after spaces or quotes, or full-width;
* `formulas` (Shopify, Google): only what calls a function or a program, which no title does. `-20 % on mugs` stays;
* WooCommerce has its own rule, which its importer takes back; see there;
* `none`.

Our import takes the apostrophe off again, exactly. Columns of numbers are never guarded.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from app.formats.base import GuardLevel

# The characters that the contracts strip (Unicode's White_Space); str.strip() takes four more.
WHITESPACE = (
    "\t\n\x0b\x0c\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
)
ESCAPED = frozenset("\\|;=:()" + WHITESPACE)
LIST_JOINT = " | "
ATTRIBUTE_JOINT = "; "

TRIGGERS = "=+\\-@\uff1d\uff0b\uff0d\uff20"
QUOTES = "\"'\u2018\u2019\u201c\u201d\u00ab\u00bb"
# Whoever matches still matches with an apostrophe in front: taking the guard off again relies on it.
FORMULA_LIKE = re.compile(rf"[\s\x00-\x20{QUOTES}\u200b\ufeff]*[{TRIGGERS}]|[{QUOTES}]*[\t\r]")
FORMULA = re.compile(
    rf"[\s\x00-\x20{QUOTES}\u200b\ufeff]*[{TRIGGERS}]"
    r"[^(|!]{0,500}?(?:[A-Za-z][A-Za-z0-9._]{0,60}\(|\|[^|]{0,2000}!|![A-Za-z$])"
)


def trim(text: str) -> str:
    return text.strip(WHITESPACE)


@lru_cache(maxsize=4096)
def plain_header(column: str) -> str:
    """`\ufeffImage_Link ` → `image link`"""
    name = " ".join(column.replace("_", " ").replace("\ufeff", "").casefold().split())
    return name.removeprefix("g:")


def escape(text: str, marks: str) -> str:
    """`marks` are the characters that mean something where the text will stand."""
    escaped = "".join("\\" + character if character == "\\" or character in marks else character for character in text)
    if escaped and escaped[0] in WHITESPACE:
        escaped = "\\" + escaped
    if len(text) > 1 and text[-1] in WHITESPACE:
        escaped = escaped[:-1] + "\\" + escaped[-1]
    return escaped


def tokens(text: str) -> list[tuple[str, bool]]:
    """Characters, and whether a backslash stood before them."""
    found = []
    index = 0
    while index < len(text):
        character = text[index]
        if character == "\\" and index + 1 < len(text) and text[index + 1] in ESCAPED:
            found.append((text[index + 1], True))
            index += 2
        else:
            found.append((character, False))
            index += 1
    return found


def unescape(text: str) -> str:
    if "\\" not in text:
        return trim(text)
    found = tokens(text)
    start, end = 0, len(found)
    while start < end and not found[start][1] and found[start][0] in WHITESPACE:
        start += 1
    while end > start and not found[end - 1][1] and found[end - 1][0] in WHITESPACE:
        end -= 1
    return "".join(character for character, _ in found[start:end])


def split_raw(text: str, separator: str) -> list[str]:
    """Parts that are still escaped."""
    if "\\" not in text:
        return text.split(separator)
    parts: list[str] = []
    current: list[str] = []
    for character, escaped in tokens(text):
        if character == separator and not escaped:
            parts.append("".join(current))
            current = []
        else:
            current.append("\\" + character if escaped else character)
    return [*parts, "".join(current)]


def join_list(values: Iterable[str], marks: str = "|") -> str:
    return LIST_JOINT.join(escape(value, marks) for value in values)


def split_list(text: str) -> list[str]:
    return [value for value in map(unescape, split_raw(text, "|")) if value]


def guard(text: str, level: GuardLevel) -> str:
    if not text or level == "none" or not FORMULA_LIKE.match(text):
        return text
    # What already looks guarded is guarded again, so that taking it back is exact.
    if level == "full" or FORMULA.match(text) or text[0] == "'":
        return "'" + text
    return text


def unguard(text: str) -> str:
    return text[1:] if text[:1] == "'" and FORMULA_LIKE.match(text, 1) else text


def is_formula_like(text: str) -> bool:
    return FORMULA_LIKE.match(text) is not None
