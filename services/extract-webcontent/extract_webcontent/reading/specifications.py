"""Specification pairs: tables, definition lists, grids of two-part rows, and "Key: value" lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extract_webcontent.reading.document import Document, Node, names_match
from extract_webcontent.reading.zones import BOILERPLATE, HEADING_TAGS, SERVICE

MAX_KEY = 80
MAX_VALUE = 1_000
MAX_PAIRS = 400
KEY_VALUE = re.compile(r"(?P<key>[^\W\d_][^:\n\t]{0,58}?)\s?[:\uff1a]\s+(?P<value>\S[^\n]{0,400})")
SENTENCE_KEY = re.compile(r"[.!?;]\s|[\"“”»«€$£]|https?|\d{1,2}:\d\d")
GRID_NAME = re.compile(
    r"(?:^|[\s_-])(?:spec|specs|specification|specifications|attribut\w*|propert\w*|feature\w*|detail\w*|data"
    r"|datenblatt|technisch\w*|merkmal\w*|eigenschaft\w*|charact\w*|caracter\w*|ficha|facts?|param\w*|info\w*"
    r"|key|label|term|table|row|dl|list|kv|grid|value|name)(?:$|[\s_-])"
)
KEY_NAME = re.compile(
    r"(?:^|[\s_-]|__)(?:\w*label|\w*key|\w*name|\w*title|\w*term|\w*attr(?:ibute)?|\w*property|left|first|th"
    r"|dt|bezeichnung|merkmal|caption|head(?:er|ing)?)(?:$|[\s_-]|__)"
)
SURCHARGE = re.compile(r"\+\s?[€$£]?\s?\d")
SECOND_KEY = re.compile(r"\s[A-ZÄÖÜÁÉÍÓÚ]\w{2,20}:\s\S")
NOT_KEYS = re.compile(
    r"(?:menge|quantity|qty|cantidad|anzahl|your (?:name|email|price)|e-?mail|name|password|passwort|search"
    r"|suche|total|subtotal|summe|note|notice|hinweis|share|teilen|tel\.?|phone|telefon|fax|sort by|show|step "
    r"\d+|q|a|question|answer|by|posted|date|tags?|options?|select.*|choose.*|wähle.*|verfügbarkeit"
    r"|availability|disponibilidad|lieferzeit|delivery.*|shipping.*|versand.*|price|preis|precio|prix|unser "
    r"preis|sale price|uvp|rrp|msrp|[\d\W]+)",
    re.IGNORECASE,
)


LINE_TAGS = frozenset({"li", "p", "div", "span", "td", "section", "dd", "b", "strong"})


@dataclass(frozen=True, slots=True)
class Pair:
    """Key and value as written, and the range of the snapshot that holds both."""

    key: str
    value: str
    start: int
    end: int
    node: Node
    group: str | None = None
    strong: bool = True


def find_pairs(document: Document) -> list[Pair]:
    """All pairs of the page outside boilerplate, in page order, without repetitions."""
    reader = PairReader(document)
    pairs = sorted(reader.read(), key=lambda pair: pair.start)
    seen: set[tuple[str, str]] = set()
    unique: list[Pair] = []
    for pair in pairs:
        identity = (pair.key.casefold(), pair.value.casefold())
        if identity not in seen:
            seen.add(identity)
            unique.append(pair)
    return unique[:MAX_PAIRS]


class PairReader:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text
        self.taken: list[tuple[int, int]] = []

    def read(self) -> Iterator[Pair]:
        budget = MAX_PAIRS * 2
        for source in (self.tables, self.definition_lists, self.grids, self.lines):
            found = list(self.limit(source(), budget))
            self.taken.extend((pair.start, pair.end) for pair in found)
            self.taken.sort()
            budget -= len(found)
            yield from found

    @staticmethod
    def limit(pairs: Iterator[Pair], most: int) -> Iterator[Pair]:
        for _, pair in zip(range(max(0, most)), pairs, strict=False):
            yield pair

    def is_taken(self, node: Node) -> bool:
        from_index = 0
        for start, end in self.taken[from_index:]:
            if start >= node.end:
                return False
            if node.start < end:
                return True
        return False

    def words(self, node: Node) -> str:
        return " ".join(self.text[node.start : node.end].split())

    def pair(self, key: Node, value: Node, group: str | None = None, *, strong: bool = True) -> Pair | None:
        if key.is_empty or value.is_empty or key.end > value.start:
            return None
        name = self.words(key).rstrip(" :\uff1a").strip()
        content = self.words(value).lstrip(":\uff1a ").strip()
        # Tables and definition lists are made for pairs; other boxes may just as well hold questions and answers.
        if value.tag not in ("td", "dd") and (
            self.text.count("\n", value.start, value.end) > 2 or not is_plain_value(content) or SURCHARGE.match(content)
        ):
            return None
        if not content or not is_key(name) or len(content) > MAX_VALUE or content.casefold() == name.casefold():
            return None
        return Pair(name, content, key.start, value.end, value, group, strong)

    def tables(self) -> Iterator[Pair]:
        for table in self.document.tagged("table"):
            if table.is_empty or table.zone & BOILERPLATE or self.holds_table(table):
                continue
            rows = [row for row in self.rows(table) if row]
            if is_data_grid(rows):
                continue
            group = None
            for cells in rows:
                filled = [cell for cell in cells if not cell.is_empty]
                if len(filled) == 1 and (filled[0].tag == "th" or len(cells) == 1):
                    label = self.words(filled[0])
                    colon = KEY_VALUE.fullmatch(label) if len(label) < 300 else None
                    if colon is None:
                        group = label if len(label) <= MAX_KEY else None
                    continue
                if len(cells) == 3 and len(filled) == 2 and cells[1].is_empty:
                    filled = [cells[0], cells[2]]
                elif len(filled) != len(cells) and len(filled) % 2:
                    continue
                if len(filled) == 3 and self.words(filled[1]) in (":", "-", "–"):
                    filled = [filled[0], filled[2]]
                if len(filled) % 2 or len(filled) > 6:
                    continue
                for key, value in zip(filled[::2], filled[1::2], strict=True):
                    if pair := self.pair(key, value, group):
                        yield pair

    def holds_table(self, table: Node) -> bool:
        """Layout tables hold other tables; a specification table holds a few at most."""
        pending = list(table.children)
        while pending:
            node = pending.pop()
            if node.tag == "table" and not node.is_empty:
                return True
            pending.extend(node.children)
        return False

    @staticmethod
    def rows(table: Node) -> Iterator[list[Node]]:
        pending = list(reversed(table.children))
        while pending:
            node = pending.pop()
            if node.tag == "tr":
                yield [cell for cell in node.children if cell.tag in ("td", "th")]
            elif node.tag in ("tbody", "thead", "tfoot"):
                pending.extend(reversed(node.children))

    def definition_lists(self) -> Iterator[Pair]:
        for definition in self.document.tagged("dl"):
            if definition.is_empty or definition.zone & BOILERPLATE:
                continue
            term: Node | None = None
            for node in self.terms(definition):
                if node.tag == "dt":
                    term = node
                elif term is not None:
                    if pair := self.pair(term, node):
                        yield pair
                    term = None

    @staticmethod
    def terms(definition: Node) -> Iterator[Node]:
        pending = list(reversed(definition.children))
        while pending:
            node = pending.pop()
            if node.tag in ("dt", "dd"):
                yield node
            elif node.tag != "dl":
                pending.extend(reversed(node.children))

    def grids(self) -> Iterator[Pair]:
        """Rows of a label box and a value box: at least three alike, or two that are named as specifications."""
        for parent in self.document.nodes:
            if (
                len(parent.children) < 2
                or parent.is_empty
                or parent.zone & (BOILERPLATE | SERVICE)
                or parent.tag in ("table", "tbody", "tr", "dl", "body", "html")
            ):
                continue
            children = [child for child in parent.children if not child.is_empty]
            if len(children) < 2 or self.is_taken(parent):
                continue
            yield from self.rows_of_two(parent, children)
            yield from self.alternating(parent, children)

    def rows_of_two(self, parent: Node, children: list[Node]) -> Iterator[Pair]:
        by_kind: dict[str, list[tuple[Node, Node, Node]]] = {}
        for child in children:
            parts = two_parts(child)
            if parts is not None and child.end - child.start < MAX_VALUE:
                by_kind.setdefault(child.tag, []).append((child, *parts))
        for rows in by_kind.values():
            named = (
                any(names_match(KEY_NAME, key.names) for _, key, _ in rows)
                or any(names_match(GRID_NAME, node.names) for node in (parent, rows[0][0]))
                or any(self.text[key.start : key.end].rstrip().endswith(":") for _, key, _ in rows)
            )
            if (
                len(rows) < 2
                or (len(rows) < 4 and not named)
                or any(key.tag in ("a", "button", "input", "h1", "h2") for _, key, _ in rows)
            ):
                continue
            if not named and len({key.tag + key.names for _, key, _ in rows}) > 1:
                continue
            for _, key, value in rows:
                if pair := self.pair(key, value, self.heading_before(parent), strong=named):
                    yield pair

    def alternating(self, parent: Node, children: list[Node]) -> Iterator[Pair]:
        """label, value, label, value … as direct children of one box."""
        if len(children) < 4 or len(children) % 2:
            return
        keys, values = children[::2], children[1::2]
        key_kinds = {(key.tag, key.names.split(" ")[0]) for key in keys}
        value_kinds = {(value.tag, value.names.split(" ")[0]) for value in values}
        if len(key_kinds) != 1 or len(value_kinds) != 1 or key_kinds == value_kinds:
            return
        kind = next(iter(key_kinds))[0]
        named = all(names_match(KEY_NAME, key.names) for key in keys) or kind in ("b", "strong", "label", "dt", "th")
        if not named or kind in ("a", "button", "img", "h1", "h2", "h3") or next(iter(value_kinds))[0] in HEADING_TAGS:
            return
        for key, value in zip(keys, values, strict=True):
            if pair := self.pair(key, value, strong=named):
                yield pair

    def heading_before(self, node: Node) -> str | None:
        if node.parent is None:
            return None
        siblings = node.parent.children
        for sibling in reversed(siblings[: siblings.index(node)][-3:]):
            if sibling.tag in HEADING_TAGS and 0 < sibling.end - sibling.start <= MAX_KEY:
                return self.words(sibling)
        return None

    def lines(self) -> Iterator[Pair]:
        """ "Key: value" in an element of its own, or in one line of it."""
        for node in self.document.nodes:
            if (
                not 0 < node.end - node.start <= 4_000
                or node.zone & (BOILERPLATE | SERVICE)
                or node.tag not in LINE_TAGS
            ):
                continue
            own = [
                child
                for child in node.children
                if child.tag in ("div", "p", "li", "ul", "ol", "table", "dl", "section", "td")
            ]
            if own or self.is_taken(node) or (node.tag in ("span", "b", "strong") and not is_line(node, self.text)):
                continue
            position = node.start
            for line in self.text[node.start : node.end].split("\n"):
                match = KEY_VALUE.fullmatch(line)
                if match and is_key(match["key"]) and len(match["key"].split()) <= 6 and is_plain_value(match["value"]):
                    start = position + match.start("key")
                    yield Pair(
                        match["key"].strip(),
                        match["value"].strip(),
                        start,
                        position + match.end("value"),
                        node,
                        None,
                        strong=False,
                    )
                position += len(line) + 1


def is_line(node: Node, text: str) -> bool:
    before = text[node.start - 1] if node.start else "\n"
    after = text[node.end] if node.end < len(text) else "\n"
    return before == "\n" and after == "\n"


def two_parts(node: Node) -> tuple[Node, Node] | None:
    """The label and the value of a row that consists of exactly two boxes, through wrappers of one."""
    for _ in range(3):
        filled = [child for child in node.children if not child.is_empty]
        if len(filled) == 2:
            first, second = filled
            covered = (first.end - first.start) + (second.end - second.start)
            if covered + 4 < node.end - node.start or first.tag in ("br", "img", "li") or first.end > second.start:
                return None
            return first, second
        if len(filled) != 1 or filled[0].end - filled[0].start + 2 < node.end - node.start:
            return None
        node = filled[0]
    return None


def is_data_grid(rows: list[list[Node]]) -> bool:
    """A table with a header row over several columns (sizes, variants, comparisons) has no pairs."""
    wide = sum(1 for cells in rows if len(cells) >= 3)
    if not rows or wide < max(2, len(rows) * 0.6):
        return False
    pattern = [tuple(cell.tag for cell in cells) for cells in rows]
    return not all(tags in (("th", "td", "th", "td"), ("td", "td", "td", "td")) for tags in pattern) or (
        pattern[0][0] == "td" and len(rows) < 2
    )


def is_key(key: str) -> bool:
    if not 2 <= len(key) <= MAX_KEY or not any(char.isalpha() for char in key) or key.endswith("?"):
        return False
    return not SENTENCE_KEY.search(key) and not NOT_KEYS.fullmatch(key) and len(key.split()) <= 10


def is_plain_value(value: str) -> bool:
    """A value, not a sentence that happens to have a colon before it."""
    words = len(value.split())
    if len(value) > 250 or (value.endswith((".", "!")) and words >= 6):
        return False
    if SECOND_KEY.search(value):
        return False
    return words <= 25 and not re.search(r"[.!?]\s+[A-ZÄÖÜ¡¿]\w+\s+\w+\s+\w+", value)
