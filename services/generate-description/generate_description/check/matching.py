"""Whether a fact gives a claim's number: same amount, same attribute, same things counted."""

import re
from dataclasses import dataclass, field

from generate_description.check.evidence import Evidence, Unit
from generate_description.check.families import BESIDE, COUNT_WORDS, compatible, families_of, parts_of
from generate_description.check.quantities import Quantity, same_amount
from generate_description.check.tokens import Reading, Token
from generate_description.check.vocabulary import Occurrence, concepts, neutral_words

CLAUSE_END = re.compile(r"[,;:.!?()](?!\d)|\n|(?<!\w)(?:and|with|y|con|e|while|or|o)(?!\w)", re.IGNORECASE)
_ARTICLES = """
a an the of de del el la los las un una in en with con for para to up its su sus per por each
"""
ARTICLES = frozenset(_ARTICLES.split())
TIME_UNITS = frozenset({"year", "month"})


LEADING = ARTICLES | frozenset({"this", "that", "each", "every", "both", "este", "esta", "cada"})


@dataclass(slots=True)
class Match:
    """The units that give a number, and whether others give it for another attribute or another part."""

    units: list[Unit] = field(default_factory=list)
    elsewhere: bool = False
    other_part: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    start: int
    end: int


def clauses_of(claim: Reading) -> list[Clause]:
    ends = [match.start() for match in CLAUSE_END.finditer(claim.text)] + [len(claim.text)]
    starts = [0, *ends[:-1]]
    return [Clause(start, end) for start, end in zip(starts, ends, strict=True)]


