"""The prompt: the fixed part first, so that a server can keep it, then the task, then the facts as numbered data."""

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from babel.core import Locale, UnknownLocaleError

from generate_description.check.suspicion import looks_like_instructions
from generate_description.check.vocabulary import base_language
from generate_description.composer.attributes import Attribute, AttributeReader
from generate_description.composer.kinds import kind_of
from generate_description.composer.names import display_name
from generate_description.composer.qualities import QUALITIES, SUBSTANCES
from generate_description.composer.reuse import reusable_sentences
from generate_description.composer.values import MARKUP, clean
from generate_description.composer.voice import choose_voice
from shared.models.facts import Fact
from shared.models.generate import GenerateRequest

TITLE = "a title (the name with its brand and one or two facts, without a full stop), "
PROMPT_VERSION = "listing-v2"
MAX_FACT_LENGTH = 160
FEW_FACTS = 4
MAX_TEXTS = 3


@dataclass(frozen=True, slots=True)
class Task:
    """How much a model is asked for: a large one for all that it does well, a small one for what pays.

    `sentences` and `bullets` are the least and the most of each.
    """

    title: bool
    facts: int
    sentences: tuple[int, int]
    bullets: tuple[int, int]


FULL = Task(title=True, facts=40, sentences=(3, 5), bullets=(3, 6))
SMALL = Task(title=False, facts=10, sentences=(2, 4), bullets=(0, 0))
PER_SENTENCE = 3


@dataclass(frozen=True, slots=True)
class Prompt:
    """`numbers`: which fact each number of the prompt stands for."""

    system: str
    user: str
    numbers: dict[int, str]
    task: Task = FULL

    @property
    def schema(self) -> dict[str, Any]:
        """`ids` stands before `text`, so that a model chooses first and writes then."""
        passage = {
            "type": "object",
            "properties": {
                "ids": {"type": "array", "items": {"type": "integer", "enum": list(self.numbers)}, "maxItems": 5},
                "text": {"type": "string"},
            },
            "required": ["ids", "text"],
            "additionalProperties": False,
        }
        properties: dict[str, Any] = {"title": {"type": "string"}} if self.task.title else {}
        for name, (least, most) in task_parts(self.task, len(self.numbers)):
            properties[name] = {"type": "array", "items": passage, "minItems": least, "maxItems": most}
        return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def system_text() -> str:
    return (files("generate_description.engines") / "prompts" / f"{PROMPT_VERSION}.txt").read_text(encoding="utf-8")


def build_prompt(request: GenerateRequest, task: Task = FULL) -> Prompt:
    lines = fact_lines(request, task)
    voice = choose_voice(request)
    product = voice.first_subject or display_name(request)
    named = product if not looks_like_instructions(product) else "the product"
    wanted = [f"{span(least, most)} {name}" for name, (least, most) in task_parts(task, len(lines))]
    parts = [
        f"Write {TITLE if task.title else ''}{' and '.join(wanted)} in {language_name(request.language)}.",
        *voice_lines(request),
        f"Product: {named}",
        "Statements:",
        *(f"{number}. {line}" for number, (_, line) in enumerate(lines, start=1)),
    ]
    numbers = {number: fact_id for number, (fact_id, _) in enumerate(lines, start=1)}
    return Prompt(system_text(), "\n".join(parts), numbers, task)


def task_parts(task: Task, statements: int) -> list[tuple[str, tuple[int, int]]]:
    """No more sentences than there is something to say: what a model must fill, it invents."""
    least, most = task.sentences
    enough = max(1, min(most, -(-statements // PER_SENTENCE)))
    sentences = (min(least, enough), most if task.title else enough)
    return [("sentences", sentences), *([("bullets", task.bullets)] if task.bullets[1] else [])]


def span(least: int, most: int) -> str:
    return str(most) if least == most else f"{least} to {most}"


def fact_lines(request: GenerateRequest, task: Task) -> list[tuple[str, str]]:
    """What a listing can be about, the most useful first, with the id of its fact.

    Identifiers, prices, colours that were only seen and what speaks to a model are left out. The lines are in the
    language asked for as far as our own table knows it: a small model translates worse.
    """
    safe = [fact for fact in request.facts if not looks_like_instructions(f"{fact.name} {fact.value}")]
    reader = AttributeReader(request.language)
    voice = choose_voice(request)
    attributes = reader.read_all(safe)
    spoken = [(attribute.fact.id, said) for attribute in attributes if (said := voice.predicate(attribute))]
    told = {fact_id for fact_id, _ in spoken}
    rest = [(a.fact.id, describe(a, reader.language)) for a in attributes if a.fact.id not in told]
    # A large model has a use for everything; a small one joins what is said already, the composer lists the rest.
    found = spoken if len(spoken) >= FEW_FACTS and not task.title else spoken + rest
    if len(found) < FEW_FACTS or task.title:
        found += text_lines(safe, request.language)
    if not found:
        found = [(fact.id, raw_line(fact)) for fact in safe if kind_of(fact.name) == "text"][:MAX_TEXTS]
    return [(fact_id, MARKUP.sub(" ", line)[:MAX_FACT_LENGTH]) for fact_id, line in found][: task.facts]


def text_lines(facts: list[Fact], language: str) -> list[tuple[str, str]]:
    sentences = reusable_sentences(facts, base_language(language))
    return [(fact.id, sentence) for fact, sentence in sentences][:MAX_TEXTS]


def raw_line(fact: Fact) -> str:
    return clean(fact.value)


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


def describe(attribute: Attribute, language: str) -> str:
    if attribute.kind != "quality":
        return f"{attribute.label}: {attribute.value}" if attribute.value else attribute.label
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
