"""JSON-LD: graphs, arrays, lists of types, references, and the broken JSON that shops really publish."""

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from lxml.html import HtmlElement

from extract_webcontent.reading.structured import Offer, StructuredData, StructuredProduct

MAX_SCRIPT_CHARACTERS = 2_000_000
MAX_NODES = 20_000
MAX_NESTING = 5

PRODUCT_TYPES = frozenset(
    {
        "product",
        "productgroup",
        "productmodel",
        "individualproduct",
        "someproducts",
        "vehicle",
        "car",
        "motorcycle",
        "book",
    }
)
RELATED_KEYS = frozenset(
    {
        "isrelatedto",
        "issimilarto",
        "isaccessoryorsparepartfor",
        "isconsumablefor",
        "itemlistelement",
        "review",
        "reviews",
        "mainentityofpage",
    }
)
ATTRIBUTE_KEYS = (
    "color",
    "material",
    "size",
    "pattern",
    "model",
    "weight",
    "width",
    "height",
    "depth",
    "countryOfOrigin",
)

# Strings stay as they are, also one without an end (or the scan would begin anew at each of its quotes);
# comments and commas before a closing bracket go.
STRING_OR_JUNK = re.compile(r'("(?:[^"\\]++|\\.)*+(?:"|\Z))|//[^\n]*|/\*.*?\*/|,(?=\s*[}\]])', re.DOTALL)
BAD_ESCAPE = re.compile(r'\\(?!["\\/bfnrtu])')
WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*$"
)


def loads_tolerant(text: str) -> list[Any]:
    """All JSON values in a script. Trailing commas, comments, raw newlines and bad escapes are forgiven."""
    text = WRAPPING.sub("", WRAPPING.sub("", text)).strip().rstrip(";").strip()
    if not text:
        return []
    decoder = json.JSONDecoder(strict=False)
    try:
        return [decoder.decode(text)]
    except (ValueError, RecursionError):
        pass
    repaired = BAD_ESCAPE.sub(r"\\\\", STRING_OR_JUNK.sub(lambda match: match.group(1) or "", text))
    if "&quot;" in repaired and '"' not in repaired.replace("&quot;", ""):
        repaired = html.unescape(repaired)
    values: list[Any] = []
    position = 0
    while position < len(repaired) and len(values) < 100:
        try:
            value, end = decoder.raw_decode(repaired, position)
        except (ValueError, RecursionError):
            break
        values.append(value)
        position = end
        while position < len(repaired) and repaired[position] in " \t\r\n,;":
            position += 1
    return values


def types_of(item: dict[str, Any]) -> set[str]:
    given = item.get("@type")
    names = given if isinstance(given, list) else [given]
    return {name.rsplit("/", 1)[-1].rsplit(":", 1)[-1].lower() for name in names if isinstance(name, str)}


def walk(values: list[Any]) -> Iterator[tuple[dict[str, Any], bool]]:
    """Every object, in document order, and whether it hangs below a relation to another product."""
    pending: list[tuple[Any, bool]] = [(value, False) for value in reversed(values)]
    seen = 0
    while pending and seen < MAX_NODES:
        value, related = pending.pop()
        seen += 1
        if isinstance(value, dict):
            yield value, related
            for key, child in reversed(value.items()):
                if isinstance(child, dict | list):
                    pending.append((child, related or str(key).lower() in RELATED_KEYS))
        elif isinstance(value, list):
            pending.extend((child, related) for child in reversed(value) if isinstance(child, dict | list))


