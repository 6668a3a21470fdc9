"""Languages without sentences of their own here: `Name: value`, which is right in any language."""

from generate_description.composer.attributes import Attribute
from generate_description.composer.english import Subject


class Plain:
    language = ""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    def opening(self, material: Attribute | None, colour: Attribute | None) -> str | None:
        return None

    def predicate(self, attribute: Attribute) -> str | None:
        return f"{attribute.label}: {attribute.value}" if attribute.value else None

    first_subject: str | None = None

    def other_subject(self, position: int) -> str | None:
        return None

    def seen(self, colour: str) -> str:
        return colour

    def sentence(self, predicates: list[str], subject: str | None = None) -> str:
        return f"{'; '.join(predicates)}."

    def bullet_quality(self, attribute: Attribute) -> str | None:
        return None

    def without_name(self, text: str) -> str:
        return text

    def by_brand(self) -> str | None:
        return f"{self.subject.name} – {self.subject.brand}." if self.subject.brand else None
