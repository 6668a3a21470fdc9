"""Which parts of a page are not about the product itself: navigation, related products, reviews, cookie notices."""

import re
from bisect import bisect_left
from functools import lru_cache

from extract_webcontent.reading.document import Document, Node

NAVIGATION = 1
RELATED = 2
REVIEWS = 4
CONSENT = 8
CART = 16
SERVICE = 32  # delivery, returns, payment, newsletter: true of the shop, not of the product

BOILERPLATE = NAVIGATION | RELATED | REVIEWS | CONSENT | CART
NOT_PROSE = BOILERPLATE | SERVICE

NAMES = (
    (
        NAVIGATION,
        re.compile(
            r"(?:^|[\s_-])(?:nav(?![\s_-]?(?:tabs?|pills?|items?|links?|pane|content|container))|navi|navbar"
            r"|navigation|mainnav|subnav|mega-?menu|menu|breadcrumbs?|footer|sitemap"
            r"|site-?header|page-?header|header-?(?:top|bar|main|wrapper)|top-?bar|side-?bar|skip-?links?"
            r"|pagination|social(?:-?(?:media|share|links|icons))?"
            r"|share-?buttons?|language-?switcher|search-?(?:form|box|bar|results))(?:$|[\s_-])"
        ),
    ),
    (
        RELATED,
        re.compile(
            r"related|recommend|recommand|empfehl|cross-?sell|up-?sell|similar|also-?(?:bought|viewed|like)"
            r"|aehnlich|ähnlich"
            r"|recently|last-?(?:seen|viewed)|zuletzt|relacionad|recomend|visto|frequently-?bought"
            r"|bought-?together|bestseller|best-?sellers"
            r"|product-?(?:list|grid|tile|card|teaser|slider|carousel|recs)(?![a-z])|complete-?the-?look"
            r"|zubehoer|accessor(?:y|ies)-?(?:list|slider)|sponsored|advert"
        ),
    ),
    (
        REVIEWS,
        re.compile(
            r"review|testimonial|bewertung|rezension|opinion|valoracion|comentario|(?:^|[\s_-])comments?(?:$"
            r"|[\s_-])|user-?rating|questions?-?(?:and-?)?answers?|(?:^|[\s_-])q-?(?:and|n)-?a(?:$|[\s_-])"
        ),
    ),
    (CONSENT, re.compile(r"cookie|consent|gdpr|onetrust|usercentrics|didomi|cmp-|privacy-?(?:banner|notice)")),
    (
        CART,
        re.compile(
            r"mini-?cart|mini-?basket|cart-?(?:drawer|sidebar|popup|modal|overlay|preview|flyout"
            r"|items?)(?![a-z])|side-?cart|wish-?list|newsletter|(?:sign|log)-?(?:in|up)-?(?:form|modal|popup)"
            r"|(?:compare|vergleich)-?(?:list|bar)"
        ),
    ),
    (
        SERVICE,
        re.compile(
            r"shipping|delivery|versand|lieferung|zustell|returns?-?(?:policy|info)|retoure|envio|entrega"
            r"|devolucion|payment|zahlung|financ|klarna|warranty-?info|store-?(?:finder|locator|availability)"
        ),
    ),
)

HEADINGS = (
    (
        RELATED,
        re.compile(
            r"(?:related|similar|recommended|featured|other|more)\s+(?:products?|items?|articles?|listings?"
            r"|from)|you (?:may|might) (?:also|like)|customers? (?:also|who)|also (?:bought|viewed|like)"
            r"|people also|frequently bought|recently viewed|recommended for you|bought together|goes well "
            r"with|pair(?:s)? (?:it )?with|best ?sellers|explore (?:more|related)|inspired by"
            r"|productos? (?:relacionad|similar|recomendad)|también (?:te )?(?:puede|podría|compraron"
            r"|interesa)|te puede interesar|otros clientes|vistos recientemente|artículos relacionados"
            r"|ähnliche (?:produkte|artikel)|das könnte (?:ihnen|dir|sie)|kunden (?:kauften|haben"
            r"|interessierten)|zuletzt angesehen|passendes zubehör|passend dazu|empfehlungen|weitere "
            r"(?:produkte|artikel)|produits (?:similaires|associés)|vous aimerez|prodotti (?:correlati|simili)",
            re.IGNORECASE,
        ),
    ),
    (
        REVIEWS,
        re.compile(
            r"^(?:\d+\s+)?(?:customer |product |user )?(?:reviews?|ratings?(?: (?:&|and) reviews?)?)\b"
            r"|^(?:kunden)?(?:bewertungen|rezensionen)|^(?:opiniones|valoraciones|reseñas)|^questions? (?:&"
            r"|and) answers?|^avis clients|^recensioni",
            re.IGNORECASE,
        ),
    ),
    (
        SERVICE,
        re.compile(
            r"^(?:free )?(?:shipping|delivery|returns?|payment|exchanges)\b|^(?:versand|lieferung|zahlung"
            r"|rückgabe|retoure)|^(?:envíos?|entrega|devoluci|gastos de envío|formas de pago)|^newsletter"
            r"|^subscribe|^sign up|^livraison|^spedizione",
            re.IGNORECASE,
        ),
    ),
)
TAG_ZONES = {"nav": NAVIGATION, "footer": NAVIGATION}
ROLE_ZONES = {"navigation": NAVIGATION, "contentinfo": NAVIGATION, "search": NAVIGATION, "banner": NAVIGATION}
MAX_HEADINGS = 500
HEADING_TAGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}


