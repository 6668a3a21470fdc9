"""Gender and number of Spanish nouns."""

import re

from generate_description.check.words import fold, lemma_of

FEMININE_ENDING = re.compile(r"(?:a|ción|sión|dad|tad|tud|umbre|ie)$")
MASCULINE = frozenset(["mapa", "pijama", "sofa", "dia", "planta-pie", "sistema", "programa", "idioma", "pie"])
FEMININE = frozenset(["flor", "sarten", "luz", "red", "miel", "sal", "carne", "leche", "llave"])

STRESSED_A = frozenset(["asa", "agua", "ala", "arma", "aula", "hacha", "area", "aguila"])


def article_of(noun: str) -> str:
    """`el` before a stressed a, though the noun is feminine: el asa, el agua."""
    head = fold(noun.split()[0]) if noun.split() else ""
    if is_plural(head):
        return "las" if is_feminine(noun) else "los"
    return "la" if is_feminine(noun) and head not in STRESSED_A else "el"


def is_feminine(noun: str) -> bool:
    words = noun.split()
    if not words:
        return False
    head = fold(words[0])
    if is_plural(words[0]):
        head = fold(lemma_of(words[0].casefold(), "es"))
    if head in MASCULINE or (head.endswith("ma") and head not in {"crema", "cama", "goma", "llama", "pluma", "rama"}):
        return False
    return head in FEMININE or bool(FEMININE_ENDING.search(head)) or bool(FEMININE_ENDING.search(words[0].casefold()))


def is_plural(noun: str) -> bool:
    """`auriculares`, but not `rompecabezas` nor `paraguas`, which the dictionary has as they are."""
    word = noun.casefold()
    return word.endswith("s") and lemma_of(word, "es") != word


def pluralise(noun: str) -> str:
    first, space, rest = noun.partition(" ")
    ending = "s" if first[-1:] in "aeiouáéíóú" else "es"
    if first.endswith("z"):
        first = first[:-1] + "c"
    return first + ending + space + rest


_ADJECTIVES = """
incluido temprano tardío redondo cuadrado ovalado automático eléctrico magnético liso corto largo oscuro claro medio
lavado reciclado orgánico pulido cepillado ajustado regulado
"""
ADJECTIVES = frozenset(_ADJECTIVES.split())


def agree(label: str, value: str) -> str:
    """`Funda: incluida`: an adjective agrees with what it stands beside."""
    return value[:-1] + "a" if value in ADJECTIVES and is_feminine(label) else value
