"""All that was found on a page, and what kind of page that makes it."""

import re
from dataclasses import dataclass, field

from extract_webcontent.reading.document import Document, Node
from extract_webcontent.reading.identifiers import FoundCode, find_codes, label_kind
from extract_webcontent.reading.price_finder import PriceCandidate, buy_positions, find_prices
from extract_webcontent.reading.prices import Locale
from extract_webcontent.reading.prose import Sentence
from extract_webcontent.reading.specifications import Pair, find_pairs
from extract_webcontent.reading.structured import StructuredData, StructuredProduct, choose_product, likeness
from extract_webcontent.reading.title import name_from_page_title
from extract_webcontent.reading.zones import BOILERPLATE

ARTICLE_TYPES = frozenset(
    {"article", "newsarticle", "blogposting", "reportagenewsarticle", "recipe", "jobposting", "event"}
)
GOOD_PRICE = 2.5
# Enough on a page that is known to show a product.
FAIR_PRICE = 2.0

# What only a thing that is sold has: a single such line says that the page is about one.
SPECIFICATION_LABEL = re.compile(
    r"^(?:net |gross |item |product )?(?:materials?|weight|capacity|volume|dimensions?|colou?r|size|wattage|voltage|"
    r"ingredients?|composition|fabric|ean|peso(?: neto| bruto)?|capacidad|volumen|contenido neto|dimensiones|medidas|"
    r"materiales|color|talla|potencia|voltaje|ingredientes|composición|gewicht|inhalt|maße|abmessungen|farbe|größe|"
    r"leistung|spannung|zutaten)\s*(?:\([^)]{1,30}\))?\s*:?$",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Evidence:
    """All that was found on the page, before it is judged."""

    document: Document
    data: StructuredData
    meta: dict[str, str]
    title: Node | None
    page_title: str | None
    locale: Locale
    pairs: list[Pair] = field(default_factory=list)
    codes: list[FoundCode] = field(default_factory=list)
    prices: list[PriceCandidate] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    products: list[StructuredProduct] = field(default_factory=list)

    @property
    def title_text(self) -> str | None:
        return " ".join(self.document.text_of(self.title).split()) if self.title is not None else None


def gather(evidence: Evidence) -> None:
    document = evidence.document
    name = evidence.title_text or evidence.meta.get("og:title") or name_from_page_title(evidence.page_title)
    for origin in ("json-ld", "microdata", "meta"):
        chosen = choose_product([product for product in evidence.data.products if product.origin == origin], name)
        if chosen is not None:
            evidence.products.append(chosen)
    evidence.pairs = find_pairs(document)
    evidence.codes = [
        code
        for code in find_codes(document.text)
        if (node := document.node_at(code.start, code.end)) is None or not node.zone & BOILERPLATE
    ]
    evidence.prices = find_prices(document, evidence.title, evidence.locale)


def is_product_page(evidence: Evidence) -> bool:
    """Structured data says so, or the page sells, labels or specifies something under its title."""
    name = evidence.title_text or evidence.page_title or ""
    is_article = bool(evidence.data.types & ARTICLE_TYPES)
    for product in evidence.products:
        # Newspapers declare their subscription as a product on every article.
        if is_article and likeness(product.name or "", name) < 0.6:
            continue
        if product.origin != "meta" or product.offers:
            return True
    if evidence.data.types & ARTICLE_TYPES or evidence.meta.get("og:type", "").lower() in (
        "article",
        "blog",
        "profile",
    ):
        return False
    if is_listing(evidence):
        return False
    if evidence.title is None and not any(pair.strong for pair in evidence.pairs):
        return False
    sells = bool(buy_positions(evidence.document.text))
    price = bool(evidence.prices) and evidence.prices[0].score >= GOOD_PRICE
    labelled = any(code.strong for code in evidence.codes) or any(label_kind(pair.key) for pair in evidence.pairs)
    strong_pairs = sum(pair.strong for pair in evidence.pairs)
    specified = any(SPECIFICATION_LABEL.search(pair.key) for pair in evidence.pairs)
    points = (
        2 * price
        + sells
        + 2 * (labelled or specified)
        + bool(evidence.pairs)
        + (strong_pairs >= 3)
        + 2 * (len(evidence.pairs) >= 4)
    )
    return points >= 2


def is_listing(evidence: Evidence) -> bool:
    """A category page: most prices stand in small boxes with a link of their own, and none under the title."""
    prices = [candidate for candidate in evidence.prices if not candidate.node.zone & BOILERPLATE]
    linked = [candidate for candidate in prices if stands_in_card(candidate.node, evidence.title)]
    return len(linked) >= 4 and len(linked) >= 0.7 * len(prices) and prices[0] in linked


def stands_in_card(node: Node, title: Node | None) -> bool:
    for box in [node, *node.ancestors()]:
        if box.end - box.start > 300 or (title is not None and box.start <= title.start < box.end):
            return False
        if box.tag == "a" or any(child.tag == "a" and child.end - child.start > 4 for child in box.children):
            return True
    return False
