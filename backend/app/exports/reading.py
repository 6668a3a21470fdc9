"""Products of a selection as items, batch by batch, in one snapshot of the database."""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.exports.schemas import ExportFormat, ExportRequest
from app.exports.selection import ORDER, Selection, products
from app.formats.items import CatalogueItem, ItemImage, ItemTexts
from app.listings.models import ListingVersion
from app.listings.service import ListingService
from app.media.models import Medium, ProductImage
from app.media.public_urls import PublicMedia
from app.products.price import plain_amount
from app.products.schemas import ProductAttribute, ProductOption
from app.sources.models import SourcePage
from shared.models.base import Money

BATCH = 500
IMAGE_SIZE = 1600
SHARED_WORDS = 5

COLUMNS = [
    products.c[name]
    for name in (
        "id", "sku", "name", "brand", "category", "status", "gtin", "price_amount", "price_currency", "attributes",
        "keywords", "tags", "languages", "parent_id", "option_names", "options", "extra",
    )
]  # fmt: skip

EXTRA_KEYS: dict[ExportFormat, tuple[str, ...]] = {
    "shopify": ("shopify", "shopify-legacy"),
    "woocommerce": ("woocommerce",),
    "google": ("google",),
    "google-xml": ("google",),
    "generic": ("generic",),
    "json": (),
    "json-lines": (),
}
FULL_FORMATS = frozenset({"json", "json-lines"})
"""They have the texts of all languages."""


@dataclass(slots=True)
class ExportedProduct:
    """An item, and what only the checks want to know. `images`: width and height of each photo."""

    id: uuid.UUID
    item: CatalogueItem
    parent_id: uuid.UUID | None
    name: str
    images: list[tuple[int, int]] = field(default_factory=list)


