"""The price that a reader sees: near the title, not struck out, not of another product."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from extract_webcontent.reading.document import Document, Node, names_match
from extract_webcontent.reading.prices import PRICE, Amount, Locale, from_match, parse_amount, plain_decimal
from extract_webcontent.reading.zones import BOILERPLATE, RELATED, SERVICE

PRICE_NAME = re.compile(r"price|preis|precio|prix|prezzo|preco|(?:^|[\s_-])(?:amount|cena|hinta|pris)(?:$|[\s_-])")
MAIN_NAME = re.compile(
    r"(?:current|final|sale|special|now|actual|main|our|selling|offer|product|detail|pdp|buybox"
    r"|aktuell)[\s_-]*(?:page[\s_-]*)?(?:price|preis|precio|prix)"
    r"|price[\s_-]*(?:current|final|sale|special|now|actual|main|value|new|item--regular)|(?:^|\s)(?:price"
    r"|preis|precio)(?:\s|$)"
)
OLD_NAME = re.compile(
    r"(?:old|was|regular|list|retail|original|before|strike|struck|crossed|rrp|msrp|uvp|compare|previous"
    r"|instead|statt|antes|anterior|barre|ancien|normal|standard|non-?sale|rrp)[\s_-]*(?:at[\s_-]*)?(?:price"
    r"|preis|precio|prix|$)"
    r"|price[\s_-]*(?:old|was|regular|list|retail|original|before|strike|struck|crossed|rrp|msrp|uvp|compare"
    r"|previous|instead)|(?:^|[\s_-])(?:line-through|strikethrough|streichpreis|uvp|rrp|msrp|tachado|barred"
    r"|barrato|listino|strikeout|saving|savings|discount-?amount|you-?save|ersparnis|ahorro)(?:$|[\s_-])"
)
MINOR_NAME = re.compile(
    r"unit-?price|per-?unit|grundpreis|base-?price|basisprice|baseprice|shipping|versand|delivery|envio"
    r"|installment|instalment|ratenzahlung|financ|monthly|deposit|pfand|tax|vat|loyalty|points|klarna"
    r"|afterpay|from-?price-?range|zusatz|addon|add-on|bundle|swatch|variant|option|tier|staffel|bulk"
    r"|total-?(?:price|cart)"
)
STRUCK_TAGS = frozenset({"del", "s", "strike"})
PRICE_LABEL = re.compile(
    r"(?:(?:our |your |sale |special |now |current )?price|now(?: only)?|only|(?:unser |ihr )?preis|jetzt(?: "
    r"nur)?|nur|precio|ahora|prix|prezzo|preço|cena)\s*:?\s*$",
    re.IGNORECASE,
)
ESTIMATE = re.compile(r"estimate|schätzpreis|starting (?:bid|price)|\bbids?\b|estimación", re.IGNORECASE)
OLD_WORDS = re.compile(
    r"(?:was|rrp|msrp|uvp\d?|list(?: price)?|regular(?: price)?|old(?: price)?|original(?: price)?|statt"
    r"|bisher|vorher|instead of|antes|antes:|precio anterior|pvpr|pvp recomendado|prix conseillé|au lieu de"
    r"|ehemals|compare at|save|you save|sie sparen|ersparnis|ahorra|ahorras|off|streichpreis"
    r"|preisempfehlung(?: des herstellers)?|retail(?: price)?|worth|value)\d?\s*:?\s*\*?\s*$",
    re.IGNORECASE,
)
MINOR_WORDS = re.compile(
    r"(?:shipping|delivery|versand(?:kosten)?|envío|livraison|orders? over|orders? above|over|above|ab einem"
    r"|mindestbestellwert|gratis ab|kostenlos ab|a partir de|pedidos superiores a|monatlich|monthly|/mo|per "
    r"month|pro monat|al mes|deposit|pfand|plus|zzgl\.?|payments? of|cuotas de|raten (?:zu|à)|spend|coupon"
    r"|gutschein|voucher|free on|minimum|up to|bis zu|hasta|starting bid|estimate|est\.?)\s*:?\s*\+?\s*$",
    re.IGNORECASE,
)
PER_UNIT = re.compile(
    r"^[\s*¹²³]*(?:/|per|pro|je|por|par|al|pour)\s?(?:\d+[\s.,]?\d*\s?)?(?:kg|kilo|g|gr|l|liter|litre|litro"
    r"|ml|cl|m|m²|m2|lb|oz|fl|unit|stück|stk|st|ud|unidad|month|mo|monat|mes|mois|week|day|year|100|item"
    r"|piece|each|count|sheet|load)\b",
    re.IGNORECASE,
)
AFTER_OLD = re.compile(
    r"^\s*\(?[-\u2212\u2013]\s?\d{1,2}\s?%|^\s*(?:uvp|rrp|msrp|off\b|sparen|gespart|rabatt|dto\b|de descuento"
    r"|savings?|saved)",
    re.IGNORECASE,
)
BUY_WORDS = (
    "add to cart", "add to bag", "add to basket", "buy now", "buy it now", "in den warenkorb", "in den einkaufswagen",
    "kaufen", "añadir al carrito", "añadir a la cesta", "agregar al carrito", "comprar", "ajouter au panier",
    "aggiungi al carrello", "acquista", "do koszyka", "preorder", "pre-order", "vorbestellen", "lägg i", "adicionar",
    "dodaj", "do košíka", "bid now", "out of stock", "ausverkauft", "agotado",
)  # fmt: skip
SPLIT_LINE = re.compile(r"^(?:[€$£] ?)?\d{1,3}(?:[.'’]?\d{3})*[.,] \d{2} ?(?:[€$£]|EUR|CHF)?$", re.MULTILINE)
DIGIT_LINE = re.compile(r"^[^\n\d]*+\d[^\n]*+", re.MULTILINE)
CENTS_NAME = re.compile(r"cent|decimal|fraction|minor|penny|sup")


def buy_positions(text: str) -> list[int]:
    """Where the page sells: one search for each word is far cheaper than an expression that knows them all."""
    lower = text.lower()
    found: list[int] = []
    for word in BUY_WORDS:
        position = lower.find(word)
        while position >= 0 and len(found) < 200:
            found.append(position)
            position = lower.find(word, position + len(word))
    return found


@dataclass(slots=True)
class PriceCandidate:
    amount: Amount
    start: int
    end: int
    node: Node
    score: float = 0.0
    old: bool = False


def find_prices(document: Document, title: Node | None, locale: Locale) -> list[PriceCandidate]:
    """All candidates, best first. An amount that is plainly not the product's price has a score below 0."""
    text = document.text
    candidates: dict[tuple[int, int], PriceCandidate] = {}
    for match in islice(price_matches(text), 400):
        amount = from_match(match, locale)
        node = document.node_at(match.start(), match.end())
        if amount is not None and node is not None and amount.decimal > 0:
            candidates[match.span()] = PriceCandidate(amount, *match.span(), node)
    covered = sorted(candidates)
    for node in document.nodes:
        names = node.names
        if not names or not 0 < node.end - node.start <= 40 or not names_match(PRICE_NAME, names):
            continue
        if len(candidates) > 600:
            break
        split = split_price(document, node, locale)
        if split is not None:
            candidates = {
                span: value for span, value in candidates.items() if not (node.start <= span[0] and span[1] <= node.end)
            }
            candidates[(node.start, node.end)] = PriceCandidate(split, node.start, node.end, node)
        elif not any(start < node.end and node.start < end for start, end in covered):
            bare = (
                parse_amount(text[node.start : node.end], locale)
                if re.fullmatch(r"[\D]{0,12}\d[\d.,'’\s]*\D{0,8}", text[node.start : node.end])
                else None
            )
            if bare is not None and bare.decimal > 0:
                candidates[(node.start, node.end)] = PriceCandidate(
                    bare, node.start, node.end, node, score=-1.0 if bare.currency is None else 0.0
                )
    for line in SPLIT_LINE.finditer(text):
        # "208, 60 €": the style sheet makes one number of it.
        joined = parse_amount("".join(line.group().split()), locale)
        node = document.node_at(*line.span())
        if joined is not None and node is not None:
            low, high = line.span()
            candidates = {span: value for span, value in candidates.items() if not (low <= span[0] and span[1] <= high)}
            candidates[low, high] = PriceCandidate(joined, low, high, node)
    buttons = buy_positions(text)
    found = list(candidates.values())
    for candidate in found:
        rate(candidate, document, title, buttons, locale)
    found.sort(key=lambda candidate: (-candidate.score, candidate.start))
    return found


