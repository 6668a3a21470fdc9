"""`read_page`: from decoded HTML to everything that the service answers about it."""

import gc
from contextlib import closing
from dataclasses import dataclass, field
from time import process_time
from urllib.parse import urlsplit

from extract_webcontent.reading.blocked import blocked_reason
from extract_webcontent.reading.document import Document
from extract_webcontent.reading.evidence import ARTICLE_TYPES, Evidence, gather, is_listing, is_product_page
from extract_webcontent.reading.facts import FactBook
from extract_webcontent.reading.jsonld import read_json_ld
from extract_webcontent.reading.language import declared_language, guessed_language
from extract_webcontent.reading.main_text import main_text
from extract_webcontent.reading.microdata import read_meta, read_microdata
from extract_webcontent.reading.prescan import MarkupLimits, check_markup
from extract_webcontent.reading.prices import Locale, country_of, iso_currency
from extract_webcontent.reading.product import Reconciler
from extract_webcontent.reading.product_text import product_text
from extract_webcontent.reading.prose import find_sentences
from extract_webcontent.reading.structured import StructuredData
from extract_webcontent.reading.title import find_title, page_title
from extract_webcontent.reading.zones import mark_zones
from extract_webcontent.site_rules.apply import RuleReader
from extract_webcontent.site_rules.rules import HostRules, SiteRules
from shared.models.extract import BlockedReason, PageProduct
from shared.models.facts import Fact

# A product page with less than this in it shows its text in a way of its own.
LEAST_TEXT = 100


@dataclass(slots=True)
class PageReading:
    """What one page says. `cpu_s` is what it cost."""

    title: str | None = None
    language: str | None = None
    main_text: str | None = None
    snapshot: str = ""
    product: PageProduct | None = None
    facts: list[Fact] = field(default_factory=list)
    blocked: BlockedReason | None = None
    cpu_s: float = 0.0


def read_page(
    html: str, *, url: str | None, ref: str, want_main_text: bool = True, site_rules: SiteRules | None = None
) -> PageReading:
    """`ref` names the page in its facts. Raises MarkupTooComplex."""
    started = process_time()
    # Thousands of small objects come into being at once, and none goes: the collector would look at them in vain.
    collecting = gc.isenabled()
    gc.disable()
    try:
        check_markup(html, MarkupLimits())
        with closing(Document(html, url)) as document:
            rules = site_rules.of(host_of(url)) if site_rules is not None else None
            reading = read_document(document, ref, want_main_text=want_main_text, rules=rules)
    finally:
        if collecting:
            gc.enable()
    reading.cpu_s = process_time() - started
    return reading


def host_of(url: str | None) -> str | None:
    try:
        return urlsplit(url).hostname if url else None
    except ValueError:
        return None


def read_document(
    document: Document,
    ref: str,
    *,
    want_main_text: bool,
    may_be_blocked: bool = True,
    rules: HostRules | None = None,
) -> PageReading:
    data = StructuredData()
    read_json_ld(document.root, data)
    read_microdata(document, data)
    meta = read_meta(document, data)
    whole_title = page_title(document)
    title = find_title(document, meta.get("og:title") or whole_title)
    mark_zones(document, title)
    language = declared_language(document, meta) or guessed_language(document.text)
    reading = PageReading(title=whole_title, language=language, snapshot=document.text)
    has_data = any(product.origin != "meta" and product.name and not product.related for product in data.products)
    if may_be_blocked:
        reading.blocked = blocked_reason(document, title, has_product_data=has_data)
    if reading.blocked is None:
        evidence = Evidence(document, data, meta, title, whole_title, locale_of(document, data, meta, language))
        book = FactBook(ref, document, title)
        gather(evidence)
        ruled = RuleReader(rules, document) if rules is not None else None
        if is_product_page(evidence) or (ruled is not None and ruled.shows_product()):
            reading.product = Reconciler(evidence, book).build()
            if ruled is not None:
                ruled.apply(reading.product, book, evidence.locale)
            if want_main_text:
                reading.main_text = product_text(document, title, evidence.pairs, evidence.products)
        elif not data.types & ARTICLE_TYPES and not is_listing(evidence):
            prose_facts(evidence, book)
        reading.facts = book.facts
        reading.snapshot = book.snapshot
    if want_main_text and len(reading.main_text or "") < LEAST_TEXT:
        document.drop_hidden()
        reading.main_text = main_text(document.root)
    return reading


def prose_facts(evidence: Evidence, book: FactBook) -> None:
    """A page that does not show a product may still describe one; its sentences are offered with less confidence."""
    title = evidence.title
    if title is None:
        return
    sentences = find_sentences(evidence.document, title, [], page_is_product=False)
    if not sentences:
        return
    book.visible("name", evidence.title_text or "", title.start, title.end, confidence=0.5, node=title)
    for sentence in sentences:
        book.visible("description", sentence.text, sentence.start, sentence.end, confidence=0.5, node=sentence.node)


def locale_of(document: Document, data: StructuredData, meta: dict[str, str], language: str | None) -> Locale:
    country = country_of(document.url, language)
    bare = Locale(language, country)
    stated = [offer.currency for product in data.products for offer in product.offers if offer.currency]
    stated.extend(meta[key] for key in ("product:price:currency", "og:price:currency") if key in meta)
    currency = next((code for value in stated if (code := iso_currency(value, bare))), None)
    return Locale(language, country, currency)
