"""What the merchant's own fields say, as facts that cite their field."""

from collections.abc import Iterator, Sequence
from typing import Any

from app.products.models import Product
from app.products.price import price_of
from shared.models.facts import Fact, Source

# A fact's value holds 10,000 characters, one entry of a list 2,000.
LONGEST_LIST = 9000


def joined(entries: Sequence[str]) -> Iterator[str]:
    """The entries of a list as one value, so that a page that names one of them agrees; a very long list as several."""
    value = ""
    for entry in entries:
        if value and len(value) + len(entry) > LONGEST_LIST:
            yield value
            value = ""
        value = f"{value}, {entry}" if value else entry
    if value:
        yield value


def attribute_values(attribute: dict[str, Any]) -> list[str]:
    """Text as the check of claims reads it: yes and no, and a list in one piece."""
    value = attribute["value"]
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if isinstance(value, list):
        return list(joined(value))
    return [value]


def merchant_facts(product: Product) -> list[Fact]:
    price = price_of(product)
    fields: list[tuple[str, str, str | None, str]] = [("name", product.name, None, "name")]
    for field, value in (("brand", product.brand), ("category", product.category), ("gtin", product.gtin)):
        if value:
            fields.append((field, value, None, field))
    if price is not None:
        fields.append(("price", price.amount, price.currency, "price"))
    for attribute in product.attributes:
        name, unit = attribute["name"], attribute.get("unit")
        fields += [(name, value, unit, f"attributes.{name}") for value in attribute_values(attribute)]
    for option in product.options:
        fields.append((option["name"], option["value"], None, f"options.{option['name']}"))
    return [
        Fact.create(
            name=name,
            value=value,
            unit=unit or None,
            source=Source(kind="merchant", ref=reference[:4096], quote=f"{value} {unit}" if unit else value),
        )
        for name, value, unit, reference in fields
    ]
