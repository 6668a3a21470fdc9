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

from extract_webcontent.reading.prescan import MarkupLimits, count_markup
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
# What must stand between two pieces of text: the strongest wish wins.
NO_GAP, SPACE, TAB, NEWLINE = range(4)
GAPS = ("", " ", "\t", "\n")
OPENING_GAPS = dict.fromkeys(INLINE, NO_GAP) | dict.fromkeys(CELLS, TAB)
CLOSING_GAPS = dict.fromkeys(INLINE, NO_GAP) | dict.fromkeys(CELLS, SPACE)
# The parser stops at 256; a page that reaches it is looked at closely.
DEEP = 250
SILENT = frozenset({"head", "script", "style", "meta", "link"})


OTHER_NAMES = ("itemprop", "data-testid", "data-test", "data-qa", "data-hook")


@lru_cache(maxsize=65_536)
def names_match(pattern: re.Pattern[str], names: str) -> bool:
    """Whether an element's names match. Pages repeat their class names, so most answers come from memory."""
    return bool(names) and pattern.search(names) is not None


def names_of(attributes: dict[str, str]) -> str:
    class_name, identifier = attributes.get("class"), attributes.get("id")
    names = class_name if identifier is None else f"{class_name or ''} {identifier}"
    if len(attributes) > (class_name is not None) + (identifier is not None):
        for key in OTHER_NAMES:
            if value := attributes.get(key):
                names = f"{names or ''} {value}"
    return names.lower()[:500].strip() if names else ""


class Node:
    """A visible element and its range of the snapshot. `names` is its class, id and test id, lower case."""

    __slots__ = ("attributes", "children", "element", "end", "index", "names", "parent", "start", "tag", "zone")

    def __init__(
        self, element: HtmlElement, tag: str, attributes: dict[str, str], parent: "Node | None", index: int, start: int
    ) -> None:
        self.element = element
        self.tag = tag
        self.attributes = attributes
        self.parent = parent
        self.index = index
        self.start = start
        self.end = -1
        self.zone = 0
        self.children: list[Node] = []
        self.names = names_of(attributes) if attributes else ""

    @property
    def is_empty(self) -> bool:
        return self.end <= self.start

    def ancestors(self) -> Iterator["Node"]:
        node = self.parent
        while node is not None:
            yield node
            node = node.parent


