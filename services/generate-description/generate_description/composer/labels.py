"""What a fact is called, in the target language; nothing where that is not known."""

import re

from generate_description.check.tokens import tokenise
from generate_description.check.vocabulary import base_language, concepts
from generate_description.check.words import fold
from generate_description.composer.kinds import bare_name
from generate_description.composer.spanish_nouns import article_of, pluralise
from generate_description.composer.values import clean, find_concept, is_spelt_in, sentence_case, speaks

LABEL_SECTIONS = frozenset({"attribute", "part", "promise", "material", "type"})
NUMBERED = re.compile(r"^(?P<rest>.+?)\s+(?P<number>\d{1,2})$")
JOINED = re.compile(r"^(?P<first>.+?)\s+(?P<word>with|without|con|sin)\s+(?P<second>.+)$", re.IGNORECASE)
OF = re.compile(r"^(?P<first>.+?)\s+(?:de\s+la|de\s+las|de\s+los|del|de|of\s+the|of)\s+(?P<second>.+)$", re.IGNORECASE)
REGISTERS = frozenset({"sku", "gtin", "ean", "upc", "mpn", "isbn", "asin"})
WORDS = {"with": ("with", "con"), "con": ("with", "con"), "without": ("without", "sin"), "sin": ("without", "sin")}


def label_for(name: str, language: str) -> str | None:
    """As the source writes it where that is the target language, never bent; else from the table, or None."""
    shown = bare_name(clean(name))
    language = base_language(language)
    if language not in {"en", "es"}:
        return sentence_case(shown)
    if shown.casefold() in REGISTERS:
        return shown.upper()
    said = in_language(shown, language)
    return sentence_case(said) if said else None


def in_language(name: str, language: str) -> str | None:
    number = find_concept(name, LABEL_SECTIONS)
    section = concepts().section(number) if number is not None else None
    if number is not None and section in LABEL_SECTIONS:
        if is_spelt_in(number, name, language):
            return name
        concept = concepts().concepts[number]
        if is_spelt_in(number, name, "es" if language == "en" else "en"):
            return (concept.spanish if language == "es" else concept.english)[0]
        if not speaks(name, language):
            # A plural of a word that the table has in the singular.
            return pluralise(concept.spanish[0]) if language == "es" else f"{concept.english[0]}s"
    if speaks(name, language) and any(character.isalpha() for character in name):
        return name
    return composed(name, language)


def composed(name: str, language: str) -> str | None:
    """`no-load speed gear 1`, `weight with battery`, `handle length`, `longitud del asa`."""
    spanish = language == "es"
    if match := NUMBERED.match(name):
        rest = in_language(match["rest"], language)
        return f"{rest} {match['number']}" if rest else None
    if match := JOINED.match(name):
        first, second = in_language(match["first"], language), in_language(match["second"], language)
        return f"{first} {WORDS[match['word'].casefold()][spanish]} {second}" if first and second else None
    if match := OF.match(name):
        first, second = table(match["first"], language, "attribute"), table(match["second"], language, "part")
        return of_part(first, second, language) if first and second else None
    if spanish:
        tokens = tokenise(name)
        for cut in range(1, len(tokens)):
            part, attribute = name[: tokens[cut].start].strip(), name[tokens[cut].start :]
            first, second = table(attribute, language, "attribute"), table(part, language, "part")
            if first and second:
                return of_part(first, second, language)
    return None


def of_part(attribute: str, part: str, language: str) -> str:
    if language == "en":
        return f"{part} {attribute}"
    article = article_of(part)
    return f"{attribute} {'del' if article == 'el' else f'de {article}'} {part}"


def table(name: str, language: str, section: str) -> str | None:
    number = find_concept(name, frozenset({section}))
    if number is None or concepts().section(number) != section:
        return None
    concept = concepts().concepts[number]
    names = concept.spanish if language == "es" else concept.english
    return next((known for known in names if fold(known) == fold(name)), names[0])