def price_matches(text: str) -> Iterator[re.Match[str]]:
    """Amounts never reach over a line, and most lines have no digit."""
    for line in DIGIT_LINE.finditer(text):
        yield from PRICE.finditer(text, *line.span())


def split_price(document: Document, node: Node, locale: Locale) -> Amount | None:
    """`<span>12</span><sup>90</sup>`: the cents in an element of their own, without a decimal sign between."""
    text = document.text_of(node)
    if len(text) > 24:
        return None
    if match := re.search(r"(?<!\d)(\d{1,3}(?:[.' ]\d{3})*|\d+)([.,])[ \n](\d{2})(?!\d)", text):
        joined = parse_amount(text.replace(match.group(), f"{match.group(1)}{match.group(2)}{match.group(3)}"), locale)
        if joined is not None:
            return joined
    for child in iterate(node):
        if not re.fullmatch(r"\d{2}", document.text_of(child)) or not (
            child.tag == "sup" or names_match(CENTS_NAME, child.names)
        ):
            continue
        before = text[: child.start - node.start].rstrip()
        if match := re.search(r"(\d[\d.,' ]*?)\s*([.,]?)\s*([€$£]?)$", before):
            whole = plain_decimal(match.group(1).rstrip(".,"), decimal_comma=locale.decimal_comma)
            if whole is None or "." in whole:
                return None
            whole_amount = parse_amount(text.replace(document.text_of(child), "", 1), locale)
            return Amount(f"{whole}.{document.text_of(child)}", whole_amount.currency if whole_amount else None)
    return None


