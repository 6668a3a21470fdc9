"""Words and their normal forms: how `Enamelled`, `esmaltadas` and `enamel` become comparable."""

import re
import unicodedata
from functools import lru_cache

LEMMA_LANGUAGES = ("en", "es")

VULGAR_FRACTION = re.compile("[¼½¾⅐-⅞]")
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
COMPARED = re.compile(r"(?:est|er|ier|iest)$")
IRREGULAR_COMPARED = frozenset(
    {"best", "better", "most", "least", "worst", "finest", "mejor", "peor", "maximo", "minimo"}
)
_NOT_COMPARED = "other over under after never rest test water paper power further later former"
NOT_COMPARED = frozenset(_NOT_COMPARED.split())

# Participles and adjectives of one Spanish word differ by gender and number only.
SPANISH_GENDER = re.compile(r"(ad|id|ech|os|iv|ic|an|en|er|or|in|il|ut|ient|alt|uest|ect|it|ur|amic|ric)[oa]s?$")
# One word written the British and the American way.
SPELLINGS = (
    (re.compile(r"our$"), "or"),
    (re.compile(r"ours$"), "ors"),
    (re.compile(r"oured$"), "ored"),
    (re.compile(r"lled$"), "led"),
    (re.compile(r"lling$"), "ling"),
    (re.compile(r"isable$"), "izable"),
    (re.compile(r"ised$"), "ized"),
    (re.compile(r"metre(s?)$"), r"meter\1"),
    (re.compile(r"^fibre(s?)$"), r"fiber\1"),
    (re.compile(r"^alumini?um$"), "aluminum"),
    (re.compile(r"^grey$"), "gray"),
)


PLAIN = str.maketrans("’‘“”‐‑–−⁄º", "''\"\"----/°") | {ord("—"): " - "}


def normalise(text: str) -> str:
    """Compatibility forms and plain quotes and hyphens. Lengths may change: never used where offsets count."""
    text = VULGAR_FRACTION.sub(lambda match: " " + unicodedata.normalize("NFKC", match[0]).replace("⁄", "/"), text)
    return unicodedata.normalize("NFKC", text.translate(PLAIN)).translate(PLAIN)


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """Lower case without accents (but `ñ` stays: año is not ano)."""
    lowered = word.casefold().replace("ñ", "\0")
    stripped = "".join(c for c in unicodedata.normalize("NFD", lowered) if not unicodedata.combining(c))
    return stripped.replace("\0", "ñ")


@lru_cache(maxsize=65_536)
def forms(word: str) -> frozenset[str]:
    """All normal forms of a word. Two words are the same when they share one."""
    lowered = word.casefold()
    base = lowered.removesuffix("'s").removesuffix("’s")
    found = {fold(base)}
    if not is_compared(word):
        for language in LEMMA_LANGUAGES:
            if len(base) <= 40:
                found.add(fold(lemma_of(base, language)))
    for form in list(found):
        found.update(variants(form))
    return frozenset(found)


@lru_cache(maxsize=65_536)
def lemma_of(word: str, language: str) -> str:
    import simplemma  # its dictionaries are read by the first who needs a lemma

    return str(simplemma.lemmatize(word, lang=language))


@lru_cache(maxsize=8192)
def is_known_word(word: str, language: str) -> bool:
    import simplemma

    return bool(simplemma.is_known(word, lang=language))


def variants(form: str) -> set[str]:
    found = set()
    if len(form) > 4:
        match = SPANISH_GENDER.search(form)
        if match:
            found.add(form[: match.end(1)] + "o")
        for pattern, replacement in SPELLINGS:
            if pattern.search(form):
                found.add(pattern.sub(replacement, form))
    return found


@lru_cache(maxsize=65_536)
def is_compared(word: str) -> bool:
    """`best`, `lightest`, `stronger`: a comparison says more than its base form does."""
    lowered = fold(word)
    if lowered in IRREGULAR_COMPARED:
        return True
    if lowered in NOT_COMPARED or not COMPARED.search(lowered) or len(lowered) < 5:
        return False
    lemma = lemma_of(word.casefold(), "en")
    stem = COMPARED.sub("", lowered)
    return lemma != lowered and (lemma.rstrip("ey").startswith(stem.rstrip("i")[:-1]) and len(lemma) < len(lowered))
