"""What is said to the model. The version is part of the cache key, so a changed prompt is a new question."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import babel

from shared.models.describe import DescribeOptions

TEMPLATE = Path(__file__).with_name("prompts") / "describe.md"


@dataclass(frozen=True, slots=True)
class Prompt:
    system: str
    user: str


@cache
def template() -> str:
    return TEMPLATE.read_text(encoding="utf-8")


@cache
def prompt_version() -> str:
    return hashlib.sha256(template().encode()).hexdigest()[:8]


def language_name(tag: str) -> str:
    try:
        return babel.Locale.parse(tag, sep="-").get_display_name("en") or tag
    except (ValueError, babel.UnknownLocaleError):
        return tag


def build_prompt(options: DescribeOptions) -> Prompt:
    system = template().replace("{language}", f"{language_name(options.language)} ({options.language})")
    parts = []
    if options.hint:
        parts.append(f"The merchant's note, which may be wrong:\n<note>\n{fenced(options.hint)}\n</note>")
    if options.prompt:
        # From the shop's own settings: it may ask for more, and the rules above still stand.
        parts.append(f"The shop asks for this in addition:\n{options.prompt}")
    parts.append("Fill in the JSON for this photo.")
    return Prompt(system, "\n\n".join(parts))


def fenced(text: str) -> str:
    """A note cannot close its own fence."""
    return text.replace("<", "‹").replace(">", "›")