def iterate(node: Node) -> list[Node]:
    found: list[Node] = []
    pending = list(node.children)
    while pending and len(found) < 30:
        current = pending.pop()
        found.append(current)
        pending.extend(current.children)
    return found


def rate(candidate: PriceCandidate, document: Document, title: Node | None, buttons: list[int], locale: Locale) -> None:
    text, node = document.text, candidate.node
    score = candidate.score
    line_start = max(text.rfind("\n", 0, candidate.start) + 1, candidate.start - 60)
    before = text[line_start : candidate.start]
    if not before.strip():
        before = text[max(0, candidate.start - 30) : candidate.start].rstrip()
    after = text[candidate.end : candidate.end + 30]
    chain = [node, *(ancestor for _, ancestor in zip(range(4), node.ancestors(), strict=False))]
    near = [element for element in chain if element.end - element.start < 120]
    if any(names_match(PRICE_NAME, element.names) for element in near):
        score += 2
    if any(names_match(MAIN_NAME, element.names) for element in near):
        score += 1
    if any("itemprop" in element.attributes for element in near):
        score += 0.5
    candidate.old = is_struck(chain, candidate) or bool(OLD_WORDS.search(before)) or bool(AFTER_OLD.search(after))
    if candidate.old:
        score -= 5
    if any(names_match(MINOR_NAME, element.names) for element in near[:3]):
        score -= 4
    if MINOR_WORDS.search(before):
        score -= 4
    if PER_UNIT.search(after) or before.rstrip().endswith(("(", "=")):
        score -= 3.5
    if before.rstrip().endswith("+"):
        score -= 3
    if candidate.amount.currency is None:
        score -= 1
    line_end = text.find("\n", candidate.end)
    line = text[text.rfind("\n", 0, candidate.start) + 1 : line_end if line_end >= 0 else len(text)]
    if len(line) > 90 and not (title is not None and title.start <= candidate.start < title.end):
        score -= 2
    if ESTIMATE.search(line):
        score -= 1.5
    if PRICE_LABEL.search(before) and not candidate.old:
        score += 2
    if node.zone & RELATED:
        score -= 6
    elif node.zone & SERVICE:
        score -= 3
    elif node.zone & BOILERPLATE:
        score -= 4
    if title is not None:
        gap = (
            max(0, candidate.start - title.end)
            if candidate.end <= title.end and candidate.start >= title.start
            else candidate.start - title.end
        )
        score += max(0.0, 3 - gap / 700) if gap >= 0 else (1.5 if gap > -60 else max(-3.0, -0.5 + gap / 400))
        score += 1.5 if shared_box(title, node, document) else 0.0
    else:
        score += max(0.0, 2 - candidate.start / 2_000)
    if any(-100 < position - candidate.end < 600 for position in buttons):
        score += 1
    if node.tag in ("a", "option") or any(ancestor.tag == "a" for ancestor in node.ancestors()):
        score -= 1.5
    candidate.score = score


def is_struck(chain: list[Node], candidate: PriceCandidate) -> bool:
    """Struck out by tag, name or style; a box that also holds the new price says nothing."""
    for element in chain:
        if element.end - element.start > (candidate.end - candidate.start) + 40:
            return False
        if element.tag in STRUCK_TAGS or "line-through" in element.attributes.get("style", ""):
            return True
        if names_match(OLD_NAME, element.names) and not re.search(
            r"(?:current|final|sale|special|now)[\s_-]*(?:price|preis)|price[\s_-]*(?:current|final|special|now)",
            element.names,
        ):
            return True
    return False


def shared_box(title: Node, node: Node, document: Document) -> bool:
    """Whether title and price share a box that is clearly smaller than the page."""
    holders = {id(ancestor) for ancestor in title.ancestors()}
    for ancestor in node.ancestors():
        if id(ancestor) in holders:
            return ancestor.end - ancestor.start < max(1_500, 0.35 * len(document.text))
    return False
