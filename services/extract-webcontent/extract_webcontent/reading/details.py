"""Brand, availability, condition and pictures, as the page shows them."""

import re
from urllib.parse import urljoin, urlsplit

from extract_webcontent.reading.document import Document, Node, names_match
from extract_webcontent.reading.specifications import Pair
from extract_webcontent.reading.structured import likeness, loose
from extract_webcontent.reading.zones import BOILERPLATE
from shared.models.extract import PageImage

BRAND_LABEL = re.compile(
    r"brand(?: name)?|marke(?:nname)?|hersteller(?:name)?|marca|fabricante|manufacturer|marque|producent"
    r"|výrobce|make|merk|fabrikant",
    re.IGNORECASE,
)
BRAND_NAME = re.compile(
    r"(?:^|[\s_-])(?:product-?)?(?:brand|manufacturer|marke|marca|hersteller|designer|vendor)(?:-?(?:name"
    r"|link|title|label|logo))?(?:$|[\s_-])|by-?line"
)
BRAND_HREF = re.compile(
    r"/(?:brands?|marken?|hersteller|manufacturers?|marcas?|fabricantes?|marques?|vendors?|designers?"
    r"|shop-by-brand)[/=_-]|[?&](?:brand|marke|manufacturer|hersteller|marca|vendor)=",
    re.IGNORECASE,
)
BRAND_PREFIX = re.compile(
    r"^(?:brand|marke|marca|hersteller|fabricante|manufacturer|vendor|by|von|visit the|visiter la boutique"
    r"|besuchen? (?:sie )?den|visita (?:la tienda|lo store) (?:de|di)|visit)\s*:?\s+|^[^:]{2,40}:\s+"
    r"|[-\s](?:store|shop)$",
    re.IGNORECASE,
)
PLACEHOLDER = re.compile(
    r"^\$\w+|\{\{|\}\}|^(?:undefined|null|none|n/?a|false|true|nan|default|-+|\.+|unknown)$", re.IGNORECASE
)

IN_STOCK = re.compile(
    r"(?<!not )(?<!out )\b(?:in stock|available now|auf lager|(?:sofort|ab lager) (?:lieferbar|verfügbar)"
    r"|sofort versandfertig|(?<!nicht )lieferbar|en stock|(?<!no )disponible(?! (?:en|para))|in magazzino"
    r"|disponibile|en existencia|skladem|na sklade|op voorraad|på lager|i lager)\b",
    re.IGNORECASE,
)
OUT_OF_STOCK = re.compile(
    r"\b(?:out of stock|sold out|(?:currently|temporarily) (?:unavailable|out of stock)|no longer available"
    r"|not in stock|ausverkauft|(?:derzeit |zurzeit )?nicht (?:auf lager|verfügbar|lieferbar)|vergriffen"
    r"|agotado|sin (?:stock|existencias)|no disponible|épuisé|rupture de stock|esaurito|non disponibile"
    r"|uitverkocht|vyprodáno)\b",
    re.IGNORECASE,
)
SCHEMA_AVAILABILITY = {
    "instock": "InStock",
    "instoreonly": "InStock",
    "onlineonly": "InStock",
    "limitedavailability": "LimitedAvailability",
    "outofstock": "OutOfStock",
    "soldout": "OutOfStock",
    "oos": "OutOfStock",
    "discontinued": "Discontinued",
    "preorder": "PreOrder",
    "presale": "PreOrder",
    "backorder": "BackOrder",
    "available": "InStock",
    "availablefororder": "InStock",
    "instoc": "InStock",
}
SCHEMA_CONDITION = {
    "newcondition": "new",
    "new": "new",
    "usedcondition": "used",
    "used": "used",
    "refurbishedcondition": "refurbished",
    "refurbished": "refurbished",
    "damagedcondition": "damaged",
}
STOCK_REACH = 2_500


def usable(text: str | None, longest: int = 500) -> str | None:
    """A structured value that says something: no template variable, no "undefined"."""
    if not text:
        return None
    text = text.strip()
    return None if not text or PLACEHOLDER.search(text) or len(text) > longest else text


def clean_brand(text: str) -> str:
    """`Visit the Acme Store`, `Brand: Acme` → `Acme`."""
    return BRAND_PREFIX.sub("", text.strip()).strip(" :\u2022")


def schema_word(value: str | None, words: dict[str, str]) -> str | None:
    if not value:
        return None
    return words.get(re.sub(r"[\s_-]", "", value.rstrip("/").rsplit("/", 1)[-1].rsplit("#", 1)[-1]).lower())


def find_brand(document: Document, title: Node | None, pairs: list[Pair]) -> tuple[str, int, int] | None:
    """The brand and its range: a labelled one, else an element named so near the title."""
    for pair in pairs:
        if BRAND_LABEL.fullmatch(pair.key) and 1 < len(pair.value) <= 60:
            start = document.text.find(pair.value, pair.start, pair.end)
            if start >= 0:
                return pair.value, start, start + len(pair.value)
    best: tuple[float, str, int, int] | None = None
    for node in document.nodes:
        if node.is_empty or node.end - node.start > 60 or node.zone & BOILERPLATE or node.tag in ("button", "label"):
            continue
        linked = node.tag == "a" and bool(BRAND_HREF.search(node.attributes.get("href", "")))
        if not linked and not (node.names and names_match(BRAND_NAME, node.names)):
            continue
        raw = document.text_of(node)
        text = clean_brand(raw)
        if (
            not 1 < len(text) <= 50
            or "\n" in text
            or BRAND_LABEL.fullmatch(text)
            or text.casefold() not in raw.casefold()
        ):
            continue
        score = 1.0 - (abs(node.start - title.start) / 2_000 if title is not None else node.start / 5_000)
        if title is not None and loose(text) and loose(text) in loose(document.text_of(title)):
            score += 1
        start = node.start + raw.find(text)
        if best is None or score > best[0]:
            best = (score, text, start, start + len(text))
    return best[1:] if best is not None and best[0] > 0 else None


