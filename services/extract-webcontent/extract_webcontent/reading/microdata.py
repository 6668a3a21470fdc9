"""schema.org microdata, Open Graph and other product `<meta>` tags."""

from lxml.html import HtmlElement

from extract_webcontent.reading.document import Document
from extract_webcontent.reading.structured import Offer, StructuredData, StructuredProduct

PRODUCT_TYPES = ("/product", "/productgroup", "/individualproduct", "/productmodel", "/book", "/vehicle", "/car")
OFFER_TYPES = ("/offer", "/aggregateoffer", "/demand")
RELATED_PROPERTIES = frozenset({"isrelatedto", "issimilarto", "isaccessoryorsparepartfor", "itemlistelement"})
URL_ATTRIBUTES = {"a": "href", "link": "href", "img": "src", "source": "src", "object": "data", "area": "href"}
MAX_PROPERTIES = 5_000
TEXT_KEYS = {
    "name": "name",
    "description": "description",
    "sku": "sku",
    "mpn": "mpn",
    "productid": "product_id",
    "gtin": "gtin",
    "gtin13": "gtin",
    "gtin12": "gtin",
    "gtin14": "gtin",
    "gtin8": "gtin",
    "ean": "gtin",
    "isbn": "gtin",
}
OFFER_KEYS = {
    "price": "price",
    "lowprice": "price",
    "pricecurrency": "currency",
    "availability": "availability",
    "itemcondition": "condition",
    "sku": "sku",
    "gtin13": "gtin",
    "gtin": "gtin",
}


def value_of(element: HtmlElement, document: Document) -> str | None:
    """The property's value: what the attributes say to machines, else the visible text."""
    tag = element.tag
    for attribute in ("content", "datetime" if tag == "time" else "value" if tag in ("data", "meter") else None):
        if attribute and (value := element.get(attribute)) and value.strip():
            return " ".join(value.split())
    if tag in URL_ATTRIBUTES:
        value = element.get(URL_ATTRIBUTES[tag]) or element.get("data-src")
        if tag != "a" or not element.get("itemprop", "").lower().startswith(
            ("name", "brand", "sku", "category", "manufacturer")
        ):
            return value.strip() if value else None
    node = document.node_of(element)
    if node is None or node.is_empty:
        return None
    return " ".join(document.text_of(node).split()) if node.end - node.start < 20_000 else None


def read_microdata(document: Document, data: StructuredData) -> None:
    if "itemprop" not in document.html and "ITEMPROP" not in document.html:
        return
    elements = document.root.xpath("descendant::*[@itemprop or @itemscope]")
    scopes: dict[HtmlElement, StructuredProduct | Offer | str] = {}
    owners: dict[HtmlElement, StructuredProduct] = {}
    for element in elements[:MAX_PROPERTIES]:
        parent = element.getparent()
        while parent is not None and parent not in scopes:
            parent = parent.getparent()
        scope = scopes.get(parent) if parent is not None else None
        owner = owners.get(parent) if parent is not None else None
        properties = (element.get("itemprop") or "").lower().split()
        if "itemscope" in element.attrib:
            kind = (element.get("itemtype") or "").lower().split()
            names = " ".join(kind)
            if any(name.endswith(PRODUCT_TYPES) for name in kind):
                product = StructuredProduct("microdata")
                product.related = (
                    bool(RELATED_PROPERTIES.intersection(properties)) or "itemlist" in str(scope) or owner is not None
                )
                scopes[element] = product
                owners[element] = product
                data.products.append(product)
                data.types.add("product")
                continue
            if owner is not None:
                owners[element] = owner
            if any(name.endswith(OFFER_TYPES) for name in kind) or "offers" in properties:
                offer = Offer()
                scopes[element] = offer
                if owner is not None:
                    owner.offers.append(offer)
                continue
            scopes[element] = names + " " + " ".join(properties)
            continue
        if not properties or scope is None:
            continue
        assign(element, properties, scope, owner, document, data)


