"""Money between columns and contract."""

from decimal import Decimal

from app.products.models import Product
from shared.models.base import Money


def plain_amount(amount: Decimal) -> str:
    """`12.90`, never `12.900000` or `1E+1`: at least the two places that money is written with."""
    text = f"{amount.normalize():f}"
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.ljust(2, '0')}"


def price_of(product: Product) -> Money | None:
    if product.price_amount is None or product.price_currency is None:
        return None
    return Money(amount=plain_amount(product.price_amount), currency=product.price_currency)
