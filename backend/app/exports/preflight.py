"""Goes through what would be exported and tells what the shop would refuse, without writing a file.

One call checks at most 10,000 products, to the end of the last family. The cursor says where those begin, and how many
problems of theirs were shown already: a family or a handle is understood only with what stands before it.
"""

import asyncio
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.common.paging import InvalidCursor, decode_cursor, encode_cursor
from app.exports.checks import KINDS, Finding, ProductChecks, TextState
from app.exports.reading import ExportedProduct, ProductReader
from app.exports.repository import as_uuid
from app.exports.schemas import ExportProblem, ExportRequest, Preflight, ProblemCount, ProductProblems
from app.exports.selection import ROOT, Selection, SelectionReader, products, selection_of, since_last
from app.listings.models import ListingVersion
from app.media.public_urls import PublicMedia

MAX_CHECKED = 10_000
NO_PUBLIC_MEDIA = ExportProblem(
    code="no-public-media-url",
    severity="error",
    message="PUBLIC_MEDIA_URL is not set, so the file has no addresses of photos. Set it to the address under which "
    "the shop reaches this server.",
)
NO_CURRENCY = ExportProblem(
    code="no-currency",
    severity="warning",
    message="The file does not say which currency its prices are in, and all are written as they are. Choose the "
    "shop's currency, and prices in another one are left out.",
)


@dataclass(slots=True)
class Scan:
    """What is known after some families. `unchecked` is where the next call goes on."""

    limit: int
    skip: int
    checked: int = 0
    listed: int = 0
    items: list[ProductProblems] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    family: uuid.UUID | None = None
    unchecked: uuid.UUID | None = None

    def take(self, product: ExportedProduct, found: list[Finding]) -> bool:
        """False when there is no room for another family."""
        family = product.parent_id or product.id
        if self.checked >= MAX_CHECKED and family != self.family:
            self.unchecked = family
            return False
        self.family = family
        self.checked += 1
        self.counts.update({finding.code for finding in found})
        if found:
            self.listed += 1
            if self.skip < self.listed <= self.skip + self.limit:
                self.items.append(problems_of(product, found))
        return True

    def next_cursor(self, start: uuid.UUID | None) -> str | None:
        if self.listed > self.skip + self.limit:
            return encode_cursor(start, self.skip + self.limit)
        return encode_cursor(self.unchecked, 0) if self.unchecked is not None else None


class PreflightService:
    def __init__(self, session: AsyncSession, media: PublicMedia, user_id: uuid.UUID | None) -> None:
        self.session = session
        self.media = media
        self.user_id = user_id

    async def run(self, request: ExportRequest, limit: int, cursor: str | None) -> Preflight:
        start, skip = position(cursor)
        since = await since_last(self.session, request.target) if request.scope == "changed" else None
        selection = await selection_of(self.session, request, since, self.user_id)
        total = await SelectionReader(self.session, selection).count()
        rest = selection if start is None else Selection([*selection.conditions, start <= ROOT])
        reader = ProductReader(self.session, request, self.media)
        checks = ProductChecks(request)
        scan = Scan(limit, skip)
        async for batch in reader.batches(rest):
            states = await self.states([each.id for each in batch], request.language)
            variants = await self.variant_counts([each.id for each in batch], selection)
            found = await asyncio.to_thread(check_all, checks, batch, states, variants)
            if not all(scan.take(product, findings) for product, findings in zip(batch, found, strict=True)):
                break
        return Preflight(
            product_count=total,
            checked=scan.checked,
            complete=scan.unchecked is None,
            general=self.general(request),
            summary=summary_of(scan.counts),
            items=scan.items,
            next_cursor=scan.next_cursor(start),
        )

    def general(self, request: ExportRequest) -> list[ExportProblem]:
        found = []
        if self.media.base_url is None:
            found.append(NO_PUBLIC_MEDIA)
        if request.format in {"shopify", "woocommerce"} and request.options.currency is None:
            found.append(NO_CURRENCY)
        return found

    async def states(self, ids: Sequence[uuid.UUID], language: str) -> dict[uuid.UUID, TextState]:
        live = ListingVersion.status.in_(("approved", "needs_review"))
        rows = await self.session.execute(
            select(
                ListingVersion.product_id,
                func.bool_or(ListingVersion.status == "needs_review"),
                func.max(ListingVersion.open_claims),
            )
            .where(ListingVersion.product_id.in_(ids), ListingVersion.language == language, live)
            .group_by(ListingVersion.product_id)
        )
        return {product_id: TextState(has_draft, open_claims) for product_id, has_draft, open_claims in rows}

    async def variant_counts(self, ids: Sequence[uuid.UUID], selection: Selection) -> dict[uuid.UUID, int]:
        query = selection.query(products.c.parent_id, func.count()).where(products.c.parent_id.in_(ids))
        rows = await self.session.execute(query.group_by(products.c.parent_id))
        return {row[0]: row[1] for row in rows}


def position(cursor: str | None) -> tuple[uuid.UUID | None, int]:
    if cursor is None:
        return None, 0
    start, skip = decode_cursor(cursor, 2)
    if not isinstance(skip, int) or not 0 <= skip <= 10 * MAX_CHECKED:
        raise InvalidCursor("Use next_cursor as it was given.")
    return None if start is None else as_uuid(start), skip


def check_all(
    checks: ProductChecks,
    batch: list[ExportedProduct],
    states: dict[uuid.UUID, TextState],
    variants: dict[uuid.UUID, int],
) -> list[list[Finding]]:
    return [
        checks.check(product, states.get(product.id, TextState()), variant_count=variants.get(product.id, 0))
        for product in batch
    ]


def problems_of(product: ExportedProduct, found: list[Finding]) -> ProductProblems:
    problems = [
        ExportProblem(
            code=finding.code,
            severity=KINDS[finding.code].severity,
            message=f"{KINDS[finding.code].meaning} {finding.detail}".strip(),
            field=finding.field,
        )
        for finding in found
    ]
    return ProductProblems(
        product_id=product.id,
        sku=product.item.sku,
        name=product.name,
        problems=sorted(problems, key=lambda each: each.severity),
    )


def summary_of(counts: Counter[str]) -> list[ProblemCount]:
    found = [
        ProblemCount(code=code, severity=KINDS[code].severity, message=KINDS[code].meaning, products=count)
        for code, count in counts.items()
    ]
    return sorted(found, key=lambda each: (each.severity, -each.products, each.code))
