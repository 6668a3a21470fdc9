"""The verdict over one claim: each number, identifier and word must be backed, or assert nothing."""

from dataclasses import dataclass, field

from generate_description.check.citations import Element, cover
from generate_description.check.evidence import Evidence, Unit, polarity, squash
from generate_description.check.matching import Match, QuantityMatcher, clauses_of
from generate_description.check.quantities import Quantity
from generate_description.check.tokens import Reading, Token, read
from generate_description.check.vocabulary import (
    CERTIFICATES,
    SUPERLATIVES,
    Occurrence,
    base_language,
    concepts,
    neutral_words,
)
from generate_description.check.words import fold, is_compared
from shared.models.generate import Verdict

SCATTERED_SHARE = 0.6
SECTION_CODES = {
    "material": "material_not_in_facts",
    "colour": "colour_not_in_facts",
    "country": "origin_not_in_facts",
    "promise": "promise_without_fact",
}
# "80 mm high" only says what the number means; "high torque" is praise.
_SCALES = "high low heavy tall wide thick deep alto alta altos altas baja bajas"
SCALES = frozenset(_SCALES.split())
_NEGATION_WORDS = """
not no never without neither nor cannot sin nunca ni tampoco jamas free libre exento exenta
"""
NEGATION_WORDS = frozenset(_NEGATION_WORDS.split())
_MADE_OF = """
made crafted built fabricado fabricada hecho hecha elaborado elaborada de of from in en
"""
MADE_OF = frozenset(_MADE_OF.split())


STATED = frozenset({"material", "colour"})


@dataclass(slots=True)
class Finding:
    """What was found about one claim. `fact_ids`: those that back it, the most important first."""

    verdict: Verdict
    code: str
    what: str = ""
    fact_ids: list[str] = field(default_factory=list)


