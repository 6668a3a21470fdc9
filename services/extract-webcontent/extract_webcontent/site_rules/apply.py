"""Rules add to what was read, or take its place; what they find has a quote and a locator as everything else."""

from collections.abc import Iterator

from lxml.html import HtmlElement

from extract_webcontent.reading.document import Document, Node
from extract_webcontent.reading.facts import FactBook
from extract_webcontent.reading.identifiers import gtin_digits
from extract_webcontent.reading.prices import Locale, parse_amount
from extract_webcontent.reading.product import money
from extract_webcontent.reading.quantities import split_quantity
from extract_webcontent.site_rules.rules import HostRules, Selector, select
from shared.models.extract import PageAttribute, PageProduct

CONFIDENCE = 0.95
LONGEST = {"title": 500, "price": 100, "sku": 60, "gtin": 40, "brand": 80, "description": 20_000}
FIELDS = {"title": "name", "sku": "sku", "brand": "brand", "description": "description"}


class RuleReader:
    def __init__(self, rules: HostRules, document: Document) -> None:
        self.rules = rules
        self.document = document

    def shows_product(self) -> bool:
        """Whoever says where the price of a host's products stands says that a page with one shows a product."""
        return self.rules.price is not None and next(self.found("price", self.rules.price), None) is not None

    def apply(self, product: PageProduct, book: FactBook, locale: Locale) -> None:
        for name in LONGEST:
            selector: Selector | None = getattr(self.rules, name)
            if selector is None:
                continue
            for text, node in self.found(name, selector):
                if self.set(name, text, node, product, book, locale):
                    break
        if self.rules.specifications is not None:
            self.specifications(product, book, locale)

    def found(self, name: str, selector: Selector) -> Iterator[tuple[str, Node | None]]:
        """Texts with the visible elements that say them; without one where an attribute says it."""
        for element in select(self.document.root, selector.select):
            if selector.attribute is not None:
                text = " ".join((element.get(selector.attribute) or "").split())
                node = None
            else:
                node = self.visible(element)
                text = " ".join(self.document.text_of(node).split()) if node is not None else ""
            if text and len(text) <= LONGEST[name]:
                yield text, node

    def visible(self, element: HtmlElement) -> Node | None:
        node = self.document.node_of(element)
        return None if node is None or node.is_empty else node

    def set(
        self, name: str, text: str, node: Node | None, product: PageProduct, book: FactBook, locale: Locale
    ) -> bool:
        value, unit = text, None
        fact = FIELDS.get(name, name)
        if name == "price":
            amount = parse_amount(text, locale)
            currency = (amount.currency or locale.currency) if amount is not None else None
            if amount is None or amount.decimal <= 0 or currency is None:
                return False
            value, unit = amount.amount, currency
            product.price = money(type(amount)(amount.amount, currency))
        elif name == "gtin":
            digits = gtin_digits(text)
            if digits is None:
                return False
            value = product.gtin = digits
        else:
            setattr(product, fact, text)
        book.forget(fact)
        if node is None:
            book.structured(fact, value, unit=unit, confidence=CONFIDENCE, line=text)
        else:
            book.visible(fact, value, node.start, node.end, unit=unit, confidence=CONFIDENCE, node=node)
        return True

    def specifications(self, product: PageProduct, book: FactBook, locale: Locale) -> None:
        """The rows that the rule selects are the specifications; those that were found otherwise go."""
        rule = self.rules.specifications
        assert rule is not None
        found: list[tuple[PageAttribute, Node, Node]] = []
        for row in select(self.document.root, rule.rows):
            names, values = select(row, rule.name), select(row, rule.value)
            key = self.visible(names[0]) if names else None
            content = self.visible(values[0]) if values else None
            if key is None or content is None:
                continue
            name = " ".join(self.document.text_of(key).split()).rstrip(" :")
            text = " ".join(self.document.text_of(content).split())
            if not name or not text or len(name) > 200 or len(text) > 1_000:
                continue
            quantity = split_quantity(text, decimal_comma=locale.decimal_comma)
            value, unit = quantity if quantity else (text, None)
            found.append((PageAttribute(name=name, value=value, unit=unit), key, content))
        if not found:
            return
        for attribute in product.attributes:
            book.forget(attribute.name)
        product.attributes = [attribute for attribute, _, _ in found]
        for attribute, key, content in found:
            start, end = min(key.start, content.start), max(key.end, content.end)
            book.visible(attribute.name, attribute.value, start, end, unit=attribute.unit, confidence=CONFIDENCE)
