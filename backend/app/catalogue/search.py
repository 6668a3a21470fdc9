"""What a person types, as a query on the search documents.

Every word must be found: as the beginning of a word of the product's texts, or as any part of its SKU or GTIN, whose
punctuation does not count. In a document the codes' lexemes begin with `#`, which no word can: all suffixes (a part
is the beginning of a suffix), and each single character, so that one letter need not run through all suffixes.
"""

from app.catalogue.folding import fold, words_of

# Of a word, as in the documents.
LEXEME_LENGTH = 64
CODE = "#"
# UPC, EAN and GTIN-14 of one thing differ by zeros in front.
SHORTEST_GTIN_WITH_ZEROS = 12


def lexeme(word: str, *, prefix: bool = True) -> str:
    # Words have no quotes or backslashes: both are separators.
    return f"'{word[:LEXEME_LENGTH]}'" + (":*" if prefix else "")


def term(chunk: str) -> str | None:
    """One typed piece: its words, or the code that they make together."""
    words = words_of(chunk)
    if not words:
        return None
    code = "".join(words)
    if code.isascii() and code.isdigit() and len(code) >= SHORTEST_GTIN_WITH_ZEROS:
        code = code.lstrip("0") or code
    in_code = lexeme(CODE + code[: LEXEME_LENGTH - 1], prefix=len(code) > 1)
    in_words = " & ".join(lexeme(word) for word in words)
    return f"(({in_words}) | {in_code})"


def search_query(text: str) -> str | None:
    """A tsquery; None when there is nothing in the text that could be found."""
    terms = [found for chunk in fold(text).split() if (found := term(chunk)) is not None]
    return " & ".join(dict.fromkeys(terms)) or None
