"""read(write(items)) is what the format can carry of the items; `carried` says for each format what that is."""

import csv
import io
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from app.formats.base import ReadOptions, ReadResult, WriteOptions
from app.formats.cells import trim
from app.formats.google_xml import read_xml_rows, write_xml
from app.formats.handles import handle_of
from app.formats.items import CatalogueItem, ItemImage, ItemTexts
from app.formats.json_lines import ITEM, read_json, write_json
from app.formats.markup import normalised, normalised_bullets
from app.formats.registry import FORMATS
from app.formats.values import display_value
from app.products.schemas import ProductAttribute
from backend.tests.formats.items import catalogues, differences
from shared.models.base import Money

LANGUAGE = "en"
CURRENCY = "EUR"
many = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def through_csv(rows: Iterable[list[str]], delimiter: str = ",") -> list[list[str]]:
    """As the file: what a spreadsheet's dialect does to the cells is part of the trip."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter).writerows(rows)
    buffer.seek(0)
    return list(csv.reader(buffer, delimiter=delimiter, strict=True))


def round_trip(name: str, items: list[CatalogueItem], **options: object) -> list[ReadResult]:
    target = FORMATS[name]
    choices = WriteOptions(language=LANGUAGE, currency=CURRENCY, **options)  # type: ignore[arg-type]
    header, *rows = through_csv(target.write(items, choices), "\t" if name == "google" else ",")
    numbered = [(number, dict(zip(header, row, strict=True))) for number, row in enumerate(rows, 2)]
    results = list(target.read(numbered, target.propose_mapping(header), ReadOptions(LANGUAGE, CURRENCY)))
    assert [error for result in results for error in result.errors] == []
    return results


def items_of(results: list[ReadResult]) -> list[CatalogueItem]:
    return [replace(result.item, new_name=None) for result in results if result.item is not None]


def padded(price: Money | None) -> Money | None:
    if price is None or len(price.amount.partition(".")[2]) != 3:
        return price
    return Money(amount=price.amount + "0", currency=price.currency)


def shop_texts(item: CatalogueItem, *, title: str) -> dict[str, ItemTexts]:
    """HTML carries the words of a text, not its spaces; whether AI wrote them is not said."""
    texts = item.texts.get(LANGUAGE, ItemTexts())
    carried = ItemTexts(
        title=title,
        description=normalised(texts.description),
        bullets=normalised_bullets(texts.bullets),
        seo_title=trim(texts.seo_title),
        seo_description=trim(texts.seo_description),
    )
    said = carried.description or carried.bullets or carried.seo_title or carried.seo_description
    return {LANGUAGE: carried} if said else {}


def title_of(item: CatalogueItem) -> str:
    texts = item.texts.get(LANGUAGE, ItemTexts())
    return trim(texts.title) or item.name or item.sku


def in_currency(item: CatalogueItem) -> Money | None:
    return item.price if item.price and item.price.currency == CURRENCY else None


def text_attributes(item: CatalogueItem) -> list[ProductAttribute]:
    return [
        ProductAttribute(name=attribute.name, value=display_value(attribute)) for attribute in item.attributes or []
    ]


class TestGeneric:
    def carried(self, item: CatalogueItem) -> CatalogueItem:
        """All but the texts of other languages and spaces around texts."""
        texts = item.texts.get(LANGUAGE, ItemTexts())
        texts = replace(
            texts,
            title=trim(texts.title),
            description=trim(texts.description),
            bullets=[bullet for bullet in texts.bullets if bullet],
            seo_title=trim(texts.seo_title),
            seo_description=trim(texts.seo_description),
        )
        said = texts.title or texts.description or texts.bullets or texts.seo_title or texts.seo_description
        return replace(
            item,
            brand=item.brand or "",
            category=item.category or "",
            gtin=item.gtin or "",
            price=padded(item.price),
            attributes=item.attributes or [],
            keywords=item.keywords or [],
            tags=item.tags or [],
            languages=item.languages or [],
            source_urls=item.source_urls or [],
            images=item.images or [],
            option_names=item.option_names or [],
            options=item.options or [],
            texts={LANGUAGE: texts} if said else {},
        )

    @many
    @given(catalogues())
    def test_round_trip(self, items: list[CatalogueItem]) -> None:
        for item in items:
            item.extra = {"Column =;| 1": item.name or "", "other": "'=1"}
        assert differences(items_of(round_trip("generic", items)), [self.carried(item) for item in items]) == []

    @many
    @given(catalogues())
    def test_attributes_in_columns_of_their_own(self, items: list[CatalogueItem]) -> None:
        names = tuple(dict.fromkeys(attribute.name for item in items for attribute in item.attributes or []))[:3]
        results = items_of(round_trip("generic", items, attribute_names=names))

        def by_name(item: CatalogueItem) -> CatalogueItem:
            return replace(item, attributes=sorted(item.attributes or [], key=lambda attribute: attribute.name))

        assert differences(list(map(by_name, results)), [by_name(self.carried(item)) for item in items]) == []


class TestShopify:
    def carried(self, item: CatalogueItem, parent: CatalogueItem | None, *, has_variants: bool) -> CatalogueItem:
        """Variants: SKU, GTIN, price, options and one photo. Of a parent the SKU is the handle that was made of it."""
        live = item.status == "approved"
        extra = {"Status": "Active" if live else "Draft"}
        if live:
            extra["Published on online store"] = "TRUE"
        else:
            extra["Published on online store"] = "FALSE"
        if parent is not None:
            return CatalogueItem(
                sku=item.sku,
                gtin=item.gtin or "",
                price=in_currency(item),
                parent_sku=handle_of(parent.sku),
                options=item.options,
                images=[ItemImage(item.images[0].url)] if item.images else None,
            )
        carried = CatalogueItem(
            sku=item.sku,
            name=title_of(item),
            brand=item.brand or "",
            category=item.category or "",
            tags=[tag for tag in dict.fromkeys(trim(tag.replace(",", " ")) for tag in item.tags or []) if tag],
            images=item.images or [],
            texts=shop_texts(item, title=title_of(item)),
            extra=extra,
        )
        if has_variants:
            return replace(carried, sku=handle_of(item.sku), option_names=item.option_names)
        return replace(carried, gtin=item.gtin or "", price=in_currency(item))

    @pytest.mark.parametrize("name", ["shopify", "shopify-legacy"])
    @many
    @given(catalogues())
    def test_round_trip(self, name: str, items: list[CatalogueItem]) -> None:
        results = items_of(round_trip(name, items))
        parents = {item.sku: item for item in items}
        with_variants = {item.parent_sku for item in items}
        expected = [
            self.carried(item, parents.get(item.parent_sku or ""), has_variants=item.sku in with_variants)
            for item in items
        ]
        assert differences(results, expected) == []


class TestWooCommerce:
    def carried_attribute(self, attribute: ProductAttribute) -> ProductAttribute:
        if isinstance(attribute.value, list) and len(attribute.value) > 1:
            return attribute
        return ProductAttribute(name=attribute.name, value=display_value(attribute))

    def carried(self, item: CatalogueItem) -> CatalogueItem:
        """Attributes as text or list. (An apostrophe before a sign is WooCommerce's own mark, and cannot be kept.)"""

        price = in_currency(item)
        published = "1" if item.status == "approved" else "2" if item.status == "needs_review" else "-1"
        variation = item.parent_sku is not None
        return CatalogueItem(
            sku=item.sku,
            name=title_of(item),
            brand=item.brand or "",
            category=item.category or "",
            gtin=item.gtin or "",
            price=padded(price),
            attributes=None if variation else [self.carried_attribute(each) for each in item.attributes or []],
            tags=item.tags or [],
            images=[ItemImage(image.url.replace(",", "%2C")) for image in item.images or []],
            parent_sku=item.parent_sku,
            option_names=item.option_names,
            options=item.options,
            texts=shop_texts(item, title=title_of(item)),
            extra={"Published": "1" if variation else published},
        )

    @many
    @given(catalogues())
    def test_round_trip(self, items: list[CatalogueItem]) -> None:
        items = [ITEM.validate_json(ITEM.dump_json(item).replace(b"'", b"`")) for item in items]
        results = items_of(round_trip("woocommerce", items, attribute_count=8))
        assert differences(results, [self.carried(item) for item in items]) == []


class TestGoogle:
    def carried(self, items: list[CatalogueItem]) -> list[CatalogueItem]:
        """Offers; of a parent only that it is there. A title of its own needs AI, a description or highlights."""
        carried: list[CatalogueItem] = []
        seen = set()
        for item in items:
            if item.option_names:
                continue
            if item.parent_sku is not None and item.parent_sku not in seen:
                seen.add(item.parent_sku)
                carried.append(CatalogueItem(sku=item.parent_sku))
            texts = item.texts.get(LANGUAGE, ItemTexts())
            marked = texts.ai_written and bool(trim(texts.title) or trim(texts.description))
            title = trim(texts.title) or item.name or item.sku
            kept = ItemTexts(
                title=title,
                description=trim(texts.description),
                bullets=[bullet for bullet in map(trim, texts.bullets) if bullet],
                ai_written=marked,
            )
            carried.append(
                CatalogueItem(
                    sku=item.sku,
                    name=title,
                    brand=item.brand or "",
                    category=item.category or "",
                    gtin=item.gtin or "",
                    price=item.price,
                    attributes=text_attributes(item),
                    images=[ItemImage(image.url) for image in item.images or []],
                    parent_sku=item.parent_sku,
                    options=item.options,
                    texts={LANGUAGE: kept} if kept.description or kept.bullets or marked else {},
                )
            )
        return carried

    @many
    @given(catalogues())
    def test_round_trip_as_text(self, items: list[CatalogueItem]) -> None:
        assert differences(items_of(round_trip("google", items)), self.carried(items)) == []

    @many
    @given(catalogues())
    def test_round_trip_as_xml(self, items: list[CatalogueItem]) -> None:
        options = WriteOptions(language=LANGUAGE, currency=CURRENCY)
        document = "".join(write_xml(items, options)).encode()
        rows = list(read_xml_rows(io.BytesIO(document)))
        header = list(dict.fromkeys(column for _, cells in rows for column in cells))
        target = FORMATS["google"]
        results = list(target.read(rows, target.propose_mapping(header), ReadOptions(LANGUAGE, CURRENCY)))
        assert [error for result in results for error in result.errors] == []
        assert len(results) == len(self.carried(items))


class TestJson:
    @pytest.mark.parametrize("lines", [False, True])
    @pytest.mark.parametrize("size", [97, 100_000])
    @settings(max_examples=12, deadline=None)
    @given(catalogues())
    def test_round_trip(self, lines: bool, size: int, items: list[CatalogueItem]) -> None:
        document = "".join(write_json(items, lines=lines))
        pieces = [document[index : index + size] for index in range(0, len(document), size)]
        results = list(read_json(pieces))
        assert [result.errors for result in results if result.errors] == []
        assert differences([result.item for result in results if result.item], items) == []
