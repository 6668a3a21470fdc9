"""From facts to attributes: one for each thing that is known, in the target language."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from generate_description.check.evidence import (
    NO,
    PURE_NUMBER,
    SOURCE_RANK,
    UNIT_IN_NAME,
    UNKNOWN,
    YES,
    is_only_seen,
)
from generate_description.check.families import families_of
from generate_description.check.quantities import Quantity, find_quantities, same_amount
from generate_description.check.tokens import tokenise
from generate_description.check.vocabulary import base_language, concepts, neutral_words
from generate_description.check.words import fold, normalise
from generate_description.composer.kinds import PRIORITY, kind_of
from generate_description.composer.labels import label_for
from generate_description.composer.qualities import quality_of
from generate_description.composer.spanish_nouns import agree
from generate_description.composer.values import (
    VALUE_SECTIONS,
    clean,
    find_concept,
    friendly,
    is_amount,
    localise,
    lower_first,
    presentable,
    speaks,
    translate,
)
from shared.models.facts import Fact

SECTIONS = {
    "material": frozenset({"material"}),
    "colour": frozenset({"colour"}),
    "origin": frozenset({"country"}),
}
MADE_IN = re.compile(r"^(?:made|produced|fabricado|hecho|elaborado|producido)\s+(?:in|en)\s+", re.IGNORECASE)
AGE = re.compile(
    r"^(?:from|desde|a partir de|ages?|de)?\s*(\d{1,2})\s*\+?\s*(?:years?|años?|yrs?)?\s*\+?$", re.IGNORECASE
)
COUNT = re.compile(r"^(\d{1,5})\s*(?:pieces?|piezas?|pcs|uds?|units?|unidades)?\.?$", re.IGNORECASE)
MATERIALS = frozenset({"material"})
NAMES = frozenset({"brand", "size", "region"})
UNTOLD = frozenset({"hidden", "text", "name", "brand", "category", "type"})
CONTENTS = frozenset({"weight", "net_weight", "net", "volume", "capacity"})
CURRENCIES = frozenset({"EUR", "USD", "GBP", "JPY"})


@dataclass(slots=True)
class Attribute:
    """`amount`: the value is a number with its unit. `quality`: the key of a quality, which has no value."""

    kind: str
    label: str
    value: str
    fact: Fact
    amount: bool = False
    quality: str | None = None
    positive: bool = True


class AttributeReader:
    def __init__(self, language: str) -> None:
        self.language = base_language(language)
        self.translates = self.language in {"en", "es"}

    def read_all(self, facts: Iterable[Fact]) -> list[Attribute]:
        """The merchant's first, then the page's, then the photo's; the first of its kind and label wins."""
        ordered = sorted(facts, key=lambda fact: SOURCE_RANK[fact.source.kind])
        found: dict[tuple[str, str], Attribute] = {}
        for fact in ordered:
            for attribute in self.read(fact):
                named = attribute.quality or (fold(attribute.label) if attribute.kind in {"other", "feature"} else "")
                found.setdefault((attribute.kind, named), attribute)
        rank = {kind: position for position, kind in enumerate(PRIORITY)}
        chosen = sorted(found.values(), key=lambda attribute: rank.get(attribute.kind, len(rank)))
        return without_repeats(chosen)

    def read(self, fact: Fact) -> list[Attribute]:
        """Nothing for what does not belong in a text, or cannot be said in the language."""
        kind = kind_of(fact.name)
        if kind in UNTOLD or is_only_seen(fact) or not presentable(clean(fact.name)):
            return []
        value = clean(fact.value)
        boolean = value.casefold().strip(".")
        if boolean in YES or boolean in NO:
            return self.boolean(fact, boolean in YES)
        if boolean in UNKNOWN or not presentable(value) or is_money(shown(fact)):
            return []
        qualities = self.qualities(fact, value) if kind in {"care", "other"} else []
        if qualities:
            return qualities
        said = self.say(fact)
        if said is None:
            return []
        label, text = said
        kind = self.true_kind(kind, text)
        if kind == "composition" and not fold(fact.name).startswith("compos"):
            label = {"en": "Composition", "es": "Composición"}.get(self.language, label)
        amount = is_amount(text)
        if kind == "other" and amount and text.endswith("%") and names_material(fact.name):
            kind = "share"
        return [Attribute(kind, label, text, fact, amount=amount)]

    def say(self, fact: Fact) -> tuple[str, str] | None:
        """Label and value in the target language; None where one of the two cannot be said in it."""
        label = label_for(fact.name, self.language)
        value = self.value(fact, kind_of(fact.name))
        if label is None or value is None:
            return None
        return label, agree(label, value) if self.language == "es" else value

    def value(self, fact: Fact, kind: str) -> str | None:
        text = shown(fact).rstrip(".")
        if kind == "origin":
            text = MADE_IN.sub("", text)
        if kind == "age" and (age := AGE.match(normalise(text))):
            return f"{age[1]} {'años' if self.language == 'es' else 'years'}" if self.translates else text
        if kind == "pieces" and (count := COUNT.match(text)):
            return count[1]
        if is_amount(text):
            return localise(friendly(text), self.language)
        if not self.translates or kind in NAMES:
            return localise(text, self.language)
        translated = self.translated(text, kind)
        if translated is not None:
            return translated
        if not speaks(text, self.language):
            return None
        return localise(text if kind == "origin" else lower_first(text), self.language)

    def translated(self, text: str, kind: str) -> str | None:
        if kind == "origin" and "," in text:
            region, _, country = text.rpartition(",")
            known = translate(country.strip(), self.language, SECTIONS["origin"])
            return f"{region.strip()}, {known}" if known else None
        sections = SECTIONS.get(kind, VALUE_SECTIONS)
        return translate(text, self.language, sections) or translate(text, self.language, VALUE_SECTIONS)

    def true_kind(self, kind: str, text: str) -> str:
        """`100 % Arabica` is what it consists of, but no material in the sense of steel."""
        if kind != "material":
            return kind
        known = concepts()
        sections = {known.section(found.concept) for found in known.find(tokenise(text))}
        return "composition" if sections and "material" not in sections else kind

    def boolean(self, fact: Fact, positive: bool) -> list[Attribute]:
        if not self.translates:
            return []
        quality = quality_of(clean(fact.name.replace("_", " ")), bare_substance=True)
        label = label_for(fact.name, self.language)
        if quality is not None:
            name, denied = quality
            return [Attribute("quality", label or "", "", fact, quality=name, positive=positive != denied)]
        return [Attribute("feature", label, "", fact)] if label and positive else []

    def qualities(self, fact: Fact, value: str) -> list[Attribute]:
        """`Dishwasher safe, vegan`: a value that consists of known qualities only."""
        if not self.translates:
            return []
        parts = [part for part in re.split(r"\s*[,;.]\s*|\s+(?:and|y)\s+", value) if part]
        found = [quality_of(part) for part in parts]
        if not parts or any(quality is None for quality in found):
            return []
        label = label_for(fact.name, self.language) or ""
        return [
            Attribute("quality", label, "", fact, quality=quality[0], positive=not quality[1])
            for quality in found
            if quality is not None
        ]


