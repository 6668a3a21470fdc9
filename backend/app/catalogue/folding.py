"""Texts as they are compared in a search: without case, accents and punctuation.

The migration that makes the search has the same rules as SQL functions, for what is stored; a test holds them together.
"""

import re
import unicodedata

# What NFKD leaves whole: capitals of other alphabets, and letters that people type without their stroke.
GREEK = "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩς", "αβγδεζηθικλμνξοπρστυφχψωσ"
CYRILLIC = "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЂЄЅІЈЉЊЋЏҐ", "абвгдежзиклмнопрстуфхцчшщъыьэюяђєѕіјљњћџґ"
STROKED = "ØøĐđÐðŁłĦħıŊŋ", "ooddddllhhinn"
LETTERS: dict[int, str] = {
    **{ord(letter): small for letters in (GREEK, CYRILLIC, STROKED) for letter, small in zip(*letters, strict=True)},
    **{ord(letter): "ss" for letter in "ßẞ"},
    **{ord(letter): "ae" for letter in "æÆ"},
    **{ord(letter): "oe" for letter in "œŒ"},
    **{ord(letter): "th" for letter in "þÞ"},
}
ASCII_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
COMBINING = re.compile("[\u0300-\u036f]")
SEPARATORS = re.compile(
    "[\x01-\x2f:-@\\[-`{-\x7f\u0080-\u00bf\u00d7\u00f7\u02b0-\u02ff\u1680\u2000-\u2bff\u3000-\u303f\ufe00-\ufe0f\ufe30-\ufe4f]+"
)


def fold(text: str) -> str:
    if not text.isascii():
        text = COMBINING.sub("", unicodedata.normalize("NFKD", text)).translate(LETTERS)
    return text.translate(ASCII_LOWER)


def words_of(folded: str) -> list[str]:
    return [word for word in SEPARATORS.split(folded) if word]
