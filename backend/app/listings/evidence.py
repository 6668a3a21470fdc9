"""The evidence report: for each sentence of a listing what it rests on, down to the words on the page."""

import asyncio
import base64
import uuid
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any, Literal

from PIL import Image
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from app.facts.schemas import FactSource, MergedFactRead
from app.listings.models import ListingVersion
from app.listings.repository import ListingRepository
from app.listings.schemas import ListingVersionRead, Overruling, SupplierWarning
from app.listings.service import ListingService, version_read
from app.listings.standing import standing_of
from app.media.errors import MediumNotFound, StorageUnavailable
from app.media.service import MediaService
from app.media.storage import Storage
from app.products.service import ProductService
from app.sources.errors import SnapshotNotFound
from app.sources.service import SourceService
from shared.models.base import ResponseModel, Timestamp, now
from shared.models.facts import ImageLocator, WebLocator
from shared.models.generate import Claim, Grounding

AROUND = 120
MAX_SOURCES_A_FACT = 6
MAX_CROPS = 60
CROP_MARGIN = 0.04
CROP_SIDE = 360
CROP_FROM = 1600


class EvidenceSource(ResponseModel):
    """One place that says so. `before` and `after` are the words around the quote in the page as it was read."""

    kind: Literal["merchant", "image", "web"]
    ref: str
    quote: str | None
    before: str = ""
    after: str = ""
    fetched_at: Timestamp | None = Field(default=None, description="When the page was read last.")
    page_title: str | None = None
    snapshot_sha256: str | None = None
    confidence: float
    crop: str | None = Field(default=None, description="The place in the photo, as a data URI.")


class EvidenceFact(ResponseModel):
    id: str
    name: str
    label: str
    value: str
    unit: str | None
    sources: list[EvidenceSource]
    more_sources: int = 0


class EvidenceClaim(ResponseModel):
    claim: Claim
    facts: list[str] = Field(description="Ids; the facts stand once in the report's `facts`.")
    overruled: Overruling | None


class EvidenceText(ResponseModel):
    """A text as it stands, to be read beside its claims."""

    field: str
    index: int | None
    text: str


class EvidenceReport(ResponseModel):
    product_id: uuid.UUID
    sku: str
    product_name: str
    listing: ListingVersionRead
    engine: str
    model: str | None
    generated_at: Timestamp
    facts_changed: bool
    grounding: Grounding
    texts: list[EvidenceText]
    claims: list[EvidenceClaim]
    facts: list[EvidenceFact]
    removed: list[Claim]
    overrulings: list[Overruling]
    warnings: list[SupplierWarning]


