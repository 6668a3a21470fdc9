"""Cut a text into words, quantities and identifiers, and see what is negated."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from generate_description.check.quantities import IDENTIFIER, Quantity, find_quantities
from generate_description.check.words import WORD, fold, forms, normalise

NORM = re.compile(r"\b(?:IP|IK|ISO|EN|DIN|UNE|UL|ASTM|BS|IEC|NF|UPF|SPF)[\s-]?[X\d]\d[\d-]*(?:[-:]\d+)*\b")

PREPOSITIONS = frozenset({"without", "sin"})
NEGATORS = frozenset({"not", "no", "never", "neither", "nor", "cannot", "nunca", "ni", "tampoco", "jamas"})
STOPS = frozenset({"but", "pero", "sino", "with", "con", "while", "mientras", "yet", "because", "porque"})
CONJUNCTIONS = frozenset({"and", "y", "e"})
ONLY = frozenset({"only", "just", "solo", "solamente", "unicamente"})
BOUNDARY = re.compile(r"[.;:!?(),\n]")


@dataclass(slots=True, eq=False)
class Token:
    text: str
    start: int
    end: int
    forms: frozenset[str]
    before: str = ""
    negator: int | None = None
    """The index of the word that negates this one."""

    @property
    def folded(self) -> str:
        return fold(self.text)


@dataclass(slots=True)
class Reading:
    """A text as the check sees it. Offsets refer to `text`, which is normalised."""

    text: str
    tokens: list[Token]
    quantities: list[Quantity]
    identifiers: list[tuple[str, int, int]] = field(default_factory=list)


def tokenise(text: str) -> list[Token]:
    tokens = []
    end = 0
    for match in WORD.finditer(text):
        tokens.append(Token(match[0], match.start(), match.end(), forms(match[0]), text[end : match.start()]))
        end = match.end()
    return tokens


def read(text: str, decimal: str | None = None) -> Reading:
    text = normalise(text)
    identifiers: list[tuple[str, int, int]] = []
    masked = text

    def mask(start: int, end: int) -> None:
        nonlocal masked
        masked = masked[:start] + " " * (end - start) + masked[end:]

    for match in NORM.finditer(text):
        identifiers.append((squeeze(match[0]), match.start(), match.end()))
        mask(match.start(), match.end())
    quantities = find_quantities(masked, decimal)
    covered = [(quantity.start, quantity.end) for quantity in quantities if quantity.unit or quantity.dimension]
    for match in IDENTIFIER.finditer(masked):
        if any(start < match.end() and match.start() < end for start, end in covered):
            continue
        if re.fullmatch(r"\d+[-/][^\W\d]+", match[0]):  # 24-piece
            continue
        identifiers.append((squeeze(match[0]), match.start(), match.end()))
        quantities = [q for q in quantities if not (match.start() <= q.start < match.end())]
    for quantity in quantities:
        mask(quantity.start, quantity.end)
    for _, start, end in identifiers:
        mask(start, end)
    tokens = tokenise(masked)
    mark_negations(tokens)
    return Reading(text, tokens, quantities, identifiers)


def squeeze(identifier: str) -> str:
    return fold(re.sub(r"[\s./_-]", "", identifier))


def mark_negations(tokens: Sequence[Token]) -> None:
    active: int | None = None
    through_and = False
    for index, token in enumerate(tokens):
        word = token.folded
        if active is not None and (
            BOUNDARY.search(token.before) or word in STOPS or (word in CONJUNCTIONS and not through_and)
        ):
            active = None
        following = tokens[index + 1].folded if index + 1 < len(tokens) else ""
        if word == "free" and index and tokens[index - 1].end == token.start - 1 and following not in {"of", "from"}:
            negate_compound(tokens, index)
            continue
        if word in {"free", "libre", "exento", "exenta"} and following in {"of", "from", "de"}:
            active, through_and = index, True
            continue
        if word in PREPOSITIONS:
            active, through_and = index, True
            continue
        is_number_sign = word == "no" and index + 1 < len(tokens) and re.match(r"\.?\s*\d", tokens[index + 1].before)
        if (word in NEGATORS and not is_number_sign and following not in ONLY) or word.endswith("n't"):
            active, through_and = index, False
            continue
        token.negator = active


def negate_compound(tokens: Sequence[Token], free: int) -> None:
    """`BPA-free`, and in `BPA- and phthalate-free` both."""
    index = free - 1
    tokens[index].negator = free
    while index >= 2 and tokens[index - 1].folded in {"and", "or"} and tokens[index - 1].before.startswith("-"):
        index -= 2
        tokens[index].negator = free