class Reader:
    """Reads one page's JSON-LD; `index` resolves references by `@id`."""

    def __init__(self, values: list[Any]) -> None:
        self.values = values
        self.index: dict[str, dict[str, Any]] = {}
        for item, _ in walk(values):
            identifier = item.get("@id")
            if isinstance(identifier, str) and len(item) > 2:
                self.index.setdefault(identifier, item)

    def resolve(self, value: Any) -> Any:
        if isinstance(value, dict) and len(value) <= 2 and isinstance(value.get("@id"), str):
            return self.index.get(value["@id"], value)
        return value

    def many(self, value: Any) -> list[Any]:
        value = value if isinstance(value, list) else [value]
        return [self.resolve(item) for item in value[:500] if item is not None]

    def text(self, value: Any, depth: int = 0) -> str | None:
        """A scalar out of a string, number, named thing, or the first of a list."""
        # References may lead in circles.
        for item in self.many(value) if depth < MAX_NESTING else ():
            if isinstance(item, str):
                found = clean(item)
            elif isinstance(item, bool):
                found = None
            elif isinstance(item, int | float):
                found = format(item, "f").rstrip("0").rstrip(".") if isinstance(item, float) else str(item)
            elif isinstance(item, dict):
                found = self.text(item.get("name") or item.get("@value") or item.get("value"), depth + 1)
                unit = item.get("unitText") or item.get("unitCode")
                if found and "value" in item and isinstance(unit, str) and "name" not in item:
                    found = f"{found} {UNIT_CODES.get(unit, unit)}"
            else:
                found = None
            if found:
                return found
        return None

    def first(self, item: dict[str, Any], *keys: str) -> str | None:
        return next((found for key in keys if key in item and (found := self.text(item[key]))), None)

    def urls(self, value: Any) -> list[str]:
        found = []
        for item in self.many(value):
            if isinstance(item, dict):
                item = next((item[key] for key in ("contentUrl", "url", "@id") if key in item), None)
                if isinstance(item, list):
                    item = item[0] if item else None
            if isinstance(item, str) and item.strip():
                found.append(item.strip())
        return found

    def product(self, item: dict[str, Any], related: bool, depth: int = 0) -> StructuredProduct:
        product = StructuredProduct(
            "json-ld",
            name=self.first(item, "name"),
            brand=self.first(item, "brand", "manufacturer"),
            description=self.first(item, "description"),
            sku=self.first(item, "sku"),
            mpn=self.first(item, "mpn"),
            gtin=self.first(item, "gtin13", "gtin", "gtin14", "gtin12", "gtin8", "ean", "isbn"),
            product_id=self.first(item, "productID", "productId"),
            url=next(iter(self.urls(item.get("url"))), None),
            related=related,
            images=self.urls(item.get("image")),
        )
        for offer in self.many(item.get("offers")):
            if isinstance(offer, dict):
                product.offers.extend(self.offers(offer))
        product.categories = [
            part.strip()
            for category in self.many(item.get("category"))
            if (text := self.text(category))
            for part in re.split(r"\s*[>/›»|]\s+|\s+[>/›»|]\s*", text)
            if part.strip() and not part.startswith("http")
        ]
        for extra in self.many(item.get("additionalProperty")):
            if isinstance(extra, dict):
                name, value = self.text(extra.get("name")), self.property_value(extra)
                if name and value:
                    product.attributes.append((name, value))
        for key in ATTRIBUTE_KEYS:
            if value := self.text(item.get(key)):
                product.options[key] = value
        if depth == 0:
            for variant in self.many(item.get("hasVariant")):
                if isinstance(variant, dict):
                    product.variants.append(self.product(variant, related, depth + 1))
            if not product.offers:
                product.offers = [offer for variant in product.variants for offer in variant.offers]
        return product

    def property_value(self, extra: dict[str, Any]) -> str | None:
        values = [text for value in self.many(extra.get("value")) if (text := self.text(value))]
        if not values:
            return None
        unit = extra.get("unitText") or extra.get("unitCode")
        return ", ".join(values) + (f" {UNIT_CODES.get(unit, unit)}" if isinstance(unit, str) and unit else "")

    def offers(self, item: dict[str, Any]) -> list[Offer]:
        price, currency = self.first(item, "price"), self.first(item, "priceCurrency")
        specifications = [value for value in self.many(item.get("priceSpecification")) if isinstance(value, dict)]
        # A struck-out list price stands beside the price that is paid.
        specifications.sort(
            key=lambda value: (
                "list" in str(value.get("priceType", "")).lower() or "strike" in str(value.get("priceType", "")).lower()
            )
        )
        for specification in specifications:
            price = price or self.first(specification, "price", "minPrice")
            currency = currency or self.first(specification, "priceCurrency")
        offer = Offer(
            price=price or self.first(item, "lowPrice"),
            currency=currency,
            availability=self.first(item, "availability"),
            condition=self.first(item, "itemCondition"),
            sku=self.first(item, "sku"),
            gtin=self.first(item, "gtin13", "gtin", "gtin14", "gtin12", "gtin8"),
            name=self.first(item, "name"),
        )
        nested = [
            found
            for inner in self.many(item.get("offers"))
            if isinstance(inner, dict) and inner is not item
            for found in ([self.single(inner)] if "price" in inner or "priceSpecification" in inner else [])
        ]
        return [offer, *nested] if offer.price or offer.availability else nested

    def single(self, item: dict[str, Any]) -> Offer:
        return next(iter(self.offers({key: value for key, value in item.items() if key != "offers"})), Offer())

    def breadcrumbs(self, item: dict[str, Any]) -> list[str]:
        entries: list[tuple[float, str]] = []
        for position, element in enumerate(self.many(item.get("itemListElement"))):
            if isinstance(element, dict):
                name = self.text(element.get("name")) or self.text(self.resolve(element.get("item")))
                place = element.get("position")
                order = float(place) if isinstance(place, int | float) else float(position)
                if name and not name.startswith("http"):
                    entries.append((order, name))
        return [name for _, name in sorted(entries, key=lambda entry: entry[0])]


UNIT_CODES = {
    "MMT": "mm", "CMT": "cm", "MTR": "m", "KGM": "kg", "GRM": "g", "LTR": "l", "MLT": "ml", "INH": "in", "LBR": "lb",
    "ONZ": "oz", "WTT": "W", "KWT": "kW", "VLT": "V", "HTZ": "Hz", "CEL": "°C", "D70": "W",
}  # fmt: skip


def clean(text: str) -> str:
    """Structured texts often carry entities and tags of their own."""
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = re.sub(r"<(?:br|/p|/li|/div)\b[^<>]*>", "\n", text, flags=re.IGNORECASE)
        text = re.sub(r"<[^<>]+>", "", text)
    return re.sub(r"[^\S\n]+", " ", text).strip()


def read_json_ld(root: HtmlElement, data: StructuredData) -> None:
    values: list[Any] = []
    for script in root.iter("script"):
        kind = (script.get("type") or "").lower()
        if "ld+json" in kind and script.text and len(script.text) <= MAX_SCRIPT_CHARACTERS:
            values.extend(loads_tolerant(script.text))
    if not values:
        return
    reader = Reader(values)
    variants: set[int] = set()
    for item, related in walk(values):
        kinds = types_of(item)
        data.types |= kinds
        if kinds & PRODUCT_TYPES and id(item) not in variants:
            variants.update(id(variant) for variant in reader.many(item.get("hasVariant")))
            data.products.append(reader.product(item, related))
        elif "breadcrumblist" in kinds and not data.breadcrumbs:
            data.breadcrumbs = reader.breadcrumbs(item)
