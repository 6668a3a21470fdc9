"""The prompt: the fixed part first, then the task, then the facts as numbered data."""

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from babel.core import Locale, UnknownLocaleError

from generate_description.check.evidence import stated
from generate_description.check.suspicion import looks_like_instructions
from generate_description.check.vocabulary import base_language
from generate_description.composer.attributes import Attribute, AttributeReader
from generate_description.composer.kinds import kind_of
from generate_description.composer.qualities import QUALITIES, SUBSTANCES
from generate_description.composer.values import MARKUP, clean
from shared.models.facts import Fact
from shared.models.generate import GenerateRequest

PROMPT_VERSION = "listing-v1"
MAX_PROMPT_FACTS = 40
MAX_FACT_LENGTH = 160
MAX_TEXT_LENGTH = 400
FEW_FACTS = 3
HIDDEN = frozenset({"hidden"})


@dataclass(frozen=True, slots=True)
class Prompt:
    """`numbers`: which fact each number of the prompt stands for."""

    system: str
    user: str
    numbers: dict[int, str]

    @property
    def schema(self) -> dict[str, Any]:
        """`fact_ids` stands before `text`, so that a model chooses first and writes then."""
        passage = {
            "type": "object",
            "properties": {
                "fact_ids": {"type": "array", "items": {"type": "integer", "enum": list(self.numbers)}, "maxItems": 6},
                "text": {"type": "string"},
            },
            "required": ["fact_ids", "text"],
            "additionalProperties": False,
        }
        return {
            "type": "object",
            "properties": {
                "title": {"type": "string"},
                "sentences": {"type": "array", "items": passage, "minItems": 3, "maxItems": 6},
                "bullets": {"type": "array", "items": passage, "minItems": 3, "maxItems": 6},
            },
            "required": ["title", "sentences", "bullets"],
            "additionalProperties": False,
        }


def system_text() -> str:
    return (files("generate_description.engines") / "prompts" / f"{PROMPT_VERSION}.txt").read_text(encoding="utf-8")


def build_prompt(request: GenerateRequest) -> Prompt:
    chosen = prompt_facts(request.facts)
    numbers = {position: fact.id for position, fact in enumerate(chosen, start=1)}
    reader = AttributeReader(request.language)
    lines = [f"{position}. {fact_line(fact, reader)}" for position, fact in enumerate(chosen, start=1)]
    product = clean(request.product.name)
    named = product if not looks_like_instructions(product) else "the product"
    brand = f"\nBrand: {clean(request.product.brand)}" if request.product.brand else ""
    parts = [
        f"Write in {language_name(request.language)}.",
        *voice_lines(request),
        f"Product: {named}{brand}",
        "<facts>",
        *lines,
        "</facts>",
    ]
    return Prompt(system_text(), "\n".join(parts), numbers)


def voice_lines(request: GenerateRequest) -> list[str]:
    lines = []
    voice = request.brand_voice
    if voice is not None:
        for label, text in (("Tone", voice.tone), ("Readers", voice.audience), ("Style", voice.instructions)):
            if text:
                lines.append(f"{label}: {clean(text)[:500]}")
        if voice.forbidden_words:
            lines.append("Never use these words: " + ", ".join(voice.forbidden_words[:40]))
        if voice.preferred_words:
            lines.append("Prefer these words: " + ", ".join(voice.preferred_words[:40]))
        if voice.glossary:
            terms = {term: (term if wanted == "keep" else wanted) for term, wanted in voice.glossary.items()}
            lines.append("Glossary: " + json.dumps(terms, ensure_ascii=False)[:800])
    if request.prompt:
        lines.append(f"Wish: {clean(request.prompt)[:1000]}")
    return lines


def prompt_facts(facts: list[Fact]) -> list[Fact]:
    """What a listing can be about: not identifiers and prices, and nothing that speaks to a model."""
    usable = [
        fact
        for fact in facts
        if kind_of(fact.name) not in HIDDEN
        and not looks_like_instructions(f"{fact.name} {fact.value}")
        and clean(fact.value)
    ]
    short = [fact for fact in usable if kind_of(fact.name) != "text" and len(fact.value) <= MAX_FACT_LENGTH]
    long = [fact for fact in usable if fact not in short]
    # The lines of a pack repeat what its facts say; a model copies them as they are.
    texts = [fact for fact in long if len(short) < FEW_FACTS or not fact.name.startswith("pack")]
    return [*short, *texts[:3]][:MAX_PROMPT_FACTS]


def fact_line(fact: Fact, reader: AttributeReader) -> str:
    """In the language asked for as far as our own table knows it: a small model translates worse."""
    said = [describe(attribute, reader.language) for attribute in reader.read(fact)]
    if said:
        return "; ".join(said)
    limit = MAX_TEXT_LENGTH if kind_of(fact.name) == "text" else MAX_FACT_LENGTH
    value = MARKUP.sub(" ", clean(stated(fact)))[:limit]
    return f"{clean(fact.name.replace('_', ' '))[:60]}: {value}"


def describe(attribute: Attribute, language: str) -> str:
    if attribute.kind != "quality":
        return f"{attribute.label}: {attribute.value}"
    name = attribute.quality or ""
    spanish = language == "es"
    if name in SUBSTANCES:
        substance = SUBSTANCES[name][spanish]
        if attribute.positive:
            return f"contiene {substance}" if spanish else f"contains {substance}"
        return f"sin {substance}" if spanish else f"{substance}-free"
    text = QUALITIES[name].masculine if spanish else QUALITIES[name].english
    return text if attribute.positive else f"{'no es' if spanish else 'not'} {text}"


def language_name(language: str) -> str:
    try:
        return str(Locale.parse(base_language(language)).get_display_name("en"))
    except (UnknownLocaleError, ValueError):
        return language