@lru_cache(maxsize=8192)
def zone_of_names(names: str) -> int:
    zone = 0
    for flag, pattern in NAMES:
        if pattern.search(names):
            zone |= flag
    return zone


def mark_zones(document: Document, anchor: Node | None) -> None:
    """Set `zone` on each node. What holds `anchor`, the product's title, is never boilerplate itself."""
    position = anchor.start if anchor is not None else -1
    whole = max(1, len(document.text))
    links: LinkShare | None = None
    headings: list[Node] = []
    for node in document.nodes:
        tag, names = node.tag, node.names
        own = TAG_ZONES.get(tag, 0)
        if names and tag != "body" and tag != "html":
            own |= zone_of_names(names)
        if "role" in node.attributes:
            own |= ROLE_ZONES.get(node.attributes["role"], 0)
        if own:
            if own & NAVIGATION and tag not in TAG_ZONES:
                links = links or LinkShare(document)
                if not links.mostly(node):
                    own &= ~NAVIGATION
            if node.start <= position < node.end or (anchor is None and node.end - node.start > 0.7 * whole):
                own = 0
        node.zone = node.parent.zone | own if node.parent is not None else own
        if 0 < node.end - node.start <= 90 and (tag in HEADING_TAGS or (names and is_heading(node))):
            headings.append(node)
    for heading in headings[:MAX_HEADINGS]:
        text = document.text[heading.start : min(heading.end, heading.start + 90)]
        for flag, pattern in HEADINGS:
            if pattern.search(text):
                mark_section(heading, flag, position)
                break


class LinkShare:
    """How much of an element is links: what only is called a menu but holds text is none."""

    def __init__(self, document: Document) -> None:
        self.starts: list[int] = []
        self.totals: list[int] = [0]
        for node in document.tagged("a", "button", "label"):
            if not node.is_empty and (not self.starts or node.start > self.starts[-1]):
                self.starts.append(node.start)
                self.totals.append(self.totals[-1] + node.end - node.start)

    def mostly(self, node: Node) -> bool:
        length = node.end - node.start
        if not length:
            return False
        linked = self.totals[bisect_left(self.starts, node.end)] - self.totals[bisect_left(self.starts, node.start)]
        return linked > 0.35 * length or "footer" in node.names


def is_heading(node: Node) -> bool:
    """Whether something short that is no heading by its tag is one by its name."""
    return (
        not node.children
        and node.tag in ("div", "p", "span", "strong", "summary", "button")
        and ("title" in node.names or "heading" in node.names or "headline" in node.names)
    )


def mark_section(heading: Node, flag: int, position: int) -> None:
    """From the heading to the end of the box that it heads, or to the next heading of its rank."""
    box = heading
    while box.parent is not None and box.parent.end == heading.end and box.parent.start == heading.start:
        box = box.parent
    if box.parent is None:
        return
    rank = HEADING_TAGS.get(heading.tag, 3)
    siblings = box.parent.children
    for sibling in siblings[siblings.index(box) :]:
        if sibling is not box and (sibling.start <= position < sibling.end or leads_new_section(sibling, rank)):
            return
        spread(sibling, flag)


def leads_new_section(node: Node, rank: int) -> bool:
    first: Node | None = node
    while first is not None:
        if first.tag in HEADING_TAGS and not first.is_empty:
            return HEADING_TAGS[first.tag] <= rank
        first = next((child for child in first.children if not child.is_empty), None)
    return False


def spread(node: Node, flag: int) -> None:
    pending = [node]
    while pending:
        current = pending.pop()
        current.zone |= flag
        pending.extend(current.children)
