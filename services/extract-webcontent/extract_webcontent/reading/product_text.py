"""The text of a product page as markdown: what is said under its title about the product itself.

Tools for articles look for one dense column of prose; a product page has bullets, specification rows and short
paragraphs in tabs, between buttons, options and offers. Here each line of the snapshot is judged by the element that
holds it and by its neighbours.
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from extract_webcontent.reading.document import Document, Node, names_match
from extract_webcontent.reading.prices import PRICE
from extract_webcontent.reading.specifications import Pair
from extract_webcontent.reading.structured import StructuredProduct
from extract_webcontent.reading.zones import HEADING_TAGS, NOT_PROSE

# Boxes that lie over the page or beside its subject, by their names.
ASIDE_NAME = re.compile(
    r"dialog|modal|pop-?up|popover|drawer|off-?canvas|overlay|tool-?tip|flyout|lightbox|disclaim|foot-?note|legal"
    r"|password|trade-?in|visually-?hidden|sr-only|screen-reader|toast|notification|announcement|promo|banner|chat"
    r"|locator|instagram|ugc|social|blog|press(?:$|[\s_-])|sticky|error|captcha|survey|feedback|side-?bar|aside"
)
# A box that holds as much of the page as this is its subject, whatever it is called.
WHOLE = 0.5
SHOP_WORDS = re.compile(
    r"add to (?:cart|bag|basket|wish ?list|compare|list)|buy (?:it )?now|sold out|in stock|out of stock|quantity"
    r"|qty\b|size guide|select (?:a |an |your )?(?:size|colou?r|option)|choose|shipping|delivery|returns?\b|cookie"
    r"|sign (?:in|up)|log ?in|subscribe|newsletter|share\b|reviews?\b|write a|rating|stars?\b"
    r"|view (?:all|more|cart)|show (?:more|less|all)|read (?:more|less)|learn more|see (?:more|all|details)"
    r"|shop now|load(?:ing)?\b|next\b|previous\b|close\b|menu\b|search\b|checkout|financing|klarna|afterpay"
    r"|affirm|paypal|coupon|discount|(?:regular|sale|unit) price|sku\b|copyright|all rights|warenkorb|versand"
    r"|lieferung|zahlung|anmelden|bewertung|añadir|carrito|envío|comprar|reseñas?|ajouter|panier|livraison",
    re.IGNORECASE,
)
NO_WORDS = re.compile(r"[\W\d_]*")
WORD = re.compile(r"\w+")
CONTROLS = frozenset({"a", "button", "label", "option", "nav", "form"})
LISTED = frozenset({"li", "dd", "dt", "td", "p"})
LONG_LINE = 8
SHORT_SHOP_LINE = 12
SUBSTANTIAL_FORM = 600
STATED_DESCRIPTION = 150

Kind = Literal["text", "pair", "item", "heading", "short", "other"]


@dataclass(slots=True)
class Line:
    text: str
    node: Node | None
    kind: Kind
    level: int = 0
    kept: bool = False


def product_text(
    document: Document, title: Node | None, pairs: list[Pair], products: list[StructuredProduct]
) -> str | None:
    """What only the structured data describes comes first; it is what scripts would show."""
    lines = read_lines(document, title, pairs)
    choose(lines)
    written = [markdown(line) for line in unique(lines)]
    stated = max(
        (product.description for product in products if product.origin != "meta" and product.description),
        key=len,
        default="",
    )
    if len(stated) >= STATED_DESCRIPTION and share_of(stated, "\n".join(written)) < 0.5:
        written.insert(1 if written and written[0].startswith("# ") else 0, stated)
    return "\n".join(written).strip() or None


def read_lines(document: Document, title: Node | None, pairs: list[Pair]) -> list[Line]:
    lines: list[Line] = []
    start = title.start if title is not None else 0
    whole = WHOLE * (len(document.text) - start)
    position = 0
    ranges = sorted((pair.start, pair.end) for pair in pairs)
    index = 0
    for text in document.text.split("\n"):
        begin, end = position, position + len(text)
        position = end + 1
        if not text or end <= start:
            continue
        node = document.node_at(begin, end)
        while index < len(ranges) and ranges[index][1] <= begin:
            index += 1
        in_pair = index < len(ranges) and ranges[index][0] < end
        if node is None or node.zone & NOT_PROSE:
            lines.append(Line(text, node, "other"))
        elif title is not None and begin <= title.start < end:
            lines.append(Line(text, node, "text", level=1))
        else:
            lines.append(judged(text, node, title, in_pair, whole))
    return lines


def judged(text: str, node: Node, title: Node | None, in_pair: bool, whole: float) -> Line:
    length = len(text)
    if is_control(node, length) or is_aside(node, title, whole):
        return Line(text, node, "other")
    level = next((HEADING_TAGS[box.tag] for box in nearest(node, 3) if box.tag in HEADING_TAGS), 0)
    if level:
        return Line(text, node, "heading", level)
    words = len(text.split())
    if words < SHORT_SHOP_LINE and SHOP_WORDS.search(text):
        return Line(text, node, "other")
    if in_pair or "\t" in text:
        return Line(text, node, "pair")
    if words >= LONG_LINE:
        return Line(text, node, "text")
    if NO_WORDS.fullmatch(text) or PRICE.search(text):
        return Line(text, node, "other")
    return Line(text, node, "item" if any(box.tag in LISTED for box in nearest(node, 3)) else "short")


def nearest(node: Node, count: int) -> list[Node]:
    found = [node]
    while len(found) < count and (parent := found[-1].parent) is not None:
        found.append(parent)
    return found


def is_control(node: Node, length: int) -> bool:
    """Something to click on, or mostly made of it."""
    box: Node | None = node
    while box is not None and box.end - box.start <= 2 * length + 40:
        if box.tag in CONTROLS and not (box.tag == "form" and box.end - box.start > SUBSTANTIAL_FORM):
            return True
        box = box.parent
    if box is not None and box.tag in CONTROLS and box.tag != "form":
        return True
    linked = sum(child.end - child.start for child in node.children if child.tag in ("a", "button"))
    return linked > 0.6 * length


def is_aside(node: Node, title: Node | None, whole: float) -> bool:
    box: Node | None = node
    while box is not None and box.tag not in ("body", "html", "main") and box.end - box.start <= whole:
        if title is not None and box.start <= title.start < box.end:
            return False
        if box.tag in ("dialog", "aside") or (box.names and names_match(ASIDE_NAME, box.names)):
            return True
        box = box.parent
    return False


def choose(lines: list[Line]) -> None:
    """Long lines and pairs stand for themselves; short ones need such neighbours, headings something under them."""
    strong = [line.kind in ("text", "pair") for line in lines]
    listed = [is_strong or line.kind == "item" for is_strong, line in zip(strong, lines, strict=True)]
    for index, line in enumerate(lines):
        if line.kind == "item":
            around = slice(max(0, index - 3), index + 4)
            line.kept = any(strong[around]) or sum(listed[max(0, index - 2) : index + 3]) >= 3
        elif line.kind == "short":
            line.kept = 0 < index < len(lines) - 1 and (strong[index - 1] or strong[index + 1])
        else:
            line.kept = strong[index]
    for index, line in enumerate(lines):
        if line.kind == "heading":
            following = [below.kept for below in lines[index + 1 : index + 3] if below.kind != "heading"]
            line.kept = bool(following) and following[0]


def unique(lines: list[Line]) -> list[Line]:
    """What stands twice (for wide and for narrow screens) is said once."""
    seen: set[str] = set()
    found: list[Line] = []
    for line in lines:
        if line.kept and not (len(line.text) > 3 and line.text in seen):
            seen.add(line.text)
            found.append(line)
    return found


def markdown(line: Line) -> str:
    if line.level:
        return f"{'#' * line.level} {line.text}"
    if "\t" in line.text:
        return f"| {' | '.join(cell.strip().replace('|', chr(92) + '|') for cell in line.text.split(chr(9)))} |"
    if line.node is not None and any(box.tag == "li" for box in nearest(line.node, 3)):
        return f"- {line.text}"
    return line.text


def share_of(text: str, other: str) -> float:
    """The share of the words of `text` that `other` has too."""
    words, others = Counter(WORD.findall(text.lower())), Counter(WORD.findall(other.lower()))
    return (words & others).total() / max(1, words.total())