def find_availability(document: Document, title: Node | None, price_end: int | None) -> tuple[str, int, int] | None:
    """What is said near title and price: `OutOfStock` wins only when it stands nearer than `InStock`."""
    anchor = price_end if price_end is not None else title.end if title is not None else None
    if anchor is None:
        return None
    low, high = max(0, anchor - STOCK_REACH), anchor + STOCK_REACH
    best: tuple[int, str, int, int] | None = None
    for value, pattern in (("OutOfStock", OUT_OF_STOCK), ("InStock", IN_STOCK)):
        for match in pattern.finditer(document.text, low, min(high, len(document.text))):
            node = document.node_at(*match.span())
            line_end = document.text.find("\n", match.end())
            line_start = document.text.rfind("\n", 0, match.start()) + 1
            line = (line_end if line_end >= 0 else len(document.text)) - line_start
            if node is None or node.zone & BOILERPLATE or line > 100:
                continue
            distance = abs(match.start() - anchor)
            if best is None or distance < best[0]:
                best = (distance, value, *match.span())
    return best[1:] if best is not None else None


IMAGE_ATTRIBUTES = (
    "data-zoom-image",
    "data-large_image",
    "data-large-image",
    "data-full",
    "data-original",
    "data-lazy-src",
    "data-lazy",
    "data-src",
    "src",
)
GALLERY_NAME = re.compile(
    r"gallery|galerie|galeria|product-?(?:image|media|photo|img)|(?:main|zoom|detail|hero)-?(?:image|img"
    r"|photo)|carousel|slider|swiper|media"
)
NOT_PICTURES = re.compile(
    r"logo|icon|sprite|placeholder|pixel|spacer|blank\.|loading|badge|flag|payment|avatar|banner|rating"
    r"|star[s_.-]|trusted|\.svg(?:$|\?)",
    re.IGNORECASE,
)
MAX_IMAGES = 30


def largest_of_srcset(srcset: str) -> str | None:
    best, best_width = None, -1.0
    for candidate in re.split(r",\s+(?=\S)|,(?=https?://|//|/)", srcset.strip()):
        parts = candidate.strip().strip(",").split()
        if parts:
            width = 1.0
            if len(parts) > 1 and (match := re.fullmatch(r"([\d.]+)[wx]", parts[1])):
                width = float(match.group(1)) if match.group(1).count(".") < 2 else 1.0
            if width > best_width:
                best, best_width = parts[0], width
    return best


def absolute(url: str | None, base: str | None) -> str | None:
    """The URL made absolute, or None when it is none that could be fetched."""
    if not url or url.startswith(("data:", "blob:", "javascript:")) or len(url) > 2_000:
        return None
    try:
        joined = urljoin(base or "", url.strip())
        parts = urlsplit(joined)
    except ValueError:
        return None
    return joined if parts.scheme in ("http", "https") and parts.netloc else None


def base_url(document: Document) -> str | None:
    base = document.root.find("head/base[@href]")
    return absolute(base.get("href"), document.url) or document.url if base is not None else document.url


def find_images(document: Document, structured: list[str], title: Node | None, name: str | None) -> list[PageImage]:
    """Structured pictures first, then those of the gallery, without thumbnails of other products."""
    base = base_url(document)
    found: dict[str, PageImage] = {}
    for url in structured:
        if (whole := absolute(url, base)) and len(found) < MAX_IMAGES:
            found.setdefault(whole, PageImage(url=whole))
    rated: list[tuple[float, int, str, str | None]] = []
    for node in document.tagged("img"):
        if node.zone & BOILERPLATE or len(rated) > 500:
            continue
        element = node.attributes
        srcset = element.get("srcset") or element.get("data-srcset")
        source = largest_of_srcset(srcset) if srcset else None
        source = source or next((element.get(key) for key in IMAGE_ATTRIBUTES if element.get(key)), None)
        whole = absolute(source, base)
        alt = " ".join((element.get("alt") or "").split())[:500] or None
        if (
            whole is None
            or NOT_PICTURES.search(whole.rsplit("/", 1)[-1])
            or names_match(NOT_PICTURES, node.names)
            or too_small(element)
        ):
            continue
        score = likeness(alt, name) if alt and name else 0.0
        if names_match(GALLERY_NAME, node.names) or any(
            names_match(GALLERY_NAME, ancestor.names) for _, ancestor in zip(range(5), node.ancestors(), strict=False)
        ):
            score += 0.6
        if title is not None and abs(node.start - title.start) < 600:
            score += 0.3
        if score >= 0.6:
            rated.append((-score, node.index, whole, alt))
    for _, _, url, alt in sorted(rated):
        if url in found:
            if alt and found[url].alt is None:
                found[url] = PageImage(url=url, alt=alt)
        elif len(found) < MAX_IMAGES:
            found[url] = PageImage(url=url, alt=alt)
    return list(found.values())


def too_small(element: object) -> bool:
    get = getattr(element, "get")  # noqa: B009 (lxml's stubs do not know HtmlElement.get as typed)
    sizes = [re.match(r"\d+", get(key) or "") for key in ("width", "height")]
    return any(match is not None and 0 < int(match.group()[:6]) < 60 for match in sizes)
