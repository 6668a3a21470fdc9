"""The product's name as a reader sees it: the heading that the page's title also names."""

import re

from extract_webcontent.reading.document import Document, Node, names_match
from extract_webcontent.reading.structured import likeness, loose
from extract_webcontent.reading.zones import HEADING_TAGS, zone_of_names

TITLE_NAME = re.compile(
    r"(?:product|item|prod|pdp|article|artikel|produkt|listing|posting|detail)[\s_-]*(?:detail|main|single"
    r"|page|info)?[\s_-]*(?:title|name|heading|headline|titel)|(?:^|\s)(?:title|name|producttitle"
    r"|productname)(?:\s|$)"
)
TITLE_WORDS = re.compile("tit|name|head")
SEPARATORS = re.compile(r"\s+[|–—·:»]\s+|\s+-\s+|\s*\|\s*")


def page_title(document: Document) -> str | None:
    element = document.root.find("head/title")
    if element is None:
        element = document.root.find(".//title")
    text = " ".join(element.text_content().split()) if element is not None else ""
    return text[:500] or None


def find_title(document: Document, page_name: str | None) -> Node | None:
    """The heading of the page. `page_name` is what `<title>` or Open Graph call it."""
    best: Node | None = None
    best_score = 0.0
    whole = loose(page_name or "")
    for node in document.nodes:
        length = node.end - node.start
        if not 2 <= length < 400:
            continue
        level = HEADING_TAGS.get(node.tag, 0)
        names = node.names
        named = bool(names) and TITLE_WORDS.search(names) is not None and names_match(TITLE_NAME, names)
        if not named and not 0 < level <= 3:
            continue
        text = loose(document.text_of(node))
        if len(text) < 2:
            continue
        score = {1: 3.0, 2: 1.0, 3: 0.3}.get(level, 0.0) + (1.2 if named else 0.0)
        if whole and text:
            if text == whole:
                score += 2.5
            elif text in whole:
                score += 1 + 2 * len(text) / len(whole) if len(text) > 4 else 0.0
            elif whole in text:
                score += 1.5
            else:
                score += 2 * max(0.0, likeness(document.text_of(node), page_name or "") - 0.4)
        if any(
            zone_of_names(ancestor.names)
            for ancestor in node.ancestors()
            if ancestor.names and ancestor.tag not in ("html", "body")
        ):
            score -= 1.5
        score -= node.start / 20_000
        if score > best_score + 0.01:
            best, best_score = node, score
    return innermost(best, document) if best is not None and best_score >= 1.2 else None


def innermost(node: Node, document: Document) -> Node:
    """Past wrappers that hold nothing but one element."""
    while True:
        filled = [child for child in node.children if not child.is_empty]
        if len(filled) == 1 and (filled[0].start, filled[0].end) == (node.start, node.end):
            node = filled[0]
        else:
            return node


def name_from_page_title(title: str | None) -> str | None:
    """`<title>` without the shop's name."""
    if not title:
        return None
    parts = [part.strip() for part in SEPARATORS.split(title) if part and part.strip()]
    if len(parts) < 2:
        return title
    first = parts[0]
    return first if len(first) >= 4 else title


BREADCRUMB_MARKS = " /›>»|"
BREADCRUMB_NAME = re.compile(r"breadcrumb|bread-crumb|brotkrumen|(?:^|[\s_-])crumbs?(?:$|[\s_-])|migas|ariane")


def breadcrumb_texts(document: Document, title: str | None) -> list[tuple[str, Node]]:
    """The category path, without the start page and the product itself."""
    holder = next(
        (
            node
            for node in document.nodes
            if not node.is_empty
            and node.end - node.start < 600
            and (
                names_match(BREADCRUMB_NAME, node.names)
                or "breadcrumb" in node.attributes.get("aria-label", "").lower()
            )
            and node.tag not in ("body", "html", "a")
        ),
        None,
    )
    if holder is None:
        return []
    found: list[tuple[str, Node]] = []
    pending = [holder]
    while pending:
        node = pending.pop()
        filled = [child for child in node.children if not child.is_empty]
        if node.tag == "a" or (not filled and node is not holder):
            text = document.text_of(node).strip(BREADCRUMB_MARKS)
            if 1 < len(text) < 80 and not HOME.fullmatch(text) and text not in [entry for entry, _ in found]:
                found.append((text, node))
        else:
            pending.extend(reversed(filled))
    if title and found and likeness(found[-1][0], title) > 0.75:
        found.pop()
    return found[:10]


HOME = re.compile(
    r"home(?: ?page)?|start(?:seite)?|inicio|accueil|shop|back|zurück|volver|you are here:?|sie sind hier:?|→|·|\W+",
    re.IGNORECASE,
)
