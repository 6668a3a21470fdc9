"""The sentences of the product's own description, each with its range of the snapshot."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extract_webcontent.reading.document import Document, Node, names_match
from extract_webcontent.reading.zones import HEADING_TAGS, NOT_PROSE

MAX_SENTENCES = 60
DESCRIPTION_NAME = re.compile(
    r"description|beschreibung|descripci|descrizione|(?:^|[\s_-])desc(?:$|[\s_-])|product-?(?:text|copy|story"
    r"|info|details?|content|summary|overview|features)|produkt-?(?:text|info|details)|(?:short"
    r"|long)-?(?:text|desc)|(?:^|[\s_-])(?:overview|features?|highlights?|about|details|rte|accordion|wysiwyg"
    r"|editor)(?:$|[\s_-])"
)
DESCRIPTION_HEADING = re.compile(
    r"(?:product )?(?:description|details|overview|features|highlights|specifications?)|about (?:this|the) "
    r"(?:item|product)|(?:produkt)?(?:beschreibung|details|informationen)|artikelbeschreibung|descripción(?: "
    r"del producto)?|características|detalles(?: del producto)?|acerca de este (?:artículo|producto)"
    r"|description(?: du produit)?|descrizione",
    re.IGNORECASE,
)
BLOCKS = frozenset(
    {"p", "li", "div", "section", "article", "td", "dd", "blockquote", "span", "main", "body", "figcaption", "center"}
)
SENTENCE_END = re.compile(r"[.!?…]+[\"”»)]?(?=\s+[\"“«(¡¿]?[A-ZÄÖÜÁÉÍÓÚÑÀÈÇ0-9])")
ABBREVIATION = re.compile(
    r"\b(?:[A-Za-zÄÖÜ]|ca|Nr|No|St|Dr|Mr|Mrs|vs|bzw|inkl|exkl|max|min|Ref|aprox|approx|incl|etc|art|Art|pág|núm)\.$"
)
SHOP_TALK = re.compile(
    r"^delivered\b|^delivery\b|\b(?:cookies?|add to (?:cart|bag|basket)|free (?:shipping|delivery|returns)"
    r"|(?:ships|shipped|delivered) (?:in|within|from|free|worldwide)|(?:our )?return(?:s)? (?:policy|within)"
    r"|money.?back|newsletter|sign up|log ?in|subscribe|click here|read more|learn more|customer (?:service"
    r"|support)|privacy policy|terms (?:of|and)|all rights reserved|©|copyright|in den warenkorb"
    r"|versandkosten|kostenlose[rn]? (?:versand|lieferung|rückgabe)|lieferzeit|widerruf|rückgaberecht|mwst"
    r"|datenschutz|añadir al carrito|gastos de envío|envío gratis|devoluci(?:ón|ones)|política de|iva incl"
    r"|aviso legal|contact us|kontaktieren sie|contáctenos|javascript|your browser|in stock|out of stock"
    r"|coupon|discount code|klarna|paypal|afterpay|sold out|write a review|be the first"
    r"|(?:regular|sale|list) price|points on this|returnable|price match|loading)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    start: int
    end: int
    node: Node
    described: bool


def find_sentences(
    document: Document, title: Node | None, taken: list[tuple[int, int]], page_is_product: bool
) -> list[Sentence]:
    """In page order, without what `taken` ranges (specifications) already say. At most MAX_SENTENCES."""
    found: list[Sentence] = []
    # The name as a sentence of its own says nothing new.
    seen: set[str] = {" ".join(document.text_of(title).split()).casefold()} if title is not None else set()
    lines = list(description_lines(document, title, page_is_product))
    described = [line for line in lines if line[3]]
    # A page that marks its description needs no guesses about its other paragraphs.
    enough = sum(end - start for start, end, _, _ in described) >= 200
    for start, end, node, is_described in described if enough else lines:
        if any(taken_start < end and start < taken_end for taken_start, taken_end in taken):
            continue
        for sentence_start, sentence_end in sentences(document.text, start, end):
            text = document.text[sentence_start:sentence_end]
            listed = node.tag in ("li", "dd")
            # A short line without a full stop is a caption; one that starts small is the rest of a broken sentence.
            whole = listed or ((text[-1:] in '.!…)"”»' or len(text.split()) >= 9) and not text[:1].islower())
            if whole and is_statement(text) and text.casefold() not in seen:
                seen.add(text.casefold())
                found.append(Sentence(text, sentence_start, sentence_end, node, is_described))
                if len(found) >= MAX_SENTENCES:
                    return found
    return found


def description_lines(
    document: Document, title: Node | None, page_is_product: bool
) -> Iterator[tuple[int, int, Node, bool]]:
    """Lines of the snapshot that may be prose about the product: range, element, and whether it is marked so."""
    text = document.text
    if not text:
        return
    headed = headed_ranges(document)
    position = 0
    for line in text.split("\n"):
        start, end = position, position + len(line)
        position = end + 1
        if len(line) < 12 or "\t" in line:
            continue
        node = document.node_at(start, end)
        if (
            node is None
            or node.zone & NOT_PROSE
            or node.tag in HEADING_TAGS
            or node.tag in ("button", "a", "label", "option", "th")
        ):
            continue
        chain = [node, *node.ancestors()]
        if any(element.zone & NOT_PROSE for element in chain[:1]) or is_mostly_links(node):
            continue
        marked = any(
            names_match(DESCRIPTION_NAME, element.names)
            for element in chain[:8]
            if element.names
            and element.end - element.start < 0.6 * len(text) + 400
            and element.tag not in ("html", "body", "main")
        ) or any(low <= start and end <= high for low, high in headed)
        if not marked and (
            (title is None and page_is_product)
            or (title is not None and end < title.start)
            or len(line) < (12 if node.tag == "li" else 40)
        ):
            continue
        yield start, end, node, marked


def headed_ranges(document: Document) -> list[tuple[int, int]]:
    """What stands under a heading such as "Description"."""
    ranges: list[tuple[int, int]] = []
    for node in document.tagged(*HEADING_TAGS):
        if node.zone & NOT_PROSE or node.end - node.start > 60:
            continue
        if DESCRIPTION_HEADING.fullmatch(document.text_of(node).strip(" :")):
            box = node
            while box.parent is not None and box.parent.end == node.end:
                box = box.parent
            if box.parent is None:
                continue
            siblings = box.parent.children
            end = box.end
            for sibling in siblings[siblings.index(box) + 1 :]:
                if sibling.tag in HEADING_TAGS and sibling.tag <= node.tag:
                    break
                end = sibling.end
            ranges.append((box.end, end))
    return ranges


def is_mostly_links(node: Node) -> bool:
    length = node.end - node.start
    linked = sum(child.end - child.start for child in node.children if child.tag == "a")
    return linked > 0.5 * length or any(
        ancestor.tag in ("a", "button", "form", "select") for ancestor in node.ancestors()
    )


def sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    position = start
    for match in SENTENCE_END.finditer(text, start, end):
        if ABBREVIATION.search(text, max(position, match.end() - 12), match.end()):
            continue
        yield trimmed(text, position, match.end())
        position = match.end()
    yield trimmed(text, position, end)


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in " \t•·–—-*✓✔►":
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def is_statement(text: str) -> bool:
    words = text.split()
    if not 3 <= len(words) <= 90 or not 12 <= len(text) <= 700 or text.endswith(("?", ":")):
        return False
    letters = sum(char.isalpha() for char in text)
    return letters > 0.55 * len(text) and not SHOP_TALK.search(text)
