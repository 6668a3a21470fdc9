"""Put a listing together: check what an engine wrote, remove what has no fact, let the composer stand in."""

import re
from dataclasses import dataclass, field

from generate_description.check.checker import Checker, grounding
from generate_description.check.vocabulary import base_language
from generate_description.composer.compose import Composer
from generate_description.composer.draft import Draft, Passage
from generate_description.composer.values import is_foreign
from generate_description.generation.attributes import listing_attributes
from generate_description.generation.category import choose_category
from generate_description.generation.forbidden import ForbiddenWords
from generate_description.generation.notes import forbidden_reason, note
from generate_description.limits import fit_sentences, fit_title
from shared.models.base import Usage
from shared.models.generate import Claim, GenerateRequest, Listing, ListingField

COMPOSER = "composer"
MIN_SENTENCES = 2
MIN_TOLD = 0.5
ENDS = re.compile(r"[.!?…][\"'”’»)\]]*$")
LIST_MARK = re.compile(r"^\s*(?:[-•*·–]|\d+[.)])\s+")


@dataclass(slots=True)
class Kept:
    """What stands of a field: texts, and the claims that were refused on the way."""

    texts: list[str]
    removed: list[Claim]
    supported: int


@dataclass(slots=True)
class Assembler:
    request: GenerateRequest
    checker: Checker
    composer: Composer
    composed: Draft
    forbidden: ForbiddenWords = field(init=False)
    removed: list[Claim] = field(default_factory=list)
    field_engines: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        voice = self.request.brand_voice
        self.forbidden = ForbiddenWords(voice.forbidden_words if voice else ())

    def build(
        self, draft: Draft, engine: str, model: str | None, usage: Usage, notes: list[str], prompt_version: str
    ) -> Listing:
        """`elapsed_ms` is left to the caller, who knows when it began."""
        ui = self.request.ui_language
        notes = list(notes)
        title = self.title(draft, engine, notes)
        description = self.description(draft, engine)
        bullets = self.bullets(draft, engine, description)
        asked = [
            name
            for name, given in (
                ("title", draft.title.text),
                ("description", draft.sentences),
                ("bullets", draft.bullets),
            )
            if given
        ]
        written = [name for name in asked if engine in self.field_engines[name].split("+")]
        replaced = [name for name in asked if name not in written]
        if engine != COMPOSER and not written:
            notes.append(note("nothing_survived", ui, engine=engine))
            engine, model = COMPOSER, None
        elif replaced:
            notes.append(note("field_replaced", ui, engine=engine, fields=", ".join(replaced)))
        if self.removed:
            notes.append(note("claims_removed", ui, count=len(self.removed)))
        self.field_engines["attributes"] = COMPOSER
        seo_title = self.seo_title(title)
        seo_description = self.seo_description(description, title)
        keywords = self.keywords()
        alt_texts = {
            sha256: self.allowed(passage.text, self.request.limits.alt_text)
            for sha256, passage in self.composed.alt_texts.items()
        }
        claims = [
            *self.final("title", title),
            *self.final("description", description),
            *(claim for index, text in enumerate(bullets) for claim in self.final("bullets", text, index)),
            *self.final("seo_title", seo_title),
            *self.final("seo_description", seo_description),
            *(claim for index, text in enumerate(keywords) for claim in self.final("keywords", text, index)),
            *(c for index, text in enumerate(alt_texts.values()) for c in self.final("alt_texts", text, index)),
        ]
        return Listing(
            language=self.request.language,
            title=title,
            description=description,
            bullets=bullets,
            attributes=listing_attributes(self.request, self.checker.evidence.ignored),
            alt_texts=alt_texts,
            seo_title=seo_title,
            seo_description=seo_description,
            keywords=keywords,
            category=choose_category(self.request),
            claims=claims,
            removed=self.removed,
            grounding=grounding(claims),
            engine=engine,
            model=model,
            field_engines={name: wrote for name, wrote in self.field_engines.items() if wrote != engine},
            prompt_version=prompt_version,
            usage=usage,
            elapsed_ms=0.0,
            notes=notes,
        )

    def final(self, name: ListingField, text: str, index: int | None = None) -> list[Claim]:
        return self.checker.check_text(name, text, index)

    def allowed(self, text: str, limit: int) -> str:
        return fit_title(self.forbidden.strip(text) or text, limit)

    def title(self, draft: Draft, engine: str, notes: list[str]) -> str:
        limit = self.request.limits.title
        candidates = [(draft.title, engine)] if draft.title.text else []
        for passage, wrote in (*candidates, (self.composed.title, COMPOSER)):
            text = fit_title(self.forbidden.strip(passage.text).rstrip("."), limit)
            claims = self.checker.check_text("title", text)
            if claims and all(claim.verdict == "supported" for claim in claims):
                self.field_engines["title"] = wrote
                return text
            if wrote != COMPOSER:
                self.removed += [claim for claim in claims if claim.verdict == "unsupported"]
        self.field_engines["title"] = COMPOSER
        name = self.request.product.name
        bare = self.forbidden.strip(name)
        if not bare:
            notes.append(note("forbidden_left", self.request.ui_language))
        return fit_title(bare or name, limit)

    def description(self, draft: Draft, engine: str) -> str:
        kept = self.sentences(draft.sentences, engine)
        wrote = engine
        if engine != COMPOSER and not self.is_enough(kept):
            self.removed += kept.removed
            kept, wrote = self.sentences(self.composed.sentences, COMPOSER), COMPOSER
        if wrote != COMPOSER:
            self.removed += kept.removed
        self.field_engines["description"] = wrote
        positions = fit_sentences(kept.texts, self.request.limits.description)
        return self.without_unsupported("description", [kept.texts[position] for position in positions])

    def is_enough(self, kept: Kept) -> bool:
        """What is left of a model's text must tell at least half of what the composer tells."""
        told = self.cited("description", " ".join(kept.texts))
        composed = {fact_id for passage in self.composed.sentences for fact_id in passage.fact_ids}
        short = len(kept.texts) < min(MIN_SENTENCES, len(self.composed.sentences))
        return bool(kept.supported) and not short and len(told) >= MIN_TOLD * len(composed)

    def without_unsupported(self, name: ListingField, texts: list[str]) -> str:
        """Sentences may read otherwise side by side; what fails then goes too."""
        text = " ".join(texts)
        for _ in texts:
            claims = self.checker.check_text(name, text)
            if all(claim.verdict != "unsupported" for claim in claims):
                break
            text = " ".join(claim.text for claim in claims if claim.verdict != "unsupported")
        return text

    def sentences(self, passages: list[Passage], engine: str) -> Kept:
        texts = [as_sentence(passage.text) for passage in passages]
        claims = self.checker.check_text("description", " ".join(text for text in texts if text))
        return self.keep(claims, foreign=engine != COMPOSER)

    def is_foreign(self, text: str) -> bool:
        """A model's sentence in another language than was asked for; the product's own name may be in any."""
        name = re.escape(self.request.product.name)
        return is_foreign(re.sub(name, " ", text, flags=re.IGNORECASE), base_language(self.request.language))

    def keep(self, claims: list[Claim], *, foreign: bool) -> Kept:
        """`foreign`: also refuse what is in another language."""
        kept = Kept([], [], 0)
        seen: set[str] = set()
        for claim in claims:
            word = self.forbidden.find(claim.text)
            same = claim.text.casefold() in seen
            if claim.verdict == "unsupported":
                kept.removed.append(claim)
            elif word is not None:
                reason = forbidden_reason(word, self.request.ui_language)
                kept.removed.append(claim.model_copy(update={"reason_code": "forbidden_word", "reason": reason}))
            elif foreign and self.is_foreign(claim.text):
                reason = note("other_language", self.request.ui_language)
                kept.removed.append(claim.model_copy(update={"reason_code": "other_language", "reason": reason}))
            elif not same:
                seen.add(claim.text.casefold())
                kept.texts.append(claim.text)
                kept.supported += claim.verdict == "supported"
        return kept

    def bullets(self, draft: Draft, engine: str, description: str) -> list[str]:
        """The engine's own first; then the composer's about what those have not told."""
        limit = self.request.limits.bullets
        own = self.usable_bullets(draft.bullets, engine)[:limit]
        told = {fact_id for bullet in own for fact_id in self.cited("bullets", bullet)}
        added: list[str] = []
        if engine != COMPOSER:
            passages = self.composer.bullets(told | self.cited("description", description), self.composed.title)
            composed = self.usable_bullets(passages, COMPOSER)
            added = [bullet for bullet in composed if not told >= self.cited("bullets", bullet)][: limit - len(own)]
        writers = [wrote for wrote, texts in ((engine, own), (COMPOSER, added)) if texts]
        self.field_engines["bullets"] = "+".join(writers) or COMPOSER
        return own + added

    def cited(self, name: ListingField, text: str) -> set[str]:
        return {fact_id for claim in self.checker.check_text(name, text) for fact_id in claim.fact_ids}

    def usable_bullets(self, passages: list[Passage], engine: str) -> list[str]:
        found: dict[str, str] = {}
        for index, passage in enumerate(passages):
            text = LIST_MARK.sub("", " ".join(passage.text.split()))
            claims = self.checker.check_text("bullets", text, index)
            kept = self.keep(claims, foreign=engine != COMPOSER)
            if engine != COMPOSER:
                self.removed += kept.removed
            short = fit_sentences(kept.texts, self.request.limits.bullet)
            bullet = " ".join(kept.texts[position] for position in short)
            if bullet and kept.supported:
                found.setdefault(bullet.casefold().rstrip("."), bullet)
        return list(found.values())

    def seo_title(self, title: str) -> str:
        limit = self.request.limits.seo_title
        if len(title) <= limit:
            self.field_engines["seo_title"] = self.field_engines["title"]
            return title
        self.field_engines["seo_title"] = COMPOSER
        return self.allowed(self.composed.seo_title.text, limit)

    def seo_description(self, description: str, title: str) -> str:
        limit = self.request.limits.seo_description
        claims = self.checker.check_text("description", description)
        texts = [claim.text for claim in claims if claim.verdict == "supported"]
        positions = fit_sentences(texts, limit)
        self.field_engines["seo_description"] = self.field_engines["description"]
        text = self.without_unsupported("seo_description", [texts[position] for position in positions])
        return text or fit_title(title, limit)

    def keywords(self) -> list[str]:
        self.field_engines["keywords"] = COMPOSER
        words = [passage.text for passage in self.composed.keywords if self.forbidden.find(passage.text) is None]
        return words[: self.request.limits.keywords]


def as_sentence(text: str) -> str:
    text = LIST_MARK.sub("", " ".join(text.split()))
    return text if not text or ENDS.search(text) else f"{text}."
