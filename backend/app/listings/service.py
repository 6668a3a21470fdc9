"""Versions of listings: reading them, and what engines and imports add.

What an engine writes becomes a new version to review. It takes the place of what an engine wrote before; beside what a
person wrote, or approved, it waits as a proposal.
"""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.common.entity_tags import entity_tag
from app.common.paging import InvalidCursor, Page, decode_cursor, encode_cursor
from app.facts.fingerprint import fingerprint_of
from app.facts.schemas import MergedFactRead
from app.facts.service import FactService
from app.formats.items import ItemTexts
from app.listings.checking import CheckBasis, as_merged, usable
from app.listings.contents import item_texts, same_claims, same_texts, stored_content, with_ordered_alt_texts
from app.listings.errors import ListingNotFound
from app.listings.imported import ImportedText, import_texts
from app.listings.models import ListingVersion
from app.listings.repository import ListingRepository
from app.listings.schemas import ListingRead, ListingVersionRead
from app.listings.standing import ReviewStatus, Standing, is_by_engine, review_status, standing_of, standings
from app.listings.suppliers import supplier_warnings
from app.products.reviewing import ProductReviewing
from app.products.service import ProductService
from shared.models.base import now
from shared.models.generate import Listing, ProductContext

# A history longer than this is read page by page.
MAX_FULL_VERSIONS = 200


def version_tag(row: Any) -> str:
    return f"{row.version}.{row.revision}"


def version_fields(row: Any, standing: Standing) -> dict[str, Any]:
    names = (
        "id", "language", "version", "status", "author_kind", "author", "author_id", "restored_from", "run_id",
        "created_at", "checked", "open_claims", "reviewed_by", "reviewed_at", "review_note",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in names},
        "etag": entity_tag(version_tag(row)),
        "live": standing.live is not None and standing.live.id == row.id,
        "current": standing.current is not None and standing.current.id == row.id,
        "proposal": row.id in standing.proposals,
        "warning_count": len(row.warnings),
    }


def version_read(row: Any, standing: Standing) -> ListingVersionRead:
    return ListingVersionRead.model_validate(version_fields(row, standing))


def listing_read(row: ListingVersion, standing: Standing, fingerprint: str) -> ListingRead:
    return ListingRead.model_validate(
        {
            **version_fields(row, standing),
            "live_id": standing.live.id if standing.live else None,
            "live_version": standing.live.version if standing.live else None,
            "newest_version": standing.newest.version if standing.newest else row.version,
            "proposal_id": next((each for each in standing.proposals if each != row.id), None),
            "facts_changed": row.facts_fingerprint is not None and row.facts_fingerprint != fingerprint,
            "content": {**row.content, "claims": row.claims, "grounding": row.grounding},
            "facts": row.facts,
            "overrulings": row.overrulings,
            "warnings": row.warnings,
        }
    )


