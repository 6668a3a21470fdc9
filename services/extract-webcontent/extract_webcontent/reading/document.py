"""One parse of a page, and the plain text that a reader sees: the *snapshot* that every quote refers to.

Each visible element becomes a `Node` that knows its range of the snapshot, so that a value found anywhere in the
page has a verbatim quote and a locator by construction.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache

import lxml.html
from lxml import etree
from lxml.html import HtmlElement

from extract_webcontent.reading.visibility import BACKGROUND, NEVER_SHOWN, Visibility, normal_color

INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "ins",
        "kbd",
        "label",
        "mark",
        "meter",
        "nobr",
        "output",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
        "bdo",
        "input",
        "picture",
        "g-emoji",
    ]
)
CELLS = frozenset({"td", "th"})
CONTROL_CHARACTERS = bytes.maketrans(bytes(range(32)) + b"\x7f", b" " * 9 + b"\t\n  \r" + b" " * 18 + b" ")
# Zero-width, soft hyphen, bidirectional controls, variation selectors and tag characters: they hide text from readers.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-"
    "\ufe0f\ufeff\U000e0000-\U000e0fff]"
)

CURRENCY_SIGNS = "€$£₹¥"
NO_GAP, SPACE, TAB, NEWLINE = "", " ", "\t", "\n"
RANK = {NO_GAP: 0, SPACE: 1, TAB: 2, NEWLINE: 3}


OTHER_NAMES = ("itemprop", "data-testid", "data-test", "data-qa", "data-hook")


@lru_cache(maxsize=65_536)
def names_match(pattern: re.Pattern[str], names: str) -> bool:
    """Whether an element's names match. Pages repeat their class names, so most answers come from memory."""
    return bool(names) and pattern.search(names) is not None


class Node:
    """A visible element and its range of the snapshot. `names` is its class, id and test id, lower case."""

    __slots__ = ("children", "element", "end", "index", "names", "parent", "start", "tag", "zone")

    def __init__(self, element: HtmlElement, tag: str, parent: "Node | None", index: int) -> None:
        self.element = element
        self.tag = tag
        self.parent = parent
        self.index = index
        self.start = -1
        self.end = -1
        self.zone = 0
        self.children: list[Node] = []
        self.names = ""
        attributes = element.attrib
        if attributes:
            class_name, identifier = attributes.get("class"), attributes.get("id")
            names = f"{class_name or ''} {identifier or ''}"
            if len(attributes) > (class_name is not None) + (identifier is not None):
                for key in OTHER_NAMES:
                    if value := attributes.get(key):
                        names = f"{names} {value}"
            if len(names) > 1:
                self.names = names.lower()[:500].strip()

    @property
    def is_empty(self) -> bool:
        return self.end <= self.start

    def ancestors(self) -> Iterator["Node"]:
        node = self.parent
        while node is not None:
            yield node
            node = node.parent