class ClaimCheck:
    def __init__(self, evidence: Evidence, language: str) -> None:
        self.evidence = evidence
        self.language = base_language(language)
        self.neutral = neutral_words(self.language)
        self.lexical = self.language in {"en", "es"}
        self.decimal = {"en": ".", "es": ","}.get(self.language)
        self.concepts = concepts()
        self.quantities = QuantityMatcher(evidence)

    def check(self, text: str) -> Finding:
        claim = read(text, self.decimal)
        occurrences = self.concepts.find(claim.tokens)
        verbatim = self.verbatim_units(claim, text)
        elements: list[Element] = []
        for problem in (
            self.check_quantities(claim, occurrences, elements),
            self.check_identifiers(claim, verbatim, elements),
            self.check_words(claim, occurrences, verbatim, elements),
            self.check_parts(claim, occurrences),
        ):
            if problem is not None:
                return problem
        if not elements:
            elements += verbatim.elements()
        scattered = self.check_scatter(elements)
        if scattered is not None:
            return scattered
        return self.conclude(self.stated_elements(elements, text))

    def stated_elements(self, elements: list[Element], text: str) -> list[Element]:
        """Without the words that only point at the product ("The mug …"), unless the claim is about its name."""
        written = squash(text)
        if any(" " in name and name in written for name in self.evidence.names):
            return elements
        return [element for element in elements if not element.only_names] or elements

    def conclude(self, elements: list[Element]) -> Finding:
        if not elements:
            if self.lexical:
                return Finding("style", "tone_only")
            return Finding("unsupported", "language_not_checkable")
        fact_ids = cover(elements)
        if not fact_ids:
            return Finding("supported", "backed_by_product")
        return Finding("supported", "backed_by_facts", fact_ids=fact_ids)

    def check_quantities(
        self, claim: Reading, occurrences: list[Occurrence], elements: list[Element]
    ) -> Finding | None:
        clauses = clauses_of(claim)
        names = self.name_spans(claim.text)
        by_place: dict[int, list[Quantity]] = {}
        for quantity in claim.quantities:
            by_place.setdefault(quantity.start, []).append(quantity)
        for group in by_place.values():
            matched = [(quantity, self.quantities.match(quantity, claim, clauses, occurrences)) for quantity in group]
            totals = [found.units for quantity, found in matched if quantity.total and found.units]
            factors = [found for quantity, found in matched if not quantity.total]
            if not totals and not all(found.units for found in factors):
                return Finding("unsupported", number_code(factors), group[0].text.strip())
            start, text = group[0].start, group[0].text
            named = any(first <= start < last for first, last in names)
            elements += [Element(text, units, start, named) for units in totals or [found.units for found in factors]]
        return None

    def name_spans(self, text: str) -> list[tuple[int, int]]:
        squashed, origin = squash_with_origin(text)
        found = [(squashed.find(name), len(name)) for name in self.evidence.names if name]
        return [(origin[at], origin[at + length - 1] + 1) for at, length in found if at >= 0]

    def word_element(self, token: Token, found: list[Occurrence], units: list[Unit]) -> Element:
        known = [occurrence.concept for occurrence in found]
        named = bool(token.forms & self.evidence.product_words or self.evidence.product_concepts & set(known))
        is_type = any(self.concepts.section(concept) == "type" for concept in known)
        return Element(token.text, units, token.start, named, named and is_type)

    def check_identifiers(self, claim: Reading, verbatim: "Verbatim", elements: list[Element]) -> Finding | None:
        for identifier, start, end in claim.identifiers:
            units = self.evidence.identifiers.get(identifier) or verbatim.at(start, end)
            if not units:
                return Finding("unsupported", "identifier_not_in_facts", claim.text[start:end])
            elements.append(Element(identifier, units, start))
        return None

    def check_words(
        self, claim: Reading, occurrences: list[Occurrence], verbatim: "Verbatim", elements: list[Element]
    ) -> Finding | None:
        by_token: dict[int, list[Occurrence]] = {}
        for found in occurrences:
            for index in range(found.first, found.last + 1):
                by_token.setdefault(index, []).append(found)
        missing: list[int] = []
        opposed = False
        denied = self.denied_later(claim)
        for index, token in enumerate(claim.tokens):
            positive = token.negator is None
            units = self.units_for(claim, index, by_token.get(index, []), positive)
            if not units and index in denied:
                # "The battery is not included": what is denied of it stands behind it.
                units = self.units_for(claim, index, by_token.get(index, []), positive=False)
            covered = verbatim.at(token.start, token.end)
            if units or covered:
                if not self.is_neutral(claim, index, by_token):
                    elements.append(self.word_element(token, by_token.get(index, []), units or covered))
                continue
            if self.is_neutral(claim, index, by_token) or token.folded in NEGATION_WORDS:
                continue
            if not self.lexical and not self.is_known(claim, index, by_token):
                continue
            missing.append(index)
            opposite = self.units_for(claim, index, by_token.get(index, []), not positive)
            opposed = opposed or bool(opposite)
        if not missing:
            return None
        return self.missing_words(claim, missing, by_token, opposed)

    def units_for(self, claim: Reading, index: int, found: list[Occurrence], positive: bool) -> list[Unit]:
        token = claim.tokens[index]
        flipped = positive != (token.negator is None)
        units: list[Unit] = []
        for form in token.forms:
            units += self.evidence.words.get((form, positive), ())
        for occurrence in found:
            side = polarity(claim.tokens, occurrence.first, occurrence.last) != flipped
            units += self.evidence.by_concept.get((occurrence.concept, side), ())
        return list(dict.fromkeys(units))

    def denied_later(self, claim: Reading) -> set[int]:
        """Words with a negation behind them in their clause."""
        denied = set()
        for clause in clauses_of(claim):
            inside = [i for i, token in enumerate(claim.tokens) if clause.start <= token.start < clause.end]
            last = max((i for i in inside if claim.tokens[i].negator is not None), default=-1)
            denied |= {i for i in inside if i < last and claim.tokens[i].negator is None}
        return denied

    def is_neutral(self, claim: Reading, index: int, by_token: dict[int, list[Occurrence]]) -> bool:
        token = claim.tokens[index]
        if any(
            found.last > found.first and self.concepts.section(found.concept) == "promise"
            for found in by_token.get(index, ())
        ):
            # Plain words that promise something together: "made by hand".
            return False
        folded = token.folded
        if folded in SUPERLATIVES or is_compared(token.text):
            return False
        if folded in SCALES:
            return bool(claim.quantities)
        if folded in self.neutral:
            return True
        if any(self.concepts.section(found.concept) in STATED for found in by_token.get(index, ())):
            # "haya" is a wood, though "haber" says nothing.
            return False
        return bool(token.forms & self.neutral) and not token.text.isupper()

    def is_known(self, claim: Reading, index: int, by_token: dict[int, list[Occurrence]]) -> bool:
        """In a language without data here: whether the word is one that we can judge all the same."""
        token = claim.tokens[index]
        return bool(by_token.get(index)) or token.folded in SUPERLATIVES or token.folded in CERTIFICATES

    def missing_words(
        self, claim: Reading, missing: list[int], by_token: dict[int, list[Occurrence]], opposed: bool
    ) -> Finding:
        tokens = [claim.tokens[index] for index in missing]
        words = " ".join(token.text for token in tokens[:6])
        folded = {token.folded for token in tokens}
        if opposed:
            return Finding("unsupported", "negation_differs", words)
        if folded & CERTIFICATES:
            return Finding("unsupported", "certificate_without_fact", words)
        if folded & SUPERLATIVES or any(is_compared(token.text) for token in tokens):
            return Finding("unsupported", "superlative", words)
        sections = [self.concepts.section(found.concept) for index in missing for found in by_token.get(index, [])]
        code = next((SECTION_CODES[section] for section in sections if section in SECTION_CODES), "not_in_facts")
        return Finding("unsupported", code, words)

    def check_parts(self, claim: Reading, occurrences: list[Occurrence]) -> Finding | None:
        """`An oak handle` needs a fact about the handle, not oak somewhere and a handle somewhere else."""
        section = self.concepts.section
        parts = [found for found in occurrences if section(found.concept) == "part"]
        for quality in occurrences:
            kind = section(quality.concept)
            if kind not in {"material", "colour"}:
                continue
            for part in parts:
                if self.is_product_word(claim, part) or not adjacent(claim, quality, part):
                    continue
                with_part = [unit for unit in self.evidence.units if part.concept in unit.concepts]
                if with_part and not any(quality.concept in unit.concepts for unit in with_part):
                    words = claim.text[claim.tokens[quality.first].start : claim.tokens[quality.last].end]
                    return Finding("unsupported", "belongs_to_another_part", words)
        return None

    def is_product_word(self, claim: Reading, found: Occurrence) -> bool:
        tokens = claim.tokens[found.first : found.last + 1]
        return all(token.forms & self.evidence.product_words for token in tokens)

    def check_scatter(self, elements: list[Element]) -> Finding | None:
        """Words that only long texts contain must stand together in one sentence of them."""
        loose = [element for element in elements if not any(unit.atomic for unit in element.units)]
        if not loose:
            return None
        share: dict[Unit, int] = {}
        for element in elements:
            for unit in set(element.units):
                share[unit] = share.get(unit, 0) + 1
        for element in loose:
            if not any(share[unit] >= SCATTERED_SHARE * len(elements) for unit in element.units):
                return Finding("unsupported", "only_in_scattered_text", element.text)
        return None

    def verbatim_units(self, claim: Reading, text: str) -> "Verbatim":
        """Where the claim repeats a whole value word by word, whatever its language or script."""
        squashed, origin = squash_with_origin(claim.text)
        found = Verbatim()
        for unit in self.evidence.units:
            value = unit.verbatim
            if len(value) < 2 or value not in squashed:
                continue
            at = squashed.find(value)
            while at >= 0:
                start, end = origin[at], origin[at + len(value) - 1] + 1
                if whole_words(claim.text, start, end) and self.same_polarity(claim, start, end):
                    found.add(start, end, unit)
                at = squashed.find(value, at + 1)
        return found

    def same_polarity(self, claim: Reading, start: int, end: int) -> bool:
        inside = [index for index, token in enumerate(claim.tokens) if start <= token.start and token.end <= end]
        return not inside or polarity(claim.tokens, inside[0], inside[-1])