def assign(
    element: HtmlElement,
    properties: list[str],
    scope: StructuredProduct | Offer | str,
    owner: StructuredProduct | None,
    document: Document,
    data: StructuredData,
) -> None:
    value = value_of(element, document)
    if not value:
        return
    for name in properties:
        if isinstance(scope, StructuredProduct):
            if name in TEXT_KEYS and not getattr(scope, TEXT_KEYS[name]):
                setattr(scope, TEXT_KEYS[name], value)
            elif name in ("brand", "manufacturer") and not scope.brand:
                scope.brand = value
            elif name == "image":
                scope.images.append(value)
            elif name == "category":
                scope.categories.append(value)
            elif name in ("color", "material", "size", "width", "height", "depth", "weight", "model"):
                scope.options.setdefault(name, value)
            elif name in ("price", "lowprice", "pricecurrency", "availability", "itemcondition"):
                if not scope.offers:
                    scope.offers.append(Offer())
                fill(scope.offers[-1], OFFER_KEYS[name], value)
        elif isinstance(scope, Offer):
            if name in OFFER_KEYS and not getattr(scope, OFFER_KEYS[name]):
                setattr(scope, OFFER_KEYS[name], value)
            elif owner is not None and name in ("name", "sku", "mpn") and not getattr(owner, name):
                setattr(owner, name, value)
        elif (
            owner is not None
            and name == "name"
            and not owner.brand
            and ("/brand" in scope or " brand" in scope or "/organization manufacturer" in scope)
        ):
            owner.brand = value
        elif (
            owner is not None and name in ("price", "pricecurrency") and "pricespecification" in scope and owner.offers
        ):
            fill(owner.offers[-1], OFFER_KEYS[name], value)
        elif (
            ("breadcrumb" in scope or "listitem" in scope)
            and name in ("name", "title")
            and len(data.breadcrumbs) < 20
            and value not in data.breadcrumbs
        ):
            data.breadcrumbs.append(value)


def fill(offer: Offer, attribute: str, value: str) -> None:
    if not getattr(offer, attribute):
        setattr(offer, attribute, value)


META_PRICE = ("product:price:amount", "og:price:amount", "product:sale_price:amount", "twitter:data1")


def read_meta(document: Document, data: StructuredData) -> dict[str, str]:
    """All `<meta>` values by lower-case name; Open Graph's product becomes one of the products."""
    meta: dict[str, str] = {}
    images: list[str] = []
    for element in document.root.iter("meta"):
        attributes = element.attrib
        name = (
            (attributes.get("property") or attributes.get("name") or attributes.get("http-equiv") or "").strip().lower()
        )
        content = " ".join((attributes.get("content") or "").split())
        if not name or not content or len(meta) > 500:
            continue
        meta.setdefault(name, content)
        if name in ("og:image", "og:image:url", "og:image:secure_url") and content not in images:
            images.append(content)
    product = StructuredProduct(
        "meta",
        name=meta.get("og:title"),
        brand=meta.get("product:brand") or meta.get("og:brand"),
        description=meta.get("og:description"),
        sku=meta.get("product:retailer_item_id") or meta.get("product:sku"),
        mpn=meta.get("product:mfr_part_no"),
        gtin=meta.get("product:ean") or meta.get("product:upc") or meta.get("product:isbn") or meta.get("og:upc"),
        images=images,
    )
    price = next((meta[key] for key in META_PRICE if key in meta and any(c.isdigit() for c in meta[key])), None)
    if (
        "twitter:data1" in meta
        and price == meta["twitter:data1"]
        and "price" not in meta.get("twitter:label1", "").lower()
    ):
        price = None
    availability = meta.get("product:availability") or meta.get("og:availability")
    is_product = (
        price is not None
        or availability is not None
        or meta.get("og:type", "").lower() in ("product", "og:product", "product.item")
    )
    if is_product:
        if price is not None or availability is not None:
            currency = meta.get("product:price:currency") or meta.get("og:price:currency")
            product.offers.append(Offer(price, currency, availability, meta.get("product:condition")))
        data.types.add("og:product")
    for name in ("color", "size", "material", "pattern", "gender", "age_group"):
        if value := meta.get(f"product:{name}"):
            product.options[name] = value
    if category := meta.get("product:category"):
        product.categories = [part.strip() for part in category.split(">") if part.strip()]
    if is_product or product.sku or product.brand:
        data.products.append(product)
    return meta