class Document:
    """The parsed page: its tree, its visible nodes in document order, and its snapshot."""

    def __init__(self, html: str, url: str | None) -> None:
        self.url = url
        self.root = parse(html)
        self.visibility = Visibility(self.root)
        self.hidden: list[HtmlElement] = []
        self.nodes: list[Node] = []
        self.text = self._read()
        self._starts = [node.start for node in self.nodes]
        self._elements = {node.element: node for node in self.nodes}

    def text_of(self, node: Node) -> str:
        return self.text[node.start : node.end]

    def node_of(self, element: HtmlElement) -> Node | None:
        return self._elements.get(element)

    def node_at(self, start: int, end: int) -> Node | None:
        """The innermost visible element that holds the range."""
        if not self.nodes:
            return None
        node: Node | None = self.nodes[bisect_right(self._starts, start) - 1]
        while node is not None and not (node.start <= start and end <= node.end):
            node = node.parent
        return node

    def xpath(self, node: Node | None) -> str | None:
        if node is None:
            return None
        path = str(self.root.getroottree().getpath(node.element))
        return path if len(path) <= 500 else None

    def _read(self) -> str:
        pieces: list[str] = []
        length = 0
        gap = NO_GAP
        boundary = False
        unstarted: list[Node] = []
        current: Node | None = None
        skipped: HtmlElement | None = None
        backgrounds: list[tuple[Node, str]] = []

        def emit(text: str) -> None:
            nonlocal length, gap, boundary
            if not text.isascii():
                text = INVISIBLE.sub("", text)
            words = text.split()
            if not words:
                if text and gap is NO_GAP:
                    gap = SPACE
                return
            if gap is NO_GAP and text[0].isspace():
                gap = SPACE
            if gap is NO_GAP and boundary and pieces and reads_as_two(pieces[-1], text):
                gap = SPACE
            if gap is not NO_GAP and length:
                pieces.append(gap)
                length += 1
            for node in unstarted:
                node.start = length
            unstarted.clear()
            collapsed = " ".join(words)
            pieces.append(collapsed)
            length += len(collapsed)
            gap = SPACE if text[-1].isspace() else NO_GAP
            boundary = False

        walker = etree.iterwalk(self.root, events=("start", "end", "comment", "pi"))
        for event, element in walker:
            if event == "start":
                tag = element.tag
                if tag in NEVER_SHOWN or self.visibility.is_hidden(
                    element, backgrounds[-1][1] if backgrounds else None
                ):
                    if tag != "head" and tag not in ("script", "style", "meta", "link"):
                        self.hidden.append(element)
                    skipped = element
                    walker.skip_subtree()
                    continue
                node = Node(element, tag, current, len(self.nodes))
                if current is not None:
                    current.children.append(node)
                self.nodes.append(node)
                unstarted.append(node)
                current = node
                if "style" in element.attrib and (match := BACKGROUND.search(element.attrib["style"])):
                    color = normal_color(match.group(1))
                    if color and color != "transparent":
                        backgrounds.append((node, color))
                boundary = True
                if tag not in INLINE:
                    wanted = TAB if tag in CELLS else NEWLINE
                    if RANK[wanted] > RANK[gap]:
                        gap = wanted
                if element.text:
                    emit(element.text)
            elif event == "end":
                if skipped is not None and element is skipped:
                    skipped = None
                    if element.tag not in INLINE and gap is NO_GAP and element.tag != "script":
                        gap = SPACE
                elif current is not None:
                    if current.start < 0:
                        current.start = length
                        unstarted.remove(current)
                    current.end = length
                    if backgrounds and backgrounds[-1][0] is current:
                        backgrounds.pop()
                    boundary = True
                    if current.tag not in INLINE:
                        wanted = SPACE if current.tag in CELLS else NEWLINE
                        if RANK[wanted] > RANK[gap]:
                            gap = wanted
                    current = current.parent
                if element.tail and current is not None:
                    emit(element.tail)
            elif element.tail and current is not None:
                emit(element.tail)
        # An empty element before the first text of its parent would begin earlier than the parent.
        latest = 0
        for node in self.nodes:
            latest = node.start = max(node.start, latest)
            node.end = max(node.end, latest)
        return "".join(pieces)

    def drop_hidden(self) -> None:
        """Take what nobody sees out of the tree, before tools read it that look at the markup only."""
        for element in self.hidden:
            if element.getparent() is not None:
                element.drop_tree()
        self.hidden.clear()


def reads_as_two(before: str, after: str) -> bool:
    """Whether two inline elements without a space between them are probably set apart by the style sheet.

    Prices in several elements ("12" ".90", "€" "12") and letters in elements of their own stay together.
    """
    last, first = before[-1], after[0]
    if last in CURRENCY_SIGNS and first.isdigit():
        return any(char.isdigit() for char in before)
    if first in CURRENCY_SIGNS and last.isdigit():
        return len(after) > 1 and after[1].isdigit()
    if last in ".:;!?)":
        return first.isalnum() and not (first.isdigit() and len(before) > 1 and before[-2].isdigit())
    return first.isupper() and (last.islower() or last.isdigit()) and len(before) > 1


def parse(html: str) -> HtmlElement:
    """A tree whatever the input; an empty page gives an empty body."""
    # On bytes, since a regular expression over a whole page costs more than parsing it.
    cleaned = html.encode("utf-8", "replace").translate(CONTROL_CHARACTERS)
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_pis=False)
    root = None
    if cleaned.strip():
        try:
            root = lxml.html.document_fromstring(cleaned, parser=parser)
        except etree.ParserError:
            root = None
    if root is None:
        root = lxml.html.document_fromstring(b"<html><body></body></html>", parser=parser)
    return root
