"""Any product that the catalogue can hold, with the strings that break files."""

import copy
from dataclasses import fields, replace

from hypothesis import strategies as st

from app.formats.cells import WHITESPACE, trim
from app.formats.items import CatalogueItem, ItemImage, ItemTexts
from app.products.schemas import ProductAttribute, ProductOption
from shared.models.base import Money
from shared.utils.gtin import gtin_check_digit

NASTY = (
    '"', '""', "'", "''", "\n", "\r\n", "\r", "\t", ",", ";", "|", "||", "=", "\\", "\\n", "\\,", ":", "(", ")", "=1+1",
    "'=1", "@SUM(A1)", "+1", "-1", "＝1", "=cmd|' /C calc'!A0", "<b>x</b>", "<script>alert(1)</script>", "&amp;", "&",
    "🫖", "e\u0301", "שלום", "\u202eabc", "\ufeff", "\x1c", "\x0b", "\x7f", "NULL", "{{7*7}}",
    "trained_algorithmic_media:", " | ", "; ", " > ", "id:1", "x" * 40,
)  # fmt: skip

texts = (
    st.lists(st.sampled_from(NASTY) | st.text(max_size=8), max_size=6)
    .map("".join)
    .map(lambda text: text.replace("\x00", "").encode("utf-8", "ignore").decode())
)
words = texts.map(trim).filter(bool)
languages = st.sampled_from(["en", "es", "pt-BR"])
simple_skus = st.from_regex(r"[A-Z0-9][A-Z0-9-]{0,10}[A-Z0-9]", fullmatch=True)
skus = simple_skus | words.map(lambda text: trim(text.replace("\n", " "))).filter(bool).map(
    lambda text: text[:60].strip(WHITESPACE)
).filter(bool)
urls = st.from_regex(r"https://[a-z]{1,8}\.example/[a-zA-Z0-9_.,%?&=;|-]{1,20}", fullmatch=True)
gtins = st.from_regex(r"[0-9]{12}", fullmatch=True).map(lambda body: f"{body}{gtin_check_digit(body)}")
amounts = st.decimals(min_value=0, max_value=999_999_999, places=2).map(lambda value: f"{value:f}") | st.sampled_from(
    ["0", "12", "12.9", "12.345", "1000.123456", "-5.00"]
)


@st.composite
def attributes(draw: st.DrawFn) -> ProductAttribute:
    kind = draw(st.sampled_from(["text", "text", "number", "boolean", "list"]))
    unit = draw(st.none() | words.map(lambda text: trim(text[:20]))) if kind in {"text", "number"} else None
    value = draw(
        {
            "text": words,
            "number": st.decimals(
                allow_nan=False, allow_infinity=False, places=3, max_value=10**9, min_value=-(10**9)
            ).map(lambda n: f"{n:f}"),
            "boolean": st.booleans(),
            "list": st.lists(words, min_size=1, max_size=4),
        }[kind]
    )
    return ProductAttribute.model_validate({"name": draw(words), "type": kind, "value": value, "unit": unit})


def item_texts() -> st.SearchStrategy[ItemTexts]:
    return st.builds(
        ItemTexts, title=texts, description=texts, bullets=st.lists(texts, max_size=3), seo_title=texts,
        seo_description=texts, ai_written=st.booleans(),
    )  # fmt: skip


def unique(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))


@st.composite
def products(draw: st.DrawFn) -> CatalogueItem:
    names = unique([attribute.name for attribute in draw(st.lists(attributes(), max_size=4))])
    found = [draw(attributes()).model_copy(update={"name": name}) for name in names]
    images = draw(st.lists(st.builds(ItemImage, urls, texts.map(trim)), max_size=4, unique_by=lambda image: image.url))
    return CatalogueItem(
        sku=draw(skus),
        name=draw(words),
        brand=draw(st.none() | texts.map(trim)),
        category=draw(st.none() | texts.map(trim)),
        status=draw(st.none() | st.sampled_from(["draft", "enriching", "needs_review", "approved"])),
        gtin=draw(st.none() | gtins),
        price=draw(st.none() | st.builds(Money, amount=amounts, currency=st.sampled_from(["EUR", "USD"]))),
        attributes=draw(st.none() | st.just(found)),
        keywords=draw(st.none() | st.lists(words, max_size=3).map(unique)),
        tags=draw(st.none() | st.lists(words.map(lambda text: trim(text[:90])).filter(bool), max_size=3).map(unique)),
        languages=draw(st.none() | st.lists(languages, min_size=1, max_size=2).map(unique)),
        source_urls=draw(st.none() | st.lists(urls, max_size=2).map(unique)),
        images=draw(st.none() | st.just(images)),
        texts=draw(st.dictionaries(languages, item_texts(), max_size=2)),
    )


@st.composite
def catalogues(draw: st.DrawFn) -> list[CatalogueItem]:
    """Single products and families, a parent followed by its variants; SKUs are unique."""
    items: list[CatalogueItem] = []
    for product in draw(st.lists(products(), max_size=3)):
        items.append(product)
        if not draw(st.booleans()):
            continue
        product.option_names = draw(
            st.lists(words.map(lambda text: trim(text[:80])).filter(bool), min_size=1, max_size=3).map(unique)
        )
        for values in draw(st.lists(st.lists(words, min_size=3, max_size=3), min_size=1, max_size=3)):
            variant = copy.deepcopy(draw(products()))
            options = [
                ProductOption(name=name, value=value) for name, value in zip(product.option_names, values, strict=False)
            ]
            items.append(replace(variant, parent_sku=product.sku, options=options))
    taken: dict[str, str] = {}
    for number, item in enumerate(items):
        if item.parent_sku is None:
            taken = {item.sku: f"{item.sku[:60]}{number}"}
        else:
            item.parent_sku = taken[item.parent_sku]
        item.sku = f"{item.sku[:60]}{number}"
    return items


def differences(found: list[CatalogueItem], expected: list[CatalogueItem]) -> list[tuple[int, str, object, object]]:
    """Field by field, since a whole item is more than one can read."""
    assert len(found) == len(expected)
    return [
        (index, field.name, getattr(ours, field.name), getattr(theirs, field.name))
        for index, (ours, theirs) in enumerate(zip(found, expected, strict=True))
        for field in fields(CatalogueItem)
        if getattr(ours, field.name) != getattr(theirs, field.name)
    ]