class QuantityMatcher:
    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.plain = neutral_words("en") | neutral_words("es")

    def match(self, quantity: Quantity, claim: Reading, clauses: list[Clause], occurrences: list[Occurrence]) -> Match:
        clause = next((c for c in clauses if c.start <= quantity.start < c.end), Clause(0, len(claim.text)))
        tokens = [token for token in claim.tokens if clause.start <= token.start < clause.end]
        # "Height and weight are 80 mm and 145 g respectively": the nearest word is not the one that is meant.
        in_order = any(token.folded in {"respectively", "respectivamente"} for token in claim.tokens)
        families = frozenset() if in_order else nearest_families(tokens, quantity)
        subject = self.subject(claim, clauses, clause, occurrences)
        parts = self.parts_beside(claim, quantity, occurrences)
        named = parts_of(
            [found for found in occurrences if clause.start <= claim.tokens[found.first].start < clause.end]
        )
        found = Match()
        for unit in self.evidence.with_quantities:
            amounts = [own for own in unit.quantities if same_quantity(quantity, own, unit)]
            if not amounts:
                continue
            fits = (
                compatible(families, unit.families)
                and self.parts_fit(families, parts, named, unit)
                and self.counts_the_same(quantity, claim, clause, unit)
                and self.share_of_the_same(quantity, claim, unit, amounts, occurrences)
            )
            if fits and subject and not subject & unit.about:
                found.other_part = True
            elif fits:
                found.units.append(unit)
            else:
                found.elsewhere = True
        return found

    def subject(
        self, claim: Reading, clauses: list[Clause], clause: Clause, occurrences: list[Occurrence]
    ) -> frozenset[int]:
        """The part that the clause of a number speaks of: "The battery weighs …", "its lid and handle measure …".

        A clause without a subject of its own goes on about that of the one before.
        """
        subject: frozenset[int] = frozenset()
        for each in clauses:
            inside = [i for i, token in enumerate(claim.tokens) if each.start <= token.start < each.end]
            own = self.leading_part(claim, inside, occurrences)
            if own is not None:
                subject = own
            if each == clause:
                break
        return subject

    def leading_part(self, claim: Reading, inside: list[int], occurrences: list[Occurrence]) -> frozenset[int] | None:
        """None if the clause begins with no noun; empty if it begins with one that is no part."""
        for index in inside:
            token = claim.tokens[index]
            starting = [found for found in occurrences if found.first == index and found.last in inside]
            if any(f.last > f.first and concepts().section(f.concept) == "attribute" for f in starting):
                return frozenset()  # "Back length" is a name of its own
            if parts := parts_of(starting):
                return frozenset(part for part in parts if not self.is_product(part) and not is_whole(part))
            sections = {concepts().section(found.concept) for found in starting}
            if "type" in sections or token.forms & self.evidence.product_words:
                return frozenset()
            # "The weight of the steel lid …"
            leads = token.folded in LEADING or token.folded in BESIDE or families_of(token)
            if not leads and not sections & {"material", "colour"}:
                return None
        return None

    def parts_beside(self, claim: Reading, quantity: Quantity, occurrences: list[Occurrence]) -> frozenset[int]:
        near = []
        for found in occurrences:
            first, last = claim.tokens[found.first], claim.tokens[found.last]
            after = 0 <= first.start - quantity.end <= 8
            before = 0 <= quantity.start - last.end <= 12
            words = {form for token in claim.tokens[found.first : found.last + 1] for form in token.forms}
            if (after or before) and not words & self.evidence.product_words:
                near.append(found)
        return parts_of(near)

    def parts_fit(self, families: frozenset[str], beside: frozenset[int], named: frozenset[int], unit: Unit) -> bool:
        """`beside`: the parts next to the number; `named`: those anywhere in its clause."""
        own = unit.parts if unit.atomic else frozenset()
        own = frozenset(part for part in own if not self.is_product(part))
        if not own or own & (named | beside):
            return True
        if beside:
            return False
        # The length of a cable is not the length of the lamp.
        return not families or bool(families & unit.families)

    def is_product(self, concept: int) -> bool:
        known = concepts().concepts[concept]
        words = {word.casefold() for name in (*known.english, *known.spanish) for word in name.split()}
        return bool(words & self.evidence.product_words)

    def counts_the_same(self, quantity: Quantity, claim: Reading, clause: Clause, unit: Unit) -> bool:
        if quantity.unit is not None or quantity.dimension:
            return True
        counted = self.content_word(claim, quantity, after=True)
        if counted is None or unit.forms & counted.forms:
            return True
        if self.shares_concept(counted, unit):
            return True
        if not unit.counts:
            return False
        named = {found.concept for found in concepts().find([counted])}
        return bool(
            counted.forms & (self.evidence.product_words | COUNT_WORDS) or named & self.evidence.product_concepts
        )

    def share_of_the_same(
        self, quantity: Quantity, claim: Reading, unit: Unit, amounts: list[Quantity], occurrences: list[Occurrence]
    ) -> bool:
        """80 % cotton: the number belongs to the word beside it."""
        if quantity.unit != "percent":
            return True
        named = self.content_word(claim, quantity, after=True) or self.content_word(claim, quantity, after=False)
        if named is None:
            return True
        percents = [own for own in unit.quantities if own.unit == "percent"]
        if len(percents) == 1:
            index = claim.tokens.index(named)
            around = {found.concept for found in occurrences if found.first <= index <= found.last}
            return bool(unit.forms & named.forms or around & unit.concepts)
        for own in amounts:
            beside = self.content_word(unit.value, own, after=True) or self.content_word(unit.value, own, after=False)
            if beside is not None and (beside.forms & named.forms or same_concept(beside, named)):
                return True
        return False

    def content_word(self, reading: Reading, quantity: Quantity, *, after: bool) -> Token | None:
        """The next word beside a number that says what is counted."""
        tokens = reading.tokens if after else reversed(reading.tokens)
        for token in tokens:
            if (token.start < quantity.end) if after else (token.end > quantity.start):
                continue
            between = reading.text[quantity.end : token.start] if after else reading.text[token.end : quantity.start]
            if re.search(r"[,;:.!?()\d]", between) or len(between) > 24:
                return None
            if token.folded in ARTICLES:
                continue
            is_count = bool(token.forms & COUNT_WORDS)
            return token if is_count or not token.forms & self.plain or families_of(token) else None
        return None

    def shares_concept(self, token: Token, unit: Unit) -> bool:
        return any(found.concept in unit.concepts for found in concepts().find([token]))


def is_whole(part: int) -> bool:
    """The body of a thing is as good as the thing."""
    return "body" in concepts().concepts[part].english


def same_concept(first: Token, second: Token) -> bool:
    known = concepts()
    return bool({f.concept for f in known.find([first])} & {f.concept for f in known.find([second])})


def nearest_families(tokens: list[Token], quantity: Quantity) -> frozenset[str]:
    best: frozenset[str] = frozenset()
    distance: int | None = None
    for token in tokens:
        families = families_of(token)
        if not families:
            continue
        gap = token.start - quantity.end if token.start >= quantity.end else quantity.start - token.end
        if distance is None or gap < distance:
            best, distance = families, gap
    return best


def same_quantity(claimed: Quantity, own: Quantity, unit: Unit) -> bool:
    if claimed.unit is not None and own.unit is None:
        # "Age: 3" and "from 3 years".
        if claimed.unit not in TIME_UNITS or not (unit.families & {"age", "warranty"}):
            return False
        return any(value == other for value in claimed.values for other in own.values)
    return any(same_amount(value, claimed.unit, other, own.unit) for value in claimed.values for other in own.values)
