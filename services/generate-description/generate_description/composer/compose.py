"""Compose a listing from the facts alone. Whatever it writes has passed the check; what would not is left out."""

import re
from itertools import pairwise

from generate_description.check.checker import Checker
from generate_description.check.vocabulary import base_language
from generate_description.composer.attributes import Attribute, AttributeReader
from generate_description.composer.bullets import Bullets
from generate_description.composer.draft import Draft, Passage
from generate_description.composer.kinds import kind_of
from generate_description.composer.names import Names, display_name
from generate_description.composer.reuse import reusable_sentences, tells_again
from generate_description.composer.voice import brand_of, choose_voice
from generate_description.errors import NotEnoughFacts
from shared.models.facts import Fact
from shared.models.generate import GenerateRequest, ListingField

Said = tuple[Attribute, str]

# Sentences by what belongs together, in the order in which a shopper asks.
GROUPS = (
    ("capacity", "volume", "net", "net_weight", "size", "pieces"),
    ("composition", "roast", "notes", "flavour", "scent"),
    ("power", "brightness", "voltage", "torque", "pressure"),
    ("battery", "runtime", "levels", "speeds", "cable"),
    ("dimensions", "height", "width", "length", "depth", "diameter", "thickness", "weight"),
    ("skin_type", "age", "compatibility"),
    ("variety", "acidity", "share"),
    ("quality",),
    ("origin", "warranty"),
)
PER_SENTENCE = 3
MAX_SENTENCES = 5
MAX_REUSED = 2


