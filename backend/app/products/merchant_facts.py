"""What the merchant's own fields say, as facts that cite their field."""

from app.products.models import Product
from app.products.price import price_of
from shared.models.facts import Fact, Source


def merchant_facts(product: Product) -> list[Fact]:
    price = price_of(product)
    fields: list[tuple[str, str, str | None, str]] = [("name", product.name, None, "name")]
    for field, value in (("brand", product.brand), ("category", product.category), ("gtin", product.gtin)):
        if value:
            fields.append((field, value, None, field))
    if price is not None:
        fields.append(("price", price.amount, price.currency, "price"))
    for attribute in product.attributes:
        fields.append((attribute["name"], attribute["value"], attribute.get("unit"), f"attributes.{attribute['name']}"))
    return [
        Fact.create(
            name=name,
            value=value,
            unit=unit or None,
            source=Source(kind="merchant", ref=reference[:4096], quote=f"{value} {unit}" if unit else value),
        )
        for name, value, unit, reference in fields
    ]