class Document:
    """The parsed page: its tree, its visible nodes in document order, and its snapshot. Raises MarkupTooComplex."""

    def __init__(self, html: str, url: str | None) -> None:
        self.url = url
        self.html = html
        self.root = parse(html)
        self.visibility = Visibility(self.root)
        self.hidden: list[HtmlElement] = []
        self.nodes: list[Node] = []
        self.text = self._read()
        self._starts = [node.start for node in self.nodes]
        self._elements: dict[HtmlElement, Node] | None = None
        self._tags: dict[str, list[Node]] | None = None
        self._tree = self.root.getroottree()

    def close(self) -> None:
        """Nodes refer to each other in circles: without them the page is freed at once, and not by the collector."""
        for node in self.nodes:
            node.parent = None
            node.children.clear()
        self.nodes.clear()
        self._elements = self._tags = None

    def tagged(self, *tags: str) -> list[Node]:
        """The visible elements with one of these tags, in document order."""
        if self._tags is None:
            self._tags = {}
            for node in self.nodes:
                self._tags.setdefault(node.tag, []).append(node)
        if len(tags) == 1:
            return self._tags.get(tags[0], [])
        return sorted((node for tag in tags for node in self._tags.get(tag, ())), key=lambda node: node.index)

    def text_of(self, node: Node) -> str:
        return self.text[node.start : node.end]

    def node_of(self, element: HtmlElement) -> Node | None:
        if self._elements is None:
            self._elements = {node.element: node for node in self.nodes}
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
        path = str(self._tree.getpath(node.element))
        return path if len(path) <= 500 else None

    def _read(self) -> str:
        """One walk over the tree. While it goes, nodes count pieces of text; their offsets are known at its end."""
        pieces: list[str] = []
        # Offsets at which each piece of text starts and ends; `gaps` are those before it.
        starts: list[int] = []
        ends: list[int] = []
        length = 0
        gap = NO_GAP
        boundary = False
        nodes = self.nodes
        is_hidden = self.visibility.is_hidden
        backgrounds: list[tuple[Node | None, str]] = []
        background: str | None = None

        def emit(text: str) -> None:
            nonlocal length, gap, boundary
            if not text.isascii():
                text = INVISIBLE.sub("", text)
            words = text.split()
            if not words:
                if text and gap == NO_GAP:
                    gap = SPACE
                return
            if gap == NO_GAP and (text[0].isspace() or (boundary and length and reads_as_two(pieces[-1], text))):
                gap = SPACE
            if gap != NO_GAP and length:
                pieces.append(GAPS[gap])
                length += 1
            collapsed = " ".join(words)
            pieces.append(collapsed)
            starts.append(length)
            length += len(collapsed)
            ends.append(length)
            gap = SPACE if text[-1].isspace() else NO_GAP
            boundary = False

        # Iterators of open elements, each with its node; the tree is at most as deep as the scan before allows.
        current: Node | None = None
        level = iter((self.root,))
        open_levels: list[Iterator[HtmlElement]] = []
        while True:
            element = next(level, None)
            if element is None:
                if current is None:
                    break
                node = current
                node.end = len(starts)
                if backgrounds and backgrounds[-1][0] is node:
                    backgrounds.pop()
                    background = backgrounds[-1][1] if backgrounds else None
                boundary = True
                if (wanted := CLOSING_GAPS.get(node.tag, NEWLINE)) > gap:
                    gap = wanted
                current = node.parent
                level = open_levels.pop()
                if current is not None and (text := node.element.tail):
                    emit(text)
                continue
            tag = element.tag
            # Comments and processing instructions have no name, only a tail.
            if isinstance(tag, str):
                attributes = {} if tag in NEVER_SHOWN else dict(element.items())
                if tag in NEVER_SHOWN or (attributes and is_hidden(element, tag, attributes, background)):
                    if tag not in SILENT:
                        self.hidden.append(element)
                    if gap == NO_GAP and tag not in INLINE and tag != "script":
                        gap = SPACE
                else:
                    node = Node(element, tag, attributes, current, len(nodes), len(starts))
                    if current is not None:
                        current.children.append(node)
                    nodes.append(node)
                    if "style" in attributes and (match := BACKGROUND.search(attributes["style"])):
                        color = normal_color(match.group(1))
                        if color and color != "transparent":
                            backgrounds.append((node, color))
                            background = color
                    boundary = True
                    if (wanted := OPENING_GAPS.get(tag, NEWLINE)) > gap:
                        gap = wanted
                    if text := element.text:
                        emit(text)
                    if len(element):
                        current = node
                        open_levels.append(level)
                        if len(open_levels) == DEEP:
                            count_markup(self.html, MarkupLimits())
                        level = iter(element)
                        continue
                    node.end = len(starts)
                    if background is not None and backgrounds[-1][0] is node:
                        backgrounds.pop()
                        background = backgrounds[-1][1] if backgrounds else None
                    boundary = True
                    if (wanted := CLOSING_GAPS.get(tag, NEWLINE)) > gap:
                        gap = wanted
            if current is not None and (text := element.tail):
                emit(text)
        self._place(starts, ends)
        return "".join(pieces)

    def _place(self, starts: list[int], ends: list[int]) -> None:
        """Piece numbers become offsets. An empty element stands behind the text before it."""
        starts.append(ends[-1] if ends else 0)
        latest = 0
        for node in self.nodes:
            first, behind = node.start, node.end
            if behind > first:
                start, end = starts[first], ends[behind - 1]
            else:
                start = end = ends[first - 1] if first else 0
            # An empty element before the first text of its parent would begin earlier than the parent.
            if start > latest:
                latest = start
            node.start = latest
            node.end = end if end > latest else latest

    def drop_hidden(self) -> None:
        """Take what nobody sees out of the tree, before tools read it that look at the markup only."""
        for element in self.hidden:
            if element.getparent() is not None:
                element.drop_tree()
        self.hidden.clear()


# A year, or a number with a word of its own ("2 bids"), is no part of the price in the element before.
NEXT_NUMBER = re.compile(r"\s*(?:\d{4}(?!\d)|\d{1,3}\s+[^\W\d_][a-zß-ÿ]{2})")


def reads_as_two(before: str, after: str) -> bool:
    """Whether two inline elements without a space between them are probably set apart by the style sheet.

    Prices in several elements ("12" ".90", "€" "12") and letters in elements of their own stay together.
    """
    last, first = before[-1], after[0]
    if last in CURRENCY_SIGNS and first.isdigit():
        return any(char.isdigit() for char in before)
    if first in CURRENCY_SIGNS and last.isdigit():
        return len(after) > 1 and after[1].isdigit()
    if last.isdigit() and first.isdigit():
        return NEXT_NUMBER.match(after) is not None
    if last in ".:;!?)":
        return first.isalnum() and not (first.isdigit() and len(before) > 1 and before[-2].isdigit())
    return first.isupper() and (last.islower() or last.isdigit()) and len(before) > 1


# lxml.html asks Python for the class of each element, for the sake of forms; one class for all is much faster.
ELEMENT_CLASSES = etree.ElementDefaultClassLookup(
    element=HtmlElement, comment=lxml.html.HtmlComment, pi=lxml.html.HtmlProcessingInstruction
)


def parse(html: str) -> HtmlElement:
    """A tree whatever the input; an empty page gives an empty body."""
    # On bytes, since a regular expression over a whole page costs more than parsing it.
    cleaned = html.encode("utf-8", "replace").translate(CONTROL_CHARACTERS)
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_pis=False)
    parser.set_element_class_lookup(ELEMENT_CLASSES)
    root = None
    if cleaned.strip():
        try:
            root = lxml.html.document_fromstring(cleaned, parser=parser)
        except etree.ParserError:
            root = None
    if root is None:
        root = lxml.html.document_fromstring(b"<html><body></body></html>", parser=parser)
    return root
