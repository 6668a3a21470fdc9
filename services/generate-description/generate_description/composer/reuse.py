"""Short sentences of the sources' own descriptions, if they are in the target language and plain."""

import re

from generate_description.check.quantities import find_quantities
from generate_description.check.tokens import tokenise
from generate_description.check.vocabulary import neutral_words
from generate_description.check.words import fold, normalise
from generate_description.composer.kinds import kind_of
from generate_description.composer.values import clean, presentable
from shared.models.facts import Fact

LENGTH = (30, 160)
MAX_FOUND = 8
MUCH = 0.75
SHOP_TALK = re.compile(
    r"\b(?:we|our|us|you'll|click|buy|order|cart|shipping|delivery|price|costs?|returns?|http|www|nuestr[oa]s?|compra|pedido|envío|"
    r"precio|cuesta|carrito|devoluci\w+|haz clic)\b|[€$£]|\d\s?%\s?(?:off|dto)",
    re.IGNORECASE,
)
# It goes on from a sentence before it, which may be missing here.
GOES_ON = re.compile(
    r"^(?:its?|they|their|this|these|those|that|he|she|his|her|also|besides|and|but|so|or|therefore|el mismo|su|sus|"
    r"est[aeo]s?|es[aeo]s?|ell[ao]s?|además|también|y|pero|así|por eso)\b",
    re.IGNORECASE,
)


def reusable_sentences(facts: list[Fact], language: str) -> list[tuple[Fact, str]]:
    found: list[tuple[Fact, str]] = []
    for fact in facts:
        if kind_of(fact.name) != "text" or fold(fact.name).startswith(("pack", "visible")):
            continue
        for sentence in re.split(r"(?<=[.!?])\s+", clean(fact.value)[:2000]):
            short = LENGTH[0] <= len(sentence) <= LENGTH[1] and sentence.endswith(".")
            plain = short and presentable(sentence[:120]) and not SHOP_TALK.search(sentence)
            if plain and not GOES_ON.match(sentence) and is_in_language(sentence, language):
                found.append((fact, sentence))
    return found[:MAX_FOUND]


def tells_again(sentence: str, said: str) -> bool:
    """Whether a number of it was told before, or nearly all of its words."""
    if find_quantities(normalise(sentence)) and {q.values for q in find_quantities(normalise(sentence))} <= {
        q.values for q in find_quantities(normalise(said))
    }:
        return True
    before = {form for token in tokenise(said) for form in token.forms}
    plain = neutral_words("en") | neutral_words("es")
    words = [token for token in tokenise(sentence) if not token.forms & plain]
    return bool(words) and sum(bool(token.forms & before) for token in words) >= MUCH * len(words)


def is_in_language(sentence: str, language: str) -> bool:
    words = [token.folded for token in tokenise(sentence)]
    own = neutral_words(language)
    other = neutral_words("es" if language == "en" else "en")
    here, there = sum(word in own for word in words), sum(word in other for word in words)
    return bool(words) and here > 2 * there and here >= len(words) / 4