def shown(fact: Fact) -> str:
    """The value with its unit as the source writes them."""
    value = clean(fact.value)
    unit = fact.unit
    if unit is None and PURE_NUMBER.match(value):
        named = UNIT_IN_NAME.search(fact.name)
        unit = named[1] if named and find_quantities(f"1 {named[1]}")[0].unit else None
    return f"{value} {unit}" if unit and not value.casefold().endswith(unit.casefold()) else value


def names_material(name: str) -> bool:
    number = find_concept(clean(name.replace("_", " ")), MATERIALS)
    return number is not None and concepts().section(number) == "material"


def is_money(value: str) -> bool:
    return any(quantity.unit in CURRENCIES for quantity in find_quantities(normalise(value)))


def without_repeats(attributes: list[Attribute]) -> list[Attribute]:
    """The same amount under two names that share a word, or speak of the content, is told once."""
    kept: list[tuple[Attribute, list[Quantity], frozenset[str]]] = []
    for attribute in attributes:
        quantities = find_quantities(normalise(attribute.value))
        words = label_words(attribute.label)
        if not any(
            same_amounts(quantities, others) and (words & known or {attribute.kind, other.kind} <= CONTENTS)
            for other, others, known in kept
        ):
            kept.append((attribute, quantities, words))
    return [attribute for attribute, _, _ in kept if not is_within(attribute, attributes)]


def is_within(attribute: Attribute, others: list[Attribute]) -> bool:
    """`do not tumble dry` beside `machine wash at 30 °C, do not tumble dry`."""
    own = fold(attribute.value)
    return len(own.split()) > 1 and any(
        other is not attribute
        and own != fold(other.value)
        and f" {own}," in f" {fold(other.value).replace(', ', ',  ')},"
        for other in others
    )


def same_amounts(first: list[Quantity], second: list[Quantity]) -> bool:
    return (
        len(first) == len(second) > 0
        and first[0].unit is not None
        and all(
            same_amount(one.values[0], one.unit, other.values[0], other.unit)
            for one, other in zip(first, second, strict=True)
        )
    )


def label_words(label: str) -> frozenset[str]:
    plain = neutral_words("en") | neutral_words("es")
    return frozenset(
        form for token in tokenise(label) for form in token.forms if form not in plain or families_of(token)
    )
