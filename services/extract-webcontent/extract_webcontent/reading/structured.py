"""The shape that all machine-readable sources of a page are brought into, before they are reconciled."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Origin = Literal["json-ld", "microdata", "meta"]


@dataclass(slots=True)
class Offer:
    """One price at which the product (or one of its variants) is sold; values as the page writes them."""

    price: str | None = None
    currency: str | None = None
    availability: str | None = None
    condition: str | None = None
    sku: str | None = None
    gtin: str | None = None
    name: str | None = None


@dataclass(slots=True)
class StructuredProduct:
    origin: Origin
    name: str | None = None
    brand: str | None = None
    description: str | None = None
    sku: str | None = None
    mpn: str | None = None
    gtin: str | None = None
    product_id: str | None = None
    url: str | None = None
    offers: list[Offer] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str]] = field(default_factory=list)
    variants: list["StructuredProduct"] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)
    related: bool = False

    @property
    def offer(self) -> Offer | None:
        """The offer that stands for the product: the first one with a price."""
        return next((offer for offer in self.offers if offer.price), self.offers[0] if self.offers else None)

    @property
    def weight(self) -> int:
        return sum(
            bool(value)
            for value in (
                self.name,
                self.brand,
                self.description,
                self.sku,
                self.mpn,
                self.gtin,
                self.offers,
                self.images,
            )
        )


@dataclass(slots=True)
class StructuredData:
    """All that the page says to machines."""

    products: list[StructuredProduct] = field(default_factory=list)
    breadcrumbs: list[str] = field(default_factory=list)
    types: set[str] = field(default_factory=set)


def loose(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def likeness(first: str, second: str) -> float:
    """0-1: the share of letter pairs that both have (Dice), 0.7 and more where one contains the other."""
    a, b = loose(first)[:200], loose(second)[:200]
    if not a or not b:
        return 0.0
    if a == b:
        return 1.0
    if a in b or b in a:
        return 0.7 + 0.3 * min(len(a), len(b)) / max(len(a), len(b))
    first_pairs = {a[index : index + 2] for index in range(len(a) - 1)}
    second_pairs = {b[index : index + 2] for index in range(len(b) - 1)}
    return 2 * len(first_pairs & second_pairs) / max(1, len(first_pairs) + len(second_pairs))


def choose_product(products: Iterable[StructuredProduct], title: str | None) -> StructuredProduct | None:
    """The page's own product among those listed: it is named as the page is, and says most."""
    best: StructuredProduct | None = None
    best_score = 0.0
    for position, product in enumerate(list(products)[:50]):
        if not product.name and not product.offers:
            continue
        score = product.weight / 10 - position / 100 - (1.5 if product.related else 0.0)
        if title and product.name:
            score += 2 * likeness(product.name, title)
        if best is None or score > best_score:
            best, best_score = product, score
    if best is not None and best.related and title and best.name and likeness(best.name, title) < 0.8:
        return None
    return best
