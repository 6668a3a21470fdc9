"""The language of a page: what it declares, else its most frequent small words."""

import re

from extract_webcontent.reading.document import Document

TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
SMALL_WORDS = {
    "en": "the and of to in is with for that this your from are it on",
    "es": "el la los las de y en con para que una un por del es su",
    "de": "der die das und mit für ist von den ein eine auf nicht im zu",
    "fr": "le la les des et de pour avec est une un dans du sur votre",
    "it": "il la le di e per con una un che del della è in gli",
    "pt": "o a os as de e para com que uma um em do da não",
    "nl": "de het een en van voor met is op in te dat deze zijn",
    "pl": "i w na z do się jest dla nie oraz od to po jak",
}
WORDS = {language: frozenset(words.split()) for language, words in SMALL_WORDS.items()}


def declared_language(document: Document, meta: dict[str, str]) -> str | None:
    """A BCP 47 tag as `<html lang>` or the meta tags give it."""
    for given in (
        document.root.get("lang"),
        document.root.get("{http://www.w3.org/XML/1998/namespace}lang"),
        meta.get("og:locale"),
        meta.get("content-language"),
    ):
        if given and TAG.fullmatch(given.strip()[:35]):
            language, *rest = given.strip().replace("_", "-").split("-")
            return "-".join([language.lower(), *(part.upper() if len(part) == 2 else part for part in rest)])
    return None


def guessed_language(text: str) -> str | None:
    """By small words; None for too little or too mixed text."""
    words = re.findall(r"[^\W\d_]+", text[:20_000].lower())
    if len(words) < 12:
        return None
    counts = {language: sum(word in small for word in words) / len(words) for language, small in WORDS.items()}
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] >= 0.12 else None
