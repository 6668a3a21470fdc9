"""Text as it is written: out of the JSON that a model sends piece by piece."""

from collections.abc import Callable

from pydantic_core import from_json

OnDelta = Callable[[str, int | None, str], None]
"""Field, index of the item in it, and the text that came on."""

FIELD_OF = {"sentences": "description", "bullets": "bullets"}


class JsonText:
    """Feeds on a growing JSON document and tells what was added to its texts."""

    def __init__(self, on_delta: OnDelta) -> None:
        self.on_delta = on_delta
        self.received = ""
        self.sent: dict[tuple[str, int | None], str] = {}

    def feed(self, piece: str) -> None:
        self.received += piece
        try:
            document = from_json(self.received, allow_partial="trailing-strings")
        except ValueError:
            return
        if not isinstance(document, dict):
            return
        self.tell("title", None, document.get("title"))
        for key, name in FIELD_OF.items():
            items = document.get(key)
            for index, item in enumerate(items if isinstance(items, list) else []):
                if isinstance(item, dict):
                    self.tell(name, index, item.get("text"))

    def tell(self, name: str, index: int | None, text: object) -> None:
        before = self.sent.get((name, index), "")
        if isinstance(text, str) and len(text) > len(before) and text.startswith(before):
            self.sent[name, index] = text
            self.on_delta(name, index, text[len(before) :])
