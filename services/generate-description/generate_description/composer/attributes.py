"""From facts to attributes: one for each thing that is known, in the target language."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from generate_description.check.evidence import NO, UNKNOWN, YES, stated
from generate_description.check.vocabulary import base_language
from generate_description.check.words import fold
from generate_description.composer.kinds import PRIORITY, kind_of
from generate_description.composer.qualities import quality_of
from generate_description.composer.values import (
    VALUE_SECTIONS,
    clean,
    is_amount,
    is_foreign,
    localise,
    lower_first,
    presentable,
    sentence_case,
    translate,
)
from shared.models.facts import Fact

SECTIONS = {
    "material": frozenset({"material"}),
    "colour": frozenset({"colour"}),
    "origin": frozenset({"country"}),
}
LABEL_SECTIONS = frozenset({"attribute", "part"})
SOURCE_RANK = {"merchant": 0, "web": 1, "image": 2}
MADE_IN = re.compile(r"^(?:made|produced|fabricado|hecho|elaborado|producido)\s+(?:in|en)\s+", re.IGNORECASE)
AGE = re.compile(
    r"^(?:from|desde|a partir de|ages?|de)?\s*(\d{1,2})\s*\+?\s*(?:years?|años?|yrs?)?\s*\+?$", re.IGNORECASE
)
PROPER = frozenset({"brand", "compatibility", "size", "model"})


@dataclass(slots=True)
class Attribute:
    """`amount`: the value is a number with its unit. `foreign`: it stays in the other language, quoted."""

    kind: str
    label: str
    value: str
    fact: Fact
    amount: bool = False
    foreign: bool = False
    quality: str | None = None
    positive: bool = True


class AttributeReader:
    def __init__(self, language: str) -> None:
        self.language = base_language(language)

    def read_all(self, facts: Iterable[Fact]) -> list[Attribute]:
        """The merchant's first, then the page's, then the photo's; the first of its kind and label wins."""
        ordered = sorted(facts, key=lambda fact: SOURCE_RANK[fact.source.kind])
        found: dict[tuple[str, str], Attribute] = {}
        for fact in ordered:
            for attribute in self.read(fact):
                key = (
                    attribute.kind,
                    attribute.quality or (fold(attribute.label) if attribute.kind == "other" else ""),
                )
                found.setdefault(key, attribute)
        rank = {kind: position for position, kind in enumerate(PRIORITY)}
        return sorted(found.values(), key=lambda attribute: rank.get(attribute.kind, len(rank)))

    def read(self, fact: Fact) -> list[Attribute]:
        kind = kind_of(fact.name)
        if kind in {"hidden", "text", "name", "brand", "category", "type"}:
            return []
        value = clean(fact.value)
        boolean = value.casefold().strip(".")
        if boolean in YES or boolean in NO:
            return self.boolean(fact, boolean in YES)
        if boolean in UNKNOWN or not presentable(value) or not presentable(clean(fact.name)):
            return []
        qualities = self.qualities(fact, value) if kind in {"care", "other"} else []
        return qualities or [self.plain(fact, kind, value)]

    def boolean(self, fact: Fact, positive: bool) -> list[Attribute]:
        quality = quality_of(clean(fact.name.replace("_", " ")), bare_substance=True)
        if quality is None or self.language not in {"en", "es"}:
            return []
        name, denied = quality
        return [Attribute("quality", self.label(fact), "", fact, quality=name, positive=positive != denied)]

    def qualities(self, fact: Fact, value: str) -> list[Attribute]:
        """`Dishwasher safe, vegan`: a value that consists of known qualities only."""
        if self.language not in {"en", "es"}:
            return []
        parts = [part for part in re.split(r"\s*[,;.]\s*|\s+(?:and|y)\s+", value) if part]
        found = [quality_of(part) for part in parts]
        if not parts or any(quality is None for quality in found):
            return []
        return [
            Attribute("quality", self.label(fact), "", fact, quality=quality[0], positive=not quality[1])
            for quality in found
            if quality is not None
        ]

    def plain(self, fact: Fact, kind: str, value: str) -> Attribute:
        text = clean(stated(fact))
        if kind == "origin":
            text = MADE_IN.sub("", text).rstrip(".")
        age = AGE.match(text) if kind == "age" else None
        if age:
            text = f"{age[1]} {'años' if self.language == 'es' else 'years'}"
            return Attribute(kind, self.label(fact), text, fact, amount=True)
        amount = is_amount(text)
        translated = None if amount or kind in PROPER else self.translated(text, kind)
        if translated is not None:
            return Attribute(kind, self.label(fact), translated, fact)
        shown = localise(text, self.language).rstrip(".")
        foreign = not amount and kind != "size" and is_foreign(text, self.language)
        if not foreign and not amount and kind not in PROPER and kind != "origin":
            shown = lower_first(shown)
        return Attribute(kind, self.label(fact), shown, fact, amount=amount, foreign=foreign)

    def translated(self, text: str, kind: str) -> str | None:
        if self.language not in {"en", "es"}:
            return None
        if kind == "origin" and "," in text:
            region, _, country = text.rpartition(",")
            known = translate(country.strip(), self.language, SECTIONS["origin"])
            return f"{region.strip()}, {known}" if known else None
        return translate(text, self.language, SECTIONS.get(kind, VALUE_SECTIONS))

    def label(self, fact: Fact) -> str:
        name = clean(fact.name.replace("_", " "))
        name = re.sub(r"\s*[(\[][^)\]]*[)\]]\s*$", "", name) or name
        if self.language in {"en", "es"}:
            known = translate(name, self.language, LABEL_SECTIONS)
            if known:
                return sentence_case(known)
        return sentence_case(name)
