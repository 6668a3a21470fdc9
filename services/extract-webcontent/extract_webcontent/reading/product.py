"""Structured data and what the reader sees, reconciled into one product and its facts."""

import re

from extract_webcontent.reading.details import (
    SCHEMA_AVAILABILITY,
    SCHEMA_CONDITION,
    clean_brand,
    find_availability,
    find_brand,
    find_images,
    schema_word,
    usable,
)
from extract_webcontent.reading.evidence import FAIR_PRICE, Evidence
from extract_webcontent.reading.facts import FactBook
from extract_webcontent.reading.identifiers import Kind, code_of_url, gtin_digits, label_kind
from extract_webcontent.reading.price_finder import PriceCandidate
from extract_webcontent.reading.prices import PRICE, Amount, machine_amount
from extract_webcontent.reading.prose import find_sentences, is_statement, sentences
from extract_webcontent.reading.quantities import split_quantity
from extract_webcontent.reading.structured import likeness, loose
from extract_webcontent.reading.title import breadcrumb_texts, name_from_page_title
from shared.models.base import Money
from shared.models.extract import PageAttribute, PageProduct, PageVariant

ORIGIN_CONFIDENCE = {"json-ld": 0.93, "microdata": 0.9, "meta": 0.8}


STARTING_PRICE = re.compile(
    r"(?:start(?:ing)?|opening|minimum|reserve)[ -](?:price|bid)|startpreis|precio (?:de salida|inicial)\W*$",
    re.IGNORECASE,
)


