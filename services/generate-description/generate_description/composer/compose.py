"""Compose a listing from the facts alone. Whatever it writes has passed the check; what would not is left out."""

import hashlib
import re

from generate_description.check.checker import Checker
from generate_description.check.tokens import tokenise
from generate_description.check.vocabulary import base_language, neutral_words
from generate_description.check.words import fold
from generate_description.composer.attributes import Attribute, AttributeReader
from generate_description.composer.draft import Draft, Passage
from generate_description.composer.english import English, Subject
from generate_description.composer.kinds import kind_of
from generate_description.composer.plain import Plain
from generate_description.composer.spanish import Spanish
from generate_description.composer.values import clean, lower_first, presentable, sentence_case
from generate_description.errors import NotEnoughFacts
from generate_description.limits import fit_title
from shared.models.facts import Fact
from shared.models.generate import GenerateRequest, Limits, ListingField

Voice = English | Spanish | Plain
Said = tuple[Attribute, str]

# Sentences by what belongs together, in the order in which a shopper asks.
GROUPS = (
    ("capacity", "volume", "net", "net_weight", "size", "pieces"),
    ("roast", "notes", "flavour", "scent"),
    ("power", "brightness", "voltage", "torque", "pressure"),
    ("battery", "runtime", "levels", "speeds", "cable"),
    ("dimensions", "height", "width", "length", "depth", "diameter", "thickness", "weight"),
    ("skin_type", "age", "compatibility"),
    ("quality",),
    ("included",),
    ("origin", "warranty"),
)
PER_SENTENCE = 3
DETAIL_WORDS = 4
MAX_DETAILS = 24
DETAILS_PER_SENTENCE = 5
MAX_REUSED = 2
REUSED_LENGTH = (30, 160)
TITLE_KINDS = ("capacity", "volume", "net", "net_weight", "size", "pieces", "power", "voltage", "colour", "material")
SHOP_TALK = re.compile(
    r"\b(?:we|our|us|you'll|click|buy|order|cart|shipping|delivery|price|returns?|http|www|nuestr[oa]s?|compra|pedido|envío|"
    r"precio|carrito|devoluci\w+|haz clic)\b|[€$£]|\d\s?%\s?(?:off|dto)",
    re.IGNORECASE,
)


