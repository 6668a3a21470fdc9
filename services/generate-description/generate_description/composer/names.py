"""What stands for the product as a whole: title, search title, keywords, alternative texts."""

from typing import TYPE_CHECKING

from generate_description.check.evidence import is_only_seen
from generate_description.check.tokens import read
from generate_description.check.vocabulary import neutral_words
from generate_description.check.words import fold
from generate_description.composer.attributes import Attribute
from generate_description.composer.draft import Passage
from generate_description.composer.kinds import kind_of
from generate_description.composer.reuse import is_in_language
from generate_description.composer.spanish import Spanish
from generate_description.composer.values import clean, is_foreign, presentable, speaks, translate
from generate_description.limits import fit_title
from shared.models.generate import GenerateRequest, Limits

if TYPE_CHECKING:
    from generate_description.composer.compose import Composer

TITLE_KINDS = (
    "capacity",
    "volume",
    "net",
    "net_weight",
    "pieces",
    "colour",
    "size",
    "material",
    "power",
    "torque",
    "voltage",
)
TITLE_EXTRAS = 2
MAX_EXTRA = 40
MAX_NAME = 80
COLOURS = frozenset({"colour"})


def display_name(request: GenerateRequest) -> str:
    """The merchant's name; or the one that a source gives in the listing's language, if the merchant's is not in it."""
    name = clean(request.product.name)
    if not is_foreign(name.casefold(), request.language):
        return name
    named = [clean(fact.value) for fact in request.facts if kind_of(fact.name) == "name"]
    return next((own for own in named if is_own_name(own, request.language)), name)


def shares_word(text: str, base: str) -> bool:
    """Whether the title says it already, in a word or an amount."""
    plain = neutral_words("en") | neutral_words("es")
    own = read(text)
    said = read(base)
    words = {form for token in said.tokens for form in token.forms} - plain
    amounts = [(q.values, q.unit) for q in said.quantities]
    return any(token.forms & words for token in own.tokens) or any(
        (q.values, q.unit) in amounts for q in own.quantities
    )


def is_own_name(name: str, language: str) -> bool:
    plain = len(name) <= MAX_NAME and presentable(name) and not any(mark in name for mark in "|–•")
    return plain and speaks(name.casefold(), language)


class Names:
    def __init__(self, composer: "Composer") -> None:
        self.composer = composer
        self.name = composer.name
        self.limits: Limits = composer.request.limits
        brand = composer.brand
        self.brand = brand if brand and fold(brand) not in fold(self.name) else None

    def title(self) -> Passage:
        base = f"{self.brand} {self.name}" if self.brand else self.name
        extras: list[str] = []
        for kind in TITLE_KINDS:
            attribute = self.attribute(kind)
            if attribute is None or len(extras) == TITLE_EXTRAS or len(attribute.value) > MAX_EXTRA:
                continue
            text = self.addition(attribute)
            if shares_word(text, base):
                continue
            candidate = f"{base}, {', '.join([*extras, text])}"
            if len(candidate) <= self.limits.title and self.composer.passage("title", candidate):
                extras.append(text)
        text = f"{base}, {', '.join(extras)}" if extras else base
        for candidate in (text, base, self.name):
            passage = self.composer.passage("title", fit_title(candidate, self.limits.title))
            if passage:
                return passage
        return Passage(fit_title(self.name, self.limits.title))

    def addition(self, attribute: Attribute) -> str:
        """`size M` and `24 pieces`: a bare letter or number says nothing."""
        label = attribute.label.lower()
        if attribute.kind == "size" and not attribute.amount:
            return f"{label} {attribute.value}"
        return f"{attribute.value} {label}" if attribute.kind == "pieces" else attribute.value

    def attribute(self, kind: str) -> Attribute | None:
        return next((attribute for attribute in self.composer.attributes if attribute.kind == kind), None)

    def seo_title(self, title: Passage) -> Passage:
        candidates = [title.text, f"{self.name} | {self.brand}" if self.brand else self.name, self.name]
        for candidate in candidates:
            passage = self.composer.passage("seo_title", candidate)
            if len(candidate) <= self.limits.seo_title and passage:
                return passage
        return Passage(fit_title(self.name, self.limits.seo_title))

    def keywords(self) -> list[Passage]:
        words = [self.name.casefold()]
        if self.composer.brand:
            words.append(self.composer.brand)
        voice = self.composer.voice
        if isinstance(voice, Spanish) and voice.noun:
            words.append(voice.noun)
        words += [a.value for kind in ("material", "composition", "colour", "origin") if (a := self.attribute(kind))]
        found: dict[str, Passage] = {}
        for word in words:
            passage = self.composer.passage("keywords", word)
            if len(word) <= 60 and fold(word) not in found and passage:
                found[fold(word)] = passage
        return list(found.values())[: self.limits.keywords]

    def alt_texts(self) -> dict[str, Passage]:
        """What the picture shows, where somebody said so in the target language; else what it is of."""
        texts: dict[str, Passage] = {}
        for image in self.composer.request.images:
            shown = clean(image.description)
            candidates = [shown] if self.is_shown_text(shown) else []
            base = f"{self.name} ({self.brand})" if self.brand else self.name
            colour = self.seen_colour(image.sha256)
            if colour:
                candidates.append(f"{base}, {self.composer.voice.seen(colour)}")
            candidates += [base, self.name]
            fitting = (text for text in candidates if len(text) <= self.limits.alt_text)
            passages = (self.composer.passage("alt_texts", text) for text in fitting)
            found = next((passage for passage in passages if passage), None)
            texts[image.sha256] = found or Passage(fit_title(self.name, self.limits.alt_text))
        return texts

    def seen_colour(self, sha256: str) -> str | None:
        """The colour that is seen most in this very photo."""
        for fact in self.composer.request.facts:
            if is_only_seen(fact) and fact.source.ref.removeprefix("sha256:") == sha256:
                return translate(clean(fact.value), self.composer.language, COLOURS) or None
        return None

    def is_shown_text(self, text: str) -> bool:
        language = self.composer.language
        return presentable(text) and len(text) <= self.limits.alt_text and is_in_language(text, language)
