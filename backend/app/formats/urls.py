"""The shop's address of a product, from a template such as `https://shop.example/{language}/products/{handle}`."""

from urllib.parse import quote

PLACES = ("{sku}", "{handle}", "{language}")


def product_url(template: str | None, sku: str, handle: str, language: str) -> str:
    if not template:
        return ""
    url = template
    for place, value in zip(PLACES, (sku, handle, language), strict=True):
        url = url.replace(place, quote(value, safe=""))
    return url
