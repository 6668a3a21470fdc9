"""Logical lines: what a person reads as one statement, also where it is printed as two columns."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from describe_image.label_reader.facts.vocabulary import find_label
from describe_image.label_reader.geometry import Placed, TextLine

ENDS_WITH_COLON = re.compile(r"[:：]\s*$")
FEWEST_LETTERS = 2
LEAST_CONFIDENCE = 0.75


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """`text` is verbatim: one line, or a label and its value joined by a space."""

    text: str
    lines: tuple[TextLine, ...]

    @property
    def confidence(self) -> float:
        return min(line.confidence for line in self.lines)

    @property
    def height(self) -> float:
        return max(line.height for line in self.lines)


def is_legible(line: TextLine) -> bool:
    """Not a speck, a piece of a picture or a row of bars taken for letters."""
    signs = [sign for sign in line.text if not sign.isspace()]
    alphanumeric = sum(sign.isalnum() for sign in signs)
    if line.confidence < LEAST_CONFIDENCE or alphanumeric < FEWEST_LETTERS or alphanumeric < 0.5 * len(signs):
        return False
    # A short word needs more certainty: patterns and logos are often read as two or three letters.
    return alphanumeric > 3 or line.confidence >= 0.9


def is_label(text: str) -> bool:
    """A caption whose value stands beside it or below: it ends with a colon, or is a word that we know."""
    if ENDS_WITH_COLON.search(text):
        return True
    label = find_label(text)
    return label is not None and label.needs_value


def join(label: TextLine, value: TextLine) -> Reading:
    return Reading(f"{label.text} {value.text}", (label, value))


def readings_of(blocks: Sequence[Sequence[Sequence[Placed]]]) -> list[Reading]:
    found: list[Reading] = []
    for rows in blocks:
        legible = [[item for item in row if is_legible(item.line)] for row in rows]
        found += readings_of_block([row for row in legible if row])
    return found


def readings_of_block(rows: Sequence[Sequence[Placed]]) -> list[Reading]:
    found: list[Reading] = []
    used: set[int] = set()
    for number, row in enumerate(rows):
        for index, item in enumerate(row):
            if id(item) in used:
                continue
            value = value_of(item, row[index + 1 :], rows[number + 1] if number + 1 < len(rows) else [])
            if value is None:
                found.append(Reading(item.line.text, (item.line,)))
            else:
                used.add(id(value))
                found.append(join(item.line, value.line))
    return found


def value_of(item: Placed, beside: Sequence[Placed], below: Sequence[Placed]) -> Placed | None:
    """The line that completes a label, beside it or, for one with a colon, directly below it."""
    if not is_label(item.line.text):
        return None
    if beside and not is_label(beside[0].line.text):
        return beside[0]
    if beside or not ENDS_WITH_COLON.search(item.line.text):
        return None
    for other in below:
        aligned = abs(other.left - item.left) < 1.5 * item.height
        if aligned and other.top - item.bottom < item.height and ":" not in other.line.text:
            return other
    return None