class EvidenceReader:
    def __init__(self, session: AsyncSession, storage: Storage) -> None:
        self.session = session
        self.listings = ListingService(session)
        self.media = MediaService(session, storage)
        self.snapshots: dict[str, str | None] = {}
        self.photos: dict[str, bytes | None] = {}
        self.crops = 0

    async def report(self, product_id: uuid.UUID, listing_id: uuid.UUID) -> EvidenceReport:
        product = await ProductService(self.session).require(product_id)
        row = await self.listings.require(product_id, listing_id)
        standing = standing_of(await ListingRepository(self.session).heads([product_id], row.language))
        overrulings = [Overruling.model_validate(each) for each in row.overrulings]
        by_claim = {each.claim_id: each for each in overrulings}
        claims = [Claim.model_validate(each) for each in row.claims]
        return EvidenceReport(
            product_id=product.id,
            sku=product.sku,
            product_name=product.name,
            listing=version_read(row, standing),
            engine=row.content["engine"],
            model=row.content["model"],
            generated_at=now(),
            facts_changed=row.facts_fingerprint is not None
            and row.facts_fingerprint != await self.listings.fingerprint(product_id),
            grounding=row.grounding,
            texts=texts_of(row.content),
            claims=[
                EvidenceClaim(claim=claim, facts=claim.fact_ids, overruled=by_claim.get(claim.id)) for claim in claims
            ],
            facts=await self._facts(product_id, row, claims),
            removed=[Claim.model_validate(each) for each in row.content["removed"]],
            overrulings=overrulings,
            warnings=row.warnings,
        )

    async def _facts(self, product_id: uuid.UUID, row: ListingVersion, claims: Sequence[Claim]) -> list[EvidenceFact]:
        cited = {fact_id for claim in claims for fact_id in claim.fact_ids}
        cited |= {fact_id for each in row.content["attributes"] for fact_id in each["fact_ids"]}
        pages = {page.url: page for page in await SourceService(self.session).of_product(product_id)}
        found = []
        for fact in (MergedFactRead.model_validate(each) for each in row.facts):
            if fact.id in cited:
                sources = [await self._source(each, pages) for each in fact.sources[:MAX_SOURCES_A_FACT]]
                found.append(
                    EvidenceFact(
                        id=fact.id,
                        name=fact.name,
                        label=fact.label,
                        value=fact.value,
                        unit=fact.unit,
                        sources=sources,
                        more_sources=len(fact.sources) - len(sources),
                    )
                )
        return found

    async def _source(self, found: FactSource, pages: Mapping[str, Any]) -> EvidenceSource:
        source = found.source
        read = EvidenceSource(
            kind=source.kind,
            ref=source.ref,
            quote=source.quote,
            snapshot_sha256=found.snapshot_sha256,
            confidence=found.confidence,
        )
        page = pages.get(source.ref)
        if source.kind == "web" and page is not None:
            read.page_title = page.title
            # The page may have been read again since; this time is that of the very snapshot or it is not told.
            read.fetched_at = page.fetched_at if page.snapshot_sha256 == found.snapshot_sha256 else None
        if isinstance(source.locator, WebLocator) and found.snapshot_sha256:
            text = await self._snapshot(found.snapshot_sha256)
            start, end = source.locator.start, source.locator.end
            if text is not None and start <= end <= len(text):
                read.before, read.after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
        if isinstance(source.locator, ImageLocator) and self.crops < MAX_CROPS:
            self.crops += 1
            read.crop = await self._crop(source.ref.removeprefix("sha256:"), source.locator.box)
        return read

    async def _snapshot(self, sha256: str) -> str | None:
        if sha256 not in self.snapshots:
            try:
                self.snapshots[sha256] = (await SourceService(self.session).snapshot(sha256)).text
            except SnapshotNotFound:
                self.snapshots[sha256] = None
        return self.snapshots[sha256]

    async def _crop(self, sha256: str, box: tuple[float, float, float, float]) -> str | None:
        if len(sha256) != 64 or not sha256.isalnum():
            return None
        if sha256 not in self.photos:
            try:
                rendition = await self.media.open_rendition(sha256, CROP_FROM)
                self.photos[sha256] = b"".join([chunk async for chunk in rendition.chunks])
            except (MediumNotFound, StorageUnavailable):
                # The report is worth having without the picture.
                self.photos[sha256] = None
        content = self.photos[sha256]
        return await asyncio.to_thread(cropped, content, box) if content is not None else None


def cropped(content: bytes, box: tuple[float, float, float, float]) -> str:
    """The box with a little around it, small, as a data URI."""
    x, y, width, height = box
    with Image.open(BytesIO(content), formats=("WEBP",)) as image:
        left, top = max(0.0, x - CROP_MARGIN), max(0.0, y - CROP_MARGIN)
        right, bottom = min(1.0, x + width + CROP_MARGIN), min(1.0, y + height + CROP_MARGIN)
        corners = (
            int(left * image.width),
            int(top * image.height),
            max(int(right * image.width), int(left * image.width) + 1),
            max(int(bottom * image.height), int(top * image.height) + 1),
        )
        part = image.convert("RGB").crop(corners)
    part.thumbnail((CROP_SIDE, CROP_SIDE))
    buffer = BytesIO()
    part.save(buffer, "WEBP", quality=80, method=2)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def texts_of(content: Mapping[str, Any]) -> list[EvidenceText]:
    texts: list[tuple[str, int | None, str]] = [("title", None, content["title"])]
    texts.append(("description", None, content["description"]))
    texts += [("bullets", index, text) for index, text in enumerate(content["bullets"])]
    texts += [("seo_title", None, content["seo_title"]), ("seo_description", None, content["seo_description"])]
    texts += [("keywords", index, text) for index, text in enumerate(content["keywords"])]
    texts += [("alt_texts", index, text) for index, text in enumerate(content["alt_texts"].values())]
    texts += [
        ("attributes", index, f"{each['name']}: {each['value']}") for index, each in enumerate(content["attributes"])
    ]
    return [EvidenceText(field=field, index=index, text=text) for field, index, text in texts if text]