class Composer:
    def __init__(self, request: GenerateRequest, checker: Checker) -> None:
        self.request = request
        self.language = base_language(request.language)
        self.checker = checker
        self.name = display_name(request)
        self.brand = brand_of(request)
        self.attributes = AttributeReader(request.language).read_all(
            fact for fact in request.facts if fact.id not in set(checker.evidence.ignored)
        )
        self.glossary = request.brand_voice.glossary if request.brand_voice else {}
        self.voice = choose_voice(request)

    def compose(self) -> Draft:
        reusable = [
            (fact, sentence)
            for fact, sentence in reusable_sentences(self.request.facts, self.language)
            if self.passage("description", sentence)
        ]
        if not self.attributes and not reusable:
            raise NotEnoughFacts(missing_text(self.request.facts))
        sentences = self.description()
        sentences += self.reused(reusable, sentences)
        names = Names(self)
        title = names.title()
        bullets = self.bullets({fact_id for passage in sentences for fact_id in passage.fact_ids}, title)
        if not sentences:
            # Facts without a sentence of their own still make a description.
            sentences = [Passage(f"{bullet.text}.", bullet.fact_ids) for bullet in bullets[:MAX_SENTENCES]]
        return Draft(
            title=title,
            sentences=sentences,
            bullets=bullets,
            seo_title=names.seo_title(title),
            seo_description=sentences,
            keywords=names.keywords(),
            alt_texts=names.alt_texts(),
        )

    # Each passage is kept only if the check accepts it.

    def passage(self, field: ListingField, text: str) -> Passage | None:
        text = self.with_glossary(text)
        claims = self.checker.check_text(field, text)
        if not claims or any(claim.verdict == "unsupported" for claim in claims):
            return None
        if field == "description" and not any(claim.verdict == "supported" for claim in claims):
            return None
        return Passage(text, list(dict.fromkeys(fact_id for claim in claims for fact_id in claim.fact_ids)))

    def with_glossary(self, text: str) -> str:
        for term, wanted in self.glossary.items():
            if wanted != "keep" and term.strip():
                text = re.sub(rf"(?<!\w){re.escape(term)}(?!\w)", lambda match: wanted, text, flags=re.IGNORECASE)  # noqa: B023
        return text

    def bullets(self, told: set[str], title: Passage) -> list[Passage]:
        return Bullets(self).choose(told, title)

    def description(self) -> list[Passage]:
        """At most five sentences."""
        told: set[int] = set()
        found = self.opening(told)
        parts = [part for group in GROUPS for part in self.said(group, told)]
        for part in self.enough(balanced(self.grouped(parts)), len(found)):
            passage = self.statement(part, first=not found, position=len(found))
            if passage and len(found) < MAX_SENTENCES:
                found.append(passage)
                told |= {id(attribute) for attribute, _ in part}
        by_brand = self.voice.by_brand()
        if not found and by_brand and (passage := self.passage("description", by_brand)):
            found.append(passage)
        return found

    def opening(self, told: set[int]) -> list[Passage]:
        by_kind = {attribute.kind: attribute for attribute in reversed(self.attributes)}
        material, colour = by_kind.get("material"), by_kind.get("colour")
        for first, second in ((material, colour), (material, None), (None, colour)):
            usable = [attribute for attribute in (first, second) if attribute]
            text = self.voice.opening(first, second) if usable else None
            passage = self.passage("description", text) if text else None
            if passage:
                told |= {id(attribute) for attribute in usable}
                return [passage]
        return []

    def said(self, kinds: tuple[str, ...], told: set[int]) -> list[list[Said]]:
        """What belongs together, in stretches that one sentence can hold."""
        said: list[Said] = []
        for kind in kinds:
            for attribute in self.attributes:
                if attribute.kind == kind and id(attribute) not in told:
                    predicate = self.voice.predicate(attribute)
                    if predicate and self.passage("description", self.voice.sentence([predicate])):
                        said.append((attribute, predicate))
        said.sort(key=lambda entry: not entry[0].positive)
        return [said[start : start + PER_SENTENCE] for start in range(0, len(said), PER_SENTENCE)]

    def grouped(self, parts: list[list[Said]]) -> list[list[Said]]:
        """A stretch of one statement joins its neighbour: sentences of three words each read like a form."""
        merged: list[list[Said]] = []
        for part in parts:
            last = merged[-1] if merged else None
            short = last is not None and (len(last) == 1 or len(part) == 1) and len(last) + len(part) <= PER_SENTENCE
            plain = last is not None and all(attribute.positive for attribute, _ in last)
            if last is not None and short and plain:
                merged[-1] = [*last, *part]
            else:
                merged.append(part)
        return merged

    def enough(self, parts: list[list[Said]], told: int) -> list[list[Said]]:
        """A description has two sentences at least, where there are two things to say."""
        if told or len(parts) != 1 or len(parts[0]) < 2:
            return parts
        middle = (len(parts[0]) + 1) // 2
        return [parts[0][:middle], parts[0][middle:]]

    def statement(self, part: list[Said], *, first: bool, position: int) -> Passage | None:
        predicates = [predicate for _, predicate in part]
        subject = self.voice.first_subject if first else self.voice.other_subject(position)
        candidates = [self.voice.sentence(predicates, subject), self.voice.sentence(predicates)]
        passages = (self.passage("description", text) for text in candidates)
        return next((passage for passage in passages if passage), None)

    def reused(self, sentences: list[tuple[Fact, str]], written: list[Passage]) -> list[Passage]:
        """Of the source's own sentences those that add something, while the description stays short."""
        found: list[Passage] = []
        room = min(MAX_REUSED, MAX_SENTENCES - len(written))
        for _, sentence in sentences:
            said = " ".join(passage.text for passage in (*written, *found))
            passage = self.passage("description", sentence)
            if passage and len(found) < room and not tells_again(sentence, said):
                found.append(passage)
        return found


def balanced(parts: list[list[Said]]) -> list[list[Said]]:
    """Two and two instead of three and one: no sentence of "It is vegan" alone."""
    for before, part in pairwise(parts):
        if len(part) == 1 and len(before) == PER_SENTENCE and all(a.positive for a, _ in (*before, *part)):
            part.insert(0, before.pop())
    return parts


def missing_text(facts: list[Fact]) -> str:
    known = sorted({fact.name.replace("_", " ") for fact in facts if kind_of(fact.name) != "text"})[:8]
    have = f"Only these are known: {', '.join(known)}. " if known else "No fact was given. "
    return have + (
        "Nothing is invented, so add facts about the product itself, for example its material, its size or volume, its "
        "colour, its weight or its origin, or sources that state them."
    )