class Reconciler:
    def __init__(self, evidence: Evidence, book: FactBook) -> None:
        self.evidence = evidence
        self.document = evidence.document
        self.book = book
        self.product = PageProduct()
        self.used: list[tuple[int, int]] = []

    def build(self) -> PageProduct:
        self.name()
        self.brand()
        self.price()
        self.identifiers()
        self.availability()
        self.categories()
        self.attributes()
        self.descriptions()
        structured = [image for product in self.evidence.products for image in product.images]
        self.product.images = find_images(self.document, structured, self.evidence.title, self.product.name)
        self.variants()
        return self.product

    def stated(self, attribute: str) -> tuple[str, float] | None:
        """The first structured value of that name, best source first."""
        for product in self.evidence.products:
            value = usable(getattr(product, attribute), 20_000)
            if value:
                return value, ORIGIN_CONFIDENCE[product.origin]
        return None

    def name(self) -> None:
        evidence, title = self.evidence, self.evidence.title
        stated = next(
            (
                (name, ORIGIN_CONFIDENCE[product.origin])
                for product in evidence.products
                if product.origin != "meta" and (name := usable(product.name))
            ),
            None,
        )
        visible = evidence.title_text
        if stated is not None:
            name, confidence = stated
            if visible and likeness(visible, name) >= 0.8 and loose(visible) != loose(name):
                name = visible if self.book.locate(name) is None else name
            self.product.name = name
            self.book.anywhere("name", name, confidence=confidence)
        elif title is not None and visible:
            # Classified ads put the price behind the name, in the same heading.
            price = PRICE.search(visible)
            if price is not None and price.start() > 10:
                visible = visible[: price.start()].rstrip(" -–—|·:,(")
            self.product.name = visible
            known = evidence.meta.get("og:title") or evidence.page_title or ""
            end = title.start + len(visible) if self.document.text.startswith(visible, title.start) else title.end
            confidence = 0.85 if likeness(visible, known) > 0.6 else 0.7
            self.book.visible("name", visible, title.start, end, confidence=confidence, node=title)
        elif name := name_from_page_title(evidence.meta.get("og:title") or evidence.page_title):
            self.product.name = name
            self.book.anywhere("name", name, confidence=0.6)

    def brand(self) -> None:
        if (stated := self.stated("brand")) and len(stated[0]) <= 80 and not stated[0].startswith(("http", "//")):
            brand = clean_brand(stated[0]) or stated[0]
            self.product.brand = brand
            self.book.anywhere("brand", brand, confidence=stated[1])
        elif found := find_brand(self.document, self.evidence.title, self.evidence.pairs):
            value, start, end = found
            self.product.brand = value
            self.book.visible("brand", value, start, end, confidence=0.8)

    def price(self) -> None:
        stated: tuple[Amount, float] | None = None
        for product in self.evidence.products:
            offer = product.offer
            amount = machine_amount(offer.price, offer.currency, self.evidence.locale) if offer else None
            # An auction's structured data may state its starting price; what is bid now stands elsewhere.
            if amount is not None and amount.decimal > 0 and (stated is None or self.is_starting_price(stated[0])):
                stated = amount, ORIGIN_CONFIDENCE[product.origin]
        prices = [candidate for candidate in self.evidence.prices if candidate.score >= 0]
        if stated is not None and (sale := self.sale_price(stated[0], prices)):
            prices, stated = [sale], None
        if stated is not None:
            amount, confidence = stated
            same = next((candidate for candidate in prices if candidate.amount.decimal == amount.decimal), None)
            currency = amount.currency or (same.amount.currency if same else None) or self.evidence.locale.currency
            self.set_price(amount.amount, currency)
            if same is not None:
                self.book.visible(
                    "price", amount.amount, same.start, same.end, unit=currency, confidence=min(1.0, confidence + 0.05)
                )
            else:
                line = f"{amount.amount} {currency or ''}"
                self.book.structured("price", amount.amount, unit=currency, confidence=confidence - 0.1, line=line)
        elif prices and prices[0].score >= FAIR_PRICE:
            best = prices[0]
            currency = best.amount.currency or self.evidence.locale.currency
            self.set_price(best.amount.amount, currency)
            confidence = min(0.9, 0.55 + best.score / 25)
            self.book.visible("price", best.amount.amount, best.start, best.end, unit=currency, confidence=confidence)

    def is_starting_price(self, amount: Amount) -> bool:
        shown = next((found for found in self.evidence.prices if found.amount.decimal == amount.decimal), None)
        return shown is not None and bool(
            STARTING_PRICE.search(self.document.text, max(0, shown.start - 40), shown.start)
        )

    def sale_price(self, stated: Amount, prices: list[PriceCandidate]) -> PriceCandidate | None:
        """The reduced price, where the page strikes out the one that its structured data still states."""
        struck = any(candidate.old and candidate.amount.decimal == stated.decimal for candidate in self.evidence.prices)
        same = any(candidate.amount.decimal == stated.decimal and candidate.score >= 4 for candidate in prices)
        if not struck or same or not prices or prices[0].score < 4:
            return None
        return prices[0] if stated.decimal * 3 / 10 < prices[0].amount.decimal < stated.decimal else None

    def set_price(self, amount: str, currency: str | None) -> None:
        if currency and re.fullmatch(r"\d{1,12}(\.\d{1,6})?", amount):
            self.product.price = Money(amount=amount, currency=currency)

    def identifiers(self) -> None:
        for kind in ("sku", "mpn", "gtin"):
            stated = self.stated(kind)
            if stated is not None and kind == "gtin":
                digits = gtin_digits(stated[0])
                stated = (digits, stated[1]) if digits else None
            if stated is not None and len(stated[0]) <= 60 and len(stated[0].split()) <= 2:
                setattr(self.product, kind, stated[0])
                self.book.anywhere(kind, stated[0], confidence=stated[1])
                continue
            if (found := self.labelled(kind)) is not None:
                code, start, end, confidence = found
                setattr(self.product, kind, code)
                self.book.visible(kind, code, start, end, confidence=confidence)
        if (
            self.product.gtin is None
            and (stated := self.stated("sku"))
            and len(stated[0]) >= 12
            and (digits := gtin_digits(stated[0]))
        ):
            self.product.gtin = digits
        if self.product.sku is None:
            known = next(
                (value for product in self.evidence.products if (value := usable(product.product_id, 60))), None
            )
            # An address is no statement about the product: it serves as an identifier, never as a fact.
            self.product.sku = known or code_of_url(self.document.url)

    def labelled(self, kind: Kind) -> tuple[str, int, int, float] | None:
        for pair in self.evidence.pairs:
            if label_kind(pair.key) == kind and len(pair.value) <= 60:
                value = gtin_digits(pair.value.split(",")[0]) if kind == "gtin" else pair.value
                if value and (kind == "gtin" or re.fullmatch(r"[\w./+#-]{2,40}", value)):
                    return value, pair.start, pair.end, 0.88
        title = self.evidence.title
        if kind == "sku" and (wanted := code_of_url(self.document.url)):
            # A labelled code that the address repeats is the shop's own number, whatever its label.
            for code in self.evidence.codes:
                if code.value == wanted:
                    return code.value, code.start, code.end, 0.88
        for strong in (True, False):
            candidates = [code for code in self.evidence.codes if code.kind == kind and code.strong == strong]
            if candidates:
                anchor = title.start if title is not None else 0
                code = min(candidates, key=lambda found: abs(found.start - anchor))
                return code.value, code.start, code.end, 0.85 if strong else 0.65
        return None

    def availability(self) -> None:
        for product in self.evidence.products:
            offer = product.offer
            if offer is None:
                continue
            if self.product.condition is None and (condition := schema_word(offer.condition, SCHEMA_CONDITION)):
                self.product.condition = condition
                self.book.structured(
                    "condition", condition, confidence=ORIGIN_CONFIDENCE[product.origin] - 0.1, line=offer.condition
                )
            if self.product.availability is None:
                states = [
                    state for entry in product.offers if (state := schema_word(entry.availability, SCHEMA_AVAILABILITY))
                ]
                state = "InStock" if "InStock" in states else states[0] if states else None
                if state:
                    self.product.availability = state
                    self.book.structured(
                        "availability",
                        state,
                        confidence=ORIGIN_CONFIDENCE[product.origin] - 0.1,
                        line=offer.availability or state,
                    )
        if self.product.availability is None:
            price_end = self.evidence.prices[0].end if self.product.price and self.evidence.prices else None
            if found := find_availability(self.document, self.evidence.title, price_end):
                value, start, end = found
                self.product.availability = value
                self.book.visible("availability", value, start, end, confidence=0.7)

    def categories(self) -> None:
        title = self.product.name or ""
        trail = [name for name in self.evidence.data.breadcrumbs if usable(name, 100)]
        if trail and likeness(trail[-1], title) > 0.75:
            trail.pop()
        trail = [
            name
            for name in trail
            if name.casefold() not in ("home", "startseite", "inicio", "accueil", "home page", "shop")
        ]
        stated = next((product.categories for product in self.evidence.products if product.categories), [])
        shown = breadcrumb_texts(self.document, title)
        if shown and (not trail or [loose(text) for text, _ in shown] == [loose(name) for name in trail]):
            self.product.categories = [text for text, _ in shown]
            first, last = shown[0][1], shown[-1][1]
            if first.start < last.end <= first.start + 600:
                self.book.visible(
                    "category", " > ".join(self.product.categories), first.start, last.end, confidence=0.85
                )
        elif trail or stated:
            self.product.categories = (trail or stated)[:10]
            self.book.structured("category", " > ".join(self.product.categories), confidence=0.85)

    def attributes(self) -> None:
        comma = self.evidence.locale.decimal_comma
        known = {loose(value) for value in (self.product.sku, self.product.mpn, self.product.gtin) if value}
        seen: set[tuple[str, str]] = set()
        for pair in self.evidence.pairs:
            quantity = split_quantity(pair.value, decimal_comma=comma)
            value, unit = quantity if quantity else (pair.value, None)
            seen.add((loose(pair.key), loose(pair.value)))
            self.product.attributes.append(PageAttribute(name=pair.key, value=value, unit=unit, group=pair.group))
            self.used.append((pair.start, pair.end))
            kind = label_kind(pair.key)
            if kind is not None and loose(pair.value) in known:
                continue
            confidence = 0.85 if pair.strong else 0.7
            self.book.visible(pair.key, value, pair.start, pair.end, unit=unit, confidence=confidence, node=None)
        for product in self.evidence.products:
            for name, value in [*product.attributes, *((key, value) for key, value in product.options.items())]:
                if (
                    not usable(name, 100)
                    or not usable(value, 1_000)
                    or value.startswith("http")
                    or (loose(name), loose(value)) in seen
                ):
                    continue
                seen.add((loose(name), loose(value)))
                if len(self.product.attributes) >= 400 or any(
                    loose(entry.name) == loose(name) for entry in self.product.attributes
                ):
                    continue
                quantity = split_quantity(value, decimal_comma=comma)
                plain, unit = quantity if quantity else (value, None)
                self.product.attributes.append(PageAttribute(name=name, value=plain, unit=unit))
                self.book.structured(
                    name, plain, unit=unit, confidence=ORIGIN_CONFIDENCE[product.origin] - 0.05, line=value
                )

    def descriptions(self) -> None:
        title = self.evidence.title
        self.evidence.sentences = find_sentences(self.document, title, self.used, page_is_product=True)
        stated = self.stated("description")
        prose = self.evidence.sentences
        marked = [sentence for sentence in prose if sentence.described] or prose
        shown = " ".join(sentence.text for sentence in marked)
        if stated is not None:
            self.product.description = stated[0]
        elif shown:
            self.product.description = shown[:5_000]
        if stated is not None and len(shown) < 80:
            for text in stated_sentences(stated[0]):
                self.book.anywhere("description", text, confidence=stated[1] - 0.1)
        for sentence in prose:
            confidence = 0.8 if sentence.described else 0.6
            self.book.visible(
                "description", sentence.text, sentence.start, sentence.end, confidence=confidence, node=sentence.node
            )

    def variants(self) -> None:
        for product in self.evidence.products:
            for variant in product.variants[:100]:
                offer = variant.offer
                amount = machine_amount(offer.price, offer.currency, self.evidence.locale) if offer else None
                self.product.variants.append(
                    PageVariant(
                        name=variant.name,
                        sku=variant.sku,
                        gtin=gtin_digits(variant.gtin) if variant.gtin else None,
                        price=money(amount),
                        availability=schema_word(offer.availability, SCHEMA_AVAILABILITY) if offer else None,
                        options=variant.options,
                    )
                )
            if not product.variants and len(product.offers) > 1:
                for offer in product.offers[:100]:
                    if offer.sku or offer.name:
                        self.product.variants.append(
                            PageVariant(
                                name=offer.name,
                                sku=offer.sku,
                                gtin=gtin_digits(offer.gtin) if offer.gtin else None,
                                price=money(machine_amount(offer.price, offer.currency, self.evidence.locale)),
                                availability=schema_word(offer.availability, SCHEMA_AVAILABILITY),
                            )
                        )
            if self.product.variants:
                break


def money(amount: Amount | None) -> Money | None:
    if amount is None or amount.currency is None or not re.fullmatch(r"\d{1,12}(\.\d{1,6})?", amount.amount):
        return None
    return Money(amount=amount.amount, currency=amount.currency)


def stated_sentences(text: str) -> list[str]:

    found = []
    for line in text.split("\n")[:200]:
        for start, end in sentences(line, 0, len(line)):
            if is_statement(line[start:end]):
                found.append(line[start:end])
    return found[:40]