class ListingService:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.repository = ListingRepository(session)

    # Reading

    async def current(self, product_id: uuid.UUID) -> list[ListingRead]:
        """For each language the version to work on."""
        by_language = standings(await self.repository.heads([product_id]))
        wanted = [standing.current.id for standing in by_language.values() if standing.current]
        return await self._read(product_id, wanted, by_language)

    async def versions(self, product_id: uuid.UUID) -> list[ListingRead]:
        by_language = standings(await self.repository.heads([product_id]))
        wanted = await self.repository.versions(product_id, None, MAX_FULL_VERSIONS)
        return await self._read(product_id, wanted, by_language)

    async def history(
        self, product_id: uuid.UUID, language: str | None, limit: int, cursor: str | None
    ) -> Page[ListingVersionRead]:
        """Versions without their texts, newest first."""
        before = position(cursor) if cursor is not None else None
        heads = {head.id: head for head in await self.repository.heads([product_id], language)}
        by_language = standings(heads.values())
        found = await self.repository.versions(product_id, language, limit + 1, before)
        return Page(
            items=[version_read(heads[each], by_language[heads[each].language]) for each in found[:limit]],
            next_cursor=encode_cursor(found[limit - 1]) if len(found) > limit else None,
            total=len(heads),
        )

    async def get(self, product_id: uuid.UUID, listing_id: uuid.UUID) -> ListingRead:
        return await self.read(await self.require(product_id, listing_id))

    async def read(self, row: ListingVersion) -> ListingRead:
        standing = standing_of(await self.repository.heads([row.product_id], row.language))
        return listing_read(row, standing, await self.fingerprint(row.product_id))

    async def _read(
        self, product_id: uuid.UUID, listing_ids: Sequence[uuid.UUID], by_language: dict[str, Standing]
    ) -> list[ListingRead]:
        rows = await self.repository.by_ids(listing_ids)
        fingerprint = await self.fingerprint(product_id) if rows else ""
        return [listing_read(row, by_language[row.language], fingerprint) for row in rows]

    async def require(self, product_id: uuid.UUID, listing_id: uuid.UUID, *, lock: bool = False) -> ListingVersion:
        row = await self.repository.find(product_id, listing_id, lock=lock)
        if row is None:
            raise ListingNotFound("The product has no such listing.")
        return row

    async def languages(self, product_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
        return await self.repository.languages(product_ids)

    async def live_texts(
        self, product_ids: Sequence[uuid.UUID], languages: Sequence[str] | None = None, *, newest: bool = False
    ) -> dict[uuid.UUID, dict[str, ItemTexts]]:
        """By product and language the approved texts; with `newest` those to work on, where nobody rejected them."""
        chosen: dict[uuid.UUID, Any] = {}
        by_product: dict[uuid.UUID, list[Any]] = {}
        for head in await self.repository.heads(product_ids):
            if languages is None or head.language in languages:
                by_product.setdefault(head.product_id, []).append(head)
        for heads in by_product.values():
            for standing in standings(heads).values():
                head = standing.current if newest else standing.live
                if head is not None and head.status != "rejected":
                    chosen[head.id] = head
        contents = await self.repository.contents(chosen)
        texts: dict[uuid.UUID, dict[str, ItemTexts]] = {}
        for listing_id, content in contents.items():
            head = chosen[listing_id]
            by_engine = head.author_kind == "ai"
            texts.setdefault(head.product_id, {})[head.language] = item_texts(content, ai_written=by_engine)
        return texts

    async def review_status(self, product_id: uuid.UUID) -> ReviewStatus:
        """What the product's status is as far as its texts decide it."""
        languages = (await ProductReviewing(self.session).languages_of([product_id])).get(product_id, [])
        return review_status(languages, standings(await self.repository.heads([product_id])))

    # What a check is made by

    async def fingerprint(self, product_id: uuid.UUID) -> str:
        return await FactService(self.session).fingerprint(product_id)

    async def basis(self, product_id: uuid.UUID) -> CheckBasis:
        products = ProductService(self.session)
        product = await products.require(product_id)
        merged = await FactService(self.session).merged(product_id)
        # As for the writers: what the merchant says counts before the first merge, too.
        facts = usable(merged) if merged else [as_merged(fact) for fact in await products.merchant_facts(product_id)]
        context = ProductContext(
            sku=product.sku, name=product.name, brand=product.brand or None, category=product.category or None
        )
        return CheckBasis(context, facts, fingerprint_of(merged))

    # What is added without a person

    async def add_written(
        self, product_id: uuid.UUID, run_id: uuid.UUID, listing: Listing, facts: Sequence[MergedFactRead]
    ) -> ListingRead:
        """A new version by an engine; the facts are kept as they were, so that its claims stay traceable.

        When the engine wrote what it wrote before, there is nothing new to review.
        """
        await ProductService(self.session).require(product_id, lock=True)
        listing = with_ordered_alt_texts(listing)
        content = stored_content(listing)
        claims = [claim.model_dump(mode="json") for claim in listing.claims]
        fingerprint = fingerprint_of(facts)
        heads = await self.repository.heads([product_id], listing.language)
        standing = standing_of(heads)
        before = await self.repository.newest_by_engine(product_id, listing.language)
        if (
            before is not None
            and (before.status != "superseded" or standing.current is not None)
            and same_texts(before.content, content)
            and same_claims(before.claims, claims)
        ):
            # Written anew by the facts of today, it came out the same: it is not out of date.
            before.facts_fingerprint = fingerprint
            await self.session.flush()
            return await self.read(before)
        outdated = [head.id for head in heads if head.status == "needs_review" and is_by_engine(head)]
        await self.repository.change(outdated, status="superseded")
        row = ListingVersion(
            product_id=product_id,
            language=listing.language,
            version=(standing.newest.version if standing.newest else 0) + 1,
            author_kind="ai",
            author="ai",
            run_id=run_id,
            content=content,
            claims=claims,
            grounding=listing.grounding.model_dump(mode="json"),
            open_claims=sum(1 for claim in claims if claim["verdict"] == "unsupported"),
            warnings=await supplier_warnings(self.session, content, facts),
            facts=[fact.model_dump(mode="json") for fact in facts],
            facts_fingerprint=fingerprint,
        )
        self.repository.add(row)
        await self.session.flush()
        await self.session.refresh(row)
        return await self.read(row)

    async def add_imported_many(
        self,
        texts: Iterable[tuple[uuid.UUID, str, ItemTexts]],
        *,
        approve: bool = False,
        author: str = "Import",
        author_id: uuid.UUID | None = None,
    ) -> set[uuid.UUID]:
        """What a file says, as new versions where it says something else than is there; answers of which products.

        With `approve` they go live unchecked, as the shop sells with them already.
        """
        imported = ImportedText(author, author_id, "approved" if approve else "needs_review", now())
        return await import_texts(self.session, list(texts), imported)

    async def mentioned_images(self, shown: Sequence[tuple[uuid.UUID, str]]) -> set[str]:
        """Of photos (product, SHA-256), those that a version of the product's listings refers to anywhere."""
        statement = text(
            "SELECT DISTINCT former.sha256 "
            "FROM unnest(CAST(:products AS uuid[]), CAST(:hashes AS text[])) AS former (product_id, sha256) "
            "JOIN listings ON listings.product_id = former.product_id "
            "WHERE strpos(CAST(listings AS text), former.sha256) > 0"
        )
        parameters = {"products": [each for each, _ in shown], "hashes": [each for _, each in shown]}
        return set((await self.session.scalars(statement, parameters)).all())


def position(cursor: str) -> uuid.UUID:
    (identifier,) = decode_cursor(cursor, 1)
    try:
        return uuid.UUID(str(identifier))
    except ValueError:
        raise InvalidCursor("Use next_cursor as it was given.") from None
