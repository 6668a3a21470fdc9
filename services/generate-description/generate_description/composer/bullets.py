"""Bullets: one fact each, those first that the title and the sentences have not told."""

from typing import TYPE_CHECKING

from generate_description.check.tokens import tokenise
from generate_description.check.words import fold
from generate_description.composer.attributes import Attribute
from generate_description.composer.draft import Passage
from generate_description.composer.kinds import PRIORITY
from generate_description.composer.values import sentence_case

if TYPE_CHECKING:
    from generate_description.composer.compose import Composer

RANK = {kind: position for position, kind in enumerate(PRIORITY)}


class Bullets:
    def __init__(self, composer: "Composer") -> None:
        self.composer = composer

    def choose(self, told: set[str], title: Passage) -> list[Passage]:
        """What is new first, then what only the sentences tell (`told`: their facts); the title's facts come last."""
        in_title = set(title.fact_ids)
        usable = [(a, bullet) for a in self.composer.attributes if (bullet := self.bullet(a)) and bullet.fact_ids]
        usable.sort(key=lambda entry: self.order(entry, in_title, told))
        chosen: dict[str, tuple[Attribute, Passage]] = {}
        for attribute, bullet in usable:
            chosen.setdefault(fold(bullet.text), (attribute, bullet))
        best = list(chosen.values())[: self.composer.request.limits.bullets]
        best.sort(key=lambda entry: self.order(entry, in_title, set()))
        return [bullet for _, bullet in best]

    def order(self, entry: tuple[Attribute, Passage], in_title: set[str], told: set[str]) -> tuple[bool, bool, int]:
        facts = set(entry[1].fact_ids)
        return facts <= in_title, facts <= told, self.rank(entry[0])

    def rank(self, attribute: Attribute) -> int:
        return RANK.get(attribute.kind, len(RANK))

    def bullet(self, attribute: Attribute) -> Passage | None:
        text = self.text(attribute)
        if text is None or len(text) > self.composer.request.limits.bullet:
            return None
        return self.composer.passage("bullets", text)

    def text(self, attribute: Attribute) -> str | None:
        if attribute.kind == "quality":
            return self.composer.voice.bullet_quality(attribute)
        if attribute.kind == "feature":
            return attribute.label
        if repeats_label(attribute):
            return sentence_case(attribute.value)
        return f"{attribute.label}: {attribute.value}"


def repeats_label(attribute: Attribute) -> bool:
    """`Tumble drying: do not tumble dry`, `boiler: dual boiler` say the same twice."""
    if attribute.amount:
        return False
    label = [token for token in tokenise(attribute.label) if len(token.text) > 2]
    value = {form for token in tokenise(attribute.value) for form in token.forms}
    return bool(label) and all(token.forms & value for token in label)
