"""What an engine writes, before the check: texts with the facts that the engine names for them."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Passage:
    """One sentence, bullet or title. `fact_ids` are hints: the check finds the support itself."""

    text: str
    fact_ids: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Draft:
    title: Passage
    sentences: list[Passage]
    bullets: list[Passage]
    seo_title: Passage
    seo_description: list[Passage]
    keywords: list[Passage]
    alt_texts: dict[str, Passage]