class Composer:
    def __init__(self, request: GenerateRequest, checker: Checker, image_checker: Checker) -> None:
        self.request = request
        self.language = base_language(request.language)
        self.checker = checker
        self.image_checker = image_checker
        self.limits: Limits = request.limits
        self.name = clean(request.product.name)
        self.brand = clean(request.product.brand or self.first("brand") or "") or None
        self.attributes = AttributeReader(request.language).read_all(
            fact for fact in request.facts if fact.id not in set(checker.evidence.ignored)
        )
        self.glossary = request.brand_voice.glossary if request.brand_voice else {}
        digest = hashlib.sha256(f"{self.name}|{self.brand}".encode()).digest()
        self.voice = self.choose_voice(digest[0])

    def choose_voice(self, variant: int) -> Voice:
        subject = Subject.of(self.name, self.brand)
        if self.language == "en":
            return English(subject, variant)
        if self.language == "es":
            return Spanish(subject, variant, self.first("type") or self.request.product.category)
        return Plain(subject)

    def first(self, kind: str) -> str | None:
        return next((fact.value for fact in self.request.facts if kind_of(fact.name) == kind), None)

    def compose(self) -> Draft:
        if not self.attributes and not self.reusable_sentences():
            raise NotEnoughFacts(missing_text(self.request.facts))
        sentences = self.description()
        bullets = [passage for attribute in self.attributes if (passage := self.bullet(attribute))]
        title = self.title()
        return Draft(
            title=title,
            sentences=sentences,
            bullets=bullets[: self.limits.bullets],
            seo_title=self.seo_title(title),
            seo_description=sentences,
            keywords=self.keywords(),
            alt_texts=self.alt_texts(),
        )

    # Each passage is kept only if the check accepts it.

    def passage(self, field: ListingField, text: str, facts: list[Fact], *, image: bool = False) -> Passage | None:
        checker = self.image_checker if image else self.checker
        text = self.with_glossary(text)
        claims = checker.check_text(field, text, hints=[fact.id for fact in facts])
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

    def description(self) -> list[Passage]:
        used: set[int] = set()
        found: list[Passage] = []
        by_kind = {attribute.kind: attribute for attribute in reversed(self.attributes)}
        material, colour = by_kind.get("material"), by_kind.get("colour")
        for first, second in ((material, colour), (material, None), (None, colour)):
            usable = [attribute for attribute in (first, second) if attribute]
            if not usable or any(attribute.foreign for attribute in usable):
                continue
            opening = self.voice.opening(first, second)
            passage = self.passage("description", opening, [a.fact for a in usable]) if opening else None
            if passage:
                found.append(passage)
                used |= {id(attribute) for attribute in usable}
                break
        parts = self.grouped([part for group in GROUPS for part in self.said(group, used)])
        for part in parts:
            passage = self.statement(part, first=not found, position=len(found))
            if passage:
                found.append(passage)
                used |= {id(attribute) for attribute, _ in part}
        if not found and (by_brand := self.voice.by_brand()) and (passage := self.passage("description", by_brand, [])):
            found.append(passage)
        found += [self.reuse(sentence) for sentence in self.reusable_sentences()][: MAX_REUSED if len(found) < 5 else 0]
        rest = [attribute for attribute in self.attributes if id(attribute) not in used]
        return found + self.details(rest[:MAX_DETAILS])

    def said(self, kinds: tuple[str, ...], used: set[int]) -> list[list[Said]]:
        """What belongs together, in stretches that one sentence can hold."""
        said: list[Said] = []
        for kind in kinds:
            for attribute in self.attributes:
                if attribute.kind == kind and id(attribute) not in used:
                    predicate = self.voice.predicate(attribute)
                    if predicate and self.passage("description", self.voice.sentence([predicate]), [attribute.fact]):
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

    def statement(self, part: list[Said], *, first: bool, position: int) -> Passage | None:
        predicates, facts = [predicate for _, predicate in part], [attribute.fact for attribute, _ in part]
        subject = self.voice.first_subject if first else (self.voice.other_subject if position % 2 == 0 else None)
        candidates = [self.voice.sentence(predicates, subject), self.voice.sentence(predicates)]
        passages = (self.passage("description", text, facts) for text in candidates)
        return next((passage for passage in passages if passage), None)

    def details(self, attributes: list[Attribute]) -> list[Passage]:
        """What no sentence is made for, in a list; what is long stands alone."""
        found: list[Passage] = []
        pairs: list[tuple[Attribute, str]] = []
        for attribute in attributes:
            text = self.pair(attribute)
            alone = self.passage("description", f"{text}.", [attribute.fact]) if text else None
            if not text or not alone:
                continue
            if len(attribute.value.split()) > DETAIL_WORDS or attribute.kind == "quality":
                found.append(alone)
            else:
                pairs.append((attribute, lower_first(text.replace(": ", " ", 1))))
        lists: list[Passage] = []
        for start in range(0, len(pairs), DETAILS_PER_SENTENCE):
            part = pairs[start : start + DETAILS_PER_SENTENCE]
            facts = [attribute.fact for attribute, _ in part]
            passage = self.passage("description", self.voice.details([text for _, text in part]), facts)
            if passage:
                lists.append(passage)
            else:
                single = (self.passage("description", f"{self.pair(a)}.", [a.fact]) for a, _ in part)
                lists += [passage for passage in single if passage]
        return lists + found

    def pair(self, attribute: Attribute) -> str | None:
        if attribute.kind == "quality":
            return self.voice.bullet_quality(attribute)
        if attribute.foreign:
            return f"{attribute.label}: {self.quoted(attribute.value)}"
        if fold(attribute.label) in fold(attribute.value).split():
            return sentence_case(attribute.value)  # `boiler: dual boiler` says the same twice
        return f"{attribute.label}: {self.voice.agree(attribute.label, attribute.value)}"

    def quoted(self, value: str) -> str:
        return f"«{value}»" if self.language == "es" else f"“{value}”"

    def bullet(self, attribute: Attribute) -> Passage | None:
        text = self.pair(attribute)
        if text is None or len(text) > self.limits.bullet:
            return None
        return self.passage("bullets", text, [attribute.fact])

    def reusable_sentences(self) -> list[tuple[Fact, str]]:
        """Short sentences of the sources' own descriptions, if they are in the target language and plain."""
        found = []
        for fact in self.request.facts:
            if kind_of(fact.name) != "text" or fold(fact.name).startswith(("pack", "visible")):
                continue
            for sentence in re.split(r"(?<=[.!?])\s+", clean(fact.value)[:2000]):
                short = REUSED_LENGTH[0] <= len(sentence) <= REUSED_LENGTH[1] and sentence.endswith(".")
                if not short or not presentable(sentence[:120]) or SHOP_TALK.search(sentence):
                    continue
                if self.is_in_language(sentence) and self.passage("description", sentence, [fact]):
                    found.append((fact, sentence))
                    if len(found) == MAX_REUSED:
                        return found
        return found

    def reuse(self, found: tuple[Fact, str]) -> Passage:
        passage = self.passage("description", found[1], [found[0]])
        return passage or Passage(found[1], [found[0].id])

    def is_in_language(self, sentence: str) -> bool:
        words = [token.folded for token in tokenise(sentence)]
        own = neutral_words(self.language)
        other = neutral_words("es" if self.language == "en" else "en")
        here, there = sum(word in own for word in words), sum(word in other for word in words)
        return bool(words) and here > 2 * there and here >= len(words) / 4

    def title(self) -> Passage:
        brand = self.brand if self.brand and fold(self.brand) not in fold(self.name) else None
        base = f"{brand} {self.name}" if brand else self.name
        extras: list[str] = []
        for kind in TITLE_KINDS:
            attribute = next((a for a in self.attributes if a.kind == kind and not a.foreign), None)
            if (
                attribute is None
                or fold(attribute.value) in fold(base)
                or len(extras) == 2
                or len(attribute.value) > 40
            ):
                continue
            if kind in {"pieces"} and attribute.value.isdigit():
                continue
            candidate = f"{base}, {', '.join([*extras, attribute.value])}"
            if len(candidate) <= self.limits.title and self.passage("title", candidate, [attribute.fact]):
                extras.append(attribute.value)
        text = f"{base}, {', '.join(extras)}" if extras else base
        for candidate in (text, base, self.name):
            fitted = fit_title(candidate, self.limits.title)
            passage = self.passage("title", fitted, [])
            if passage:
                return passage
        return Passage(fit_title(self.name, self.limits.title))

    def seo_title(self, title: Passage) -> Passage:
        brand = self.brand if self.brand and fold(self.brand) not in fold(self.name) else None
        candidates = [title.text, f"{self.name} | {brand}" if brand else self.name, self.name]
        for candidate in candidates:
            if len(candidate) <= self.limits.seo_title and (passage := self.passage("seo_title", candidate, [])):
                return passage
        return Passage(fit_title(self.name, self.limits.seo_title))

    def keywords(self) -> list[Passage]:
        words = [self.name.casefold()]
        if self.brand:
            words.append(self.brand)
        for attribute in self.attributes:
            if attribute.kind in {"material", "colour", "origin"} and not attribute.foreign:
                words.append(attribute.value)
        if isinstance(self.voice, Spanish) and self.voice.noun:
            words.append(self.voice.noun)
        found: dict[str, Passage] = {}
        for word in words:
            if len(word) <= 60 and fold(word) not in found and (passage := self.passage("keywords", word, [])):
                found[fold(word)] = passage
        return list(found.values())[: self.limits.keywords]

    def alt_texts(self) -> dict[str, Passage]:
        """What the picture shows, where somebody said so in the target language; else what it is of."""
        texts: dict[str, Passage] = {}
        colour = next((a for a in self.attributes if a.kind == "colour" and not a.foreign), None)
        for image in self.request.images:
            seen = clean(image.description)
            candidates = [seen] if self.is_shown_text(seen) else []
            base = (
                f"{self.name} ({self.brand})" if self.brand and fold(self.brand) not in fold(self.name) else self.name
            )
            if colour:
                in_colour = {"en": "in", "es": "en color"}.get(self.language)
                candidates.append(f"{base} {in_colour} {colour.value}" if in_colour else f"{base}, {colour.value}")
            candidates += [base, self.name]
            for candidate in candidates:
                if len(candidate) <= self.limits.alt_text:
                    passage = self.passage("alt_texts", candidate, [], image=True)
                    if passage:
                        texts[image.sha256] = passage
                        break
            texts.setdefault(image.sha256, Passage(fit_title(self.name, self.limits.alt_text)))
        return texts

    def is_shown_text(self, text: str) -> bool:
        return presentable(text) and len(text) <= self.limits.alt_text and self.is_in_language(text)


def missing_text(facts: list[Fact]) -> str:
    known = sorted({fact.name.replace("_", " ") for fact in facts if kind_of(fact.name) != "text"})[:8]
    have = f"Only these are known: {', '.join(known)}. " if known else "No fact was given. "
    return have + (
        "Nothing is invented, so add facts about the product itself, for example its material, its size or volume, its "
        "colour, its weight or its origin, or sources that state them."
    )