@dataclass(slots=True)
class Verbatim:
    stretches: list[tuple[int, int, Unit]] = field(default_factory=list)

    def add(self, start: int, end: int, unit: Unit) -> None:
        self.stretches.append((start, end, unit))

    def at(self, start: int, end: int) -> list[Unit]:
        return [unit for first, last, unit in self.stretches if first <= start and end <= last]

    def elements(self) -> list[Element]:
        """Values that support by being there even if every word of them is plain."""
        found: dict[tuple[int, int], list[Unit]] = {}
        for start, end, unit in self.stretches:
            if not unit.value.quantities or unit.value.tokens:
                found.setdefault((start, end), []).append(unit)
        outer = [
            span
            for span in found
            if not any(other != span and other[0] <= span[0] and span[1] <= other[1] for other in found)
        ]
        return [Element("", found[span], span[0]) for span in outer]


def adjacent(claim: Reading, quality: Occurrence, part: Occurrence) -> bool:
    if quality.last < part.first:
        gap = claim.tokens[quality.last + 1 : part.first + 1]
        return len(gap) == 1 and not gap[0].before.strip()
    gap = claim.tokens[part.last + 1 : quality.first]
    return len(gap) <= 4 and all(fold(token.text) in MADE_OF or token.folded in {"is", "es"} for token in gap)


def number_code(factors: list[Match]) -> str:
    if any(found.other_part for found in factors):
        return "number_not_of_this_part"
    return "number_of_other_attribute" if any(found.elsewhere for found in factors) else "number_not_in_facts"


def squash_with_origin(text: str) -> tuple[str, list[int]]:
    """The text in lower case with single spaces, and for each character where it stood."""
    characters: list[str] = []
    origin: list[int] = []
    for index, character in enumerate(text):
        if character.isspace():
            if characters and characters[-1] != " ":
                characters.append(" ")
                origin.append(index)
            continue
        for folded in character.casefold():
            characters.append(folded)
            origin.append(index)
    return "".join(characters), origin


def whole_words(text: str, start: int, end: int) -> bool:
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    return not (before.isalnum() and text[start].isalnum()) and not (after.isalnum() and text[end - 1].isalnum())
