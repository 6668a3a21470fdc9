"""Lengths are enforced at the ends of words and sentences, never inside of them."""

from collections.abc import Sequence


def fit_title(text: str, limit: int) -> str:
    """As many whole words as fit; a single word that is longer is cut, since nothing else is left."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    cut = text[: limit + 1].rsplit(" ", 1)[0] if " " in text[: limit + 1] else text[:limit]
    return cut.rstrip(" ,;:–-|(") or text[:limit]


def fit_sentences(sentences: Sequence[str], limit: int) -> list[int]:
    """The positions of the sentences that fit together, in order; a sentence that is too long is passed over."""
    chosen: list[int] = []
    length = 0
    for position, sentence in enumerate(sentences):
        needed = len(sentence) + (1 if chosen else 0)
        if length + needed <= limit:
            chosen.append(position)
            length += needed
    return chosen
