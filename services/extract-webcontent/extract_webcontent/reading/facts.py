"""Facts whose quotes are verbatim and whose locators resolve, by construction."""

from extract_webcontent.reading.document import Document, Node
from extract_webcontent.reading.zones import BOILERPLATE
from shared.models.facts import Fact, Source, WebLocator

STRUCTURED_HEADER = "\n\n--- structured data ---\n"
MAX_FACTS = 600


class FactBook:
    """Collects the facts of one page. What only machines can read gets a line of its own at the snapshot's end."""

    def __init__(self, ref: str, document: Document, title: Node | None) -> None:
        self.ref = ref[:4096]
        self.document = document
        self.title = title
        self.facts: list[Fact] = []
        self._lines: list[str] = []
        self._length = len(document.text) + len(STRUCTURED_HEADER)
        self._seen: set[tuple[str, str, str | None]] = set()
        lower = document.text.lower()
        # A few letters change their length in lower case; offsets must not.
        self._searchable = lower if len(lower) == len(document.text) else document.text

    @property
    def snapshot(self) -> str:
        return self.document.text + (STRUCTURED_HEADER + "\n".join(self._lines) if self._lines else "")

    def visible(
        self,
        name: str,
        value: str,
        start: int,
        end: int,
        *,
        unit: str | None = None,
        confidence: float,
        node: Node | None = None,
    ) -> None:
        """A fact that the snapshot says from `start` to `end`."""
        if not value.strip() or end <= start:
            return
        quote = self.document.text[start:end]
        xpath = self.document.xpath(node or self.document.node_at(start, end))
        self._add(name, value, unit, quote, WebLocator(start=start, end=end, xpath=xpath), confidence)

    def structured(
        self, name: str, value: str, *, unit: str | None = None, confidence: float, line: str | None = None
    ) -> None:
        """A fact that only the page's structured data states."""
        value = " ".join(value.split())
        key = (name, value.casefold(), unit)
        if not value or key in self._seen:
            return
        text = f"{' '.join(name.split())[:200]}: {' '.join((line or value).split())}"[:12_000]
        start = self._length
        self._lines.append(text)
        self._length += len(text) + 1
        self._add(name, value, unit, text, WebLocator(start=start, end=start + len(text)), confidence)

    def anywhere(self, name: str, value: str, *, confidence: float, unit: str | None = None) -> None:
        """A structured value: quoted where the reader sees it, if so, else from the structured data."""
        found = self.locate(value)
        if found is None:
            self.structured(name, value, unit=unit, confidence=confidence)
        else:
            self.visible(name, " ".join(value.split()), *found, unit=unit, confidence=min(1.0, confidence + 0.05))

    def forget(self, name: str) -> None:
        """Facts of this name go: better ones follow. Their lines in the snapshot stay, so that offsets hold."""
        self.facts = [fact for fact in self.facts if fact.name.casefold() != name.casefold()]
        self._seen = {key for key in self._seen if key[0].casefold() != name.casefold()}

    def locate(self, value: str) -> tuple[int, int] | None:
        """Where the reader sees this text as words of their own, nearest to the title, outside of boilerplate."""
        wanted = " ".join(value.split())
        if len(wanted) < 2:
            return None
        wanted_lower = wanted.lower() if len(wanted.lower()) == len(wanted) else wanted
        text = self._searchable
        best: tuple[int, int] | None = None
        best_distance = 0
        position = -1
        for _ in range(60):
            position = text.find(wanted_lower, position + 1)
            if position < 0:
                break
            end = position + len(wanted_lower)
            if (position and text[position - 1].isalnum() and wanted[0].isalnum()) or (
                end < len(text) and text[end].isalnum() and wanted[-1].isalnum()
            ):
                continue
            node = self.document.node_at(position, end)
            if node is None or node.zone & BOILERPLATE:
                continue
            distance = abs(position - self.title.start) if self.title is not None else position
            if best is None or distance < best_distance:
                best, best_distance = (position, end), distance
        return best

    def _add(self, name: str, value: str, unit: str | None, quote: str, locator: WebLocator, confidence: float) -> None:
        name, value = " ".join(name.split())[:200].strip(), value.strip()[:10_000]
        key = (name.casefold(), value.casefold(), unit)
        if not name or not value or key in self._seen or len(self.facts) >= MAX_FACTS or len(quote) > 20_000:
            return
        self._seen.add(key)
        source = Source(kind="web", ref=self.ref, quote=quote, locator=locator)
        unit = unit[:50] if unit else None
        self.facts.append(
            Fact.create(name=name, value=value, unit=unit, source=source, confidence=round(confidence, 2))
        )