class ProductReader:
    def __init__(self, session: AsyncSession, request: ExportRequest, media: PublicMedia) -> None:
        self.session = session
        self.request = request
        self.media = media

    async def batches(self, selection: Selection, size: int = BATCH) -> AsyncIterator[list[ExportedProduct]]:
        """By a cursor on the server, so that no more than a batch is in memory, however many there are."""
        query = selection.query(*COLUMNS).order_by(*ORDER).execution_options(yield_per=size)
        result = await self.session.stream(query)
        async for rows in result.partitions(size):
            yield await self.read(rows)

    async def read(self, rows: Sequence[Any]) -> list[ExportedProduct]:
        ids = [row.id for row in rows]
        skus = await self.skus({row.parent_id for row in rows if row.parent_id is not None})
        images, sizes = await self.images(ids)
        sources = await self.sources(ids) if self.request.format in {"generic", "json", "json-lines"} else {}
        texts = await self.texts(ids)
        return await asyncio.to_thread(self.build, rows, skus, images, sizes, sources, texts)

    def build(
        self,
        rows: Sequence[Any],
        skus: dict[uuid.UUID | None, str],
        images: dict[uuid.UUID, list[ItemImage]],
        sizes: dict[uuid.UUID, list[tuple[int, int]]],
        sources: dict[uuid.UUID, list[str]],
        texts: dict[uuid.UUID, dict[str, ItemTexts]],
    ) -> list[ExportedProduct]:
        keys = EXTRA_KEYS[self.request.format]
        found = []
        for row in rows:
            item = CatalogueItem(
                sku=row.sku,
                name=row.name,
                brand=row.brand or None,
                category=row.category or None,
                status=row.status,
                gtin=row.gtin,
                price=money(row),
                attributes=[attribute(each) for each in row.attributes],
                keywords=row.keywords,
                tags=row.tags,
                languages=row.languages,
                source_urls=sources.get(row.id, []),
                images=images.get(row.id, []),
                parent_sku=skus.get(row.parent_id),
                option_names=row.option_names,
                options=[ProductOption.model_construct(**each) for each in row.options],
                texts=texts.get(row.id, {}),
                extra=extra_of(row.extra, keys) if keys else all_extra(row.extra),
            )
            found.append(ExportedProduct(row.id, item, row.parent_id, row.name, sizes.get(row.id, [])))
        return found

    async def skus(self, ids: Collection[uuid.UUID]) -> dict[uuid.UUID | None, str]:
        if not ids:
            return {}
        rows = await self.session.execute(
            select(products.c.id, products.c.sku).where(products.c.id.in_(ids), products.c.deleted_at.is_(None))
        )
        return {row.id: row.sku for row in rows}

    async def images(
        self, ids: Sequence[uuid.UUID]
    ) -> tuple[dict[uuid.UUID, list[ItemImage]], dict[uuid.UUID, list[tuple[int, int]]]]:
        rows = await self.session.execute(
            select(ProductImage.product_id, ProductImage.sha256, ProductImage.alt, Medium.width, Medium.height)
            .join(Medium, Medium.sha256 == ProductImage.sha256)
            .where(ProductImage.product_id.in_(ids))
            .order_by(ProductImage.product_id, ProductImage.position, ProductImage.id)
        )
        images: dict[uuid.UUID, list[ItemImage]] = {}
        sizes: dict[uuid.UUID, list[tuple[int, int]]] = {}
        for product_id, sha256, alt, width, height in rows:
            url = self.media.url(sha256, IMAGE_SIZE)
            if url is not None:
                images.setdefault(product_id, []).append(ItemImage(url, alt))
            sizes.setdefault(product_id, []).append((width, height))
        return images, sizes

    async def sources(self, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
        rows = await self.session.execute(
            select(SourcePage.product_id, SourcePage.url)
            .where(SourcePage.product_id.in_(ids))
            .order_by(SourcePage.product_id, SourcePage.position, SourcePage.id)
        )
        found: dict[uuid.UUID, list[str]] = {}
        for product_id, url in rows:
            found.setdefault(product_id, []).append(url)
        return found

    async def texts(self, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[str, ItemTexts]]:
        languages = None if self.request.format in FULL_FORMATS else [self.request.language]
        newest = self.request.options.texts == "newest"
        texts = await ListingService(self.session).live_texts(ids, languages, newest=newest)
        by_people = [
            product_id
            for product_id, by_language in texts.items()
            if any(not each.ai_written for each in by_language.values())
        ]
        for (product_id, language), written in (await self.written_by_ai(by_people)).items():
            own = texts[product_id].get(language)
            if own is not None and not own.ai_written:
                own.ai_written = descends_from(own, written)
        return texts

    async def written_by_ai(self, ids: Sequence[uuid.UUID]) -> dict[tuple[uuid.UUID, str], list[str]]:
        """What an engine ever wrote for these products."""
        if not ids:
            return {}
        content = ListingVersion.content
        rows = await self.session.execute(
            select(
                ListingVersion.product_id,
                ListingVersion.language,
                content["title"].astext,
                content["description"].astext,
                content["bullets"],
            ).where(ListingVersion.product_id.in_(ids), ListingVersion.author_kind == "ai")
        )
        found: dict[tuple[uuid.UUID, str], list[str]] = {}
        for product_id, language, title, description, bullets in rows:
            found.setdefault((product_id, language), []).extend([title or "", description or "", *(bullets or [])])
        return found


def descends_from(texts: ItemTexts, written: list[str]) -> bool:
    """Whether anything that AI wrote is left: the title, or a run of five words.

    Google asks to mark what was created with AI. A person's corrections do not change that, so a text is a person's
    own only when it was written anew.
    """
    theirs: set[tuple[str, ...]] = set()
    for text in written:
        theirs |= word_runs(text)
    ours = word_runs(texts.title) | word_runs(texts.description)
    for bullet in texts.bullets:
        ours |= word_runs(bullet)
    return not theirs.isdisjoint(ours)


def word_runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    if not words:
        return set()
    if len(words) <= SHARED_WORDS:
        return {tuple(words)}
    return {tuple(words[start : start + SHARED_WORDS]) for start in range(len(words) - SHARED_WORDS + 1)}


def money(row: Any) -> Money | None:
    if row.price_amount is None or row.price_currency is None:
        return None
    return Money.model_construct(amount=plain_amount(row.price_amount), currency=row.price_currency)


def attribute(stored: dict[str, Any]) -> ProductAttribute:
    """Checked when it was stored."""
    return ProductAttribute.model_construct(
        name=stored["name"],
        type=stored.get("type") or "text",
        value=stored["value"],
        unit=stored.get("unit"),
    )


def extra_of(extra: dict[str, dict[str, str]], keys: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key in reversed(keys):
        found |= extra.get(key, {})
    return found


def all_extra(extra: dict[str, dict[str, str]]) -> dict[str, str]:
    return {f"{key}:{column}": value for key, columns in extra.items() for column, value in columns.items()}
