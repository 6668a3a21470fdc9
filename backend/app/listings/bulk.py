"""Approve, check and take back many texts at once: a handful of statements for each thousand."""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.dependencies import Principal
from app.common.identifiers import new_id
from app.facts.service import FactService
from app.listings.bulk_repository import BulkRepository
from app.listings.errors import BulkNotFound
from app.listings.following import follow_texts
from app.listings.repository import ListingRepository
from app.listings.review import before_of, defer_check
from app.listings.schemas import (
    BlockedReason,
    BulkApprove,
    BulkApproved,
    BulkCheck,
    BulkSelection,
    BulkUndone,
    NotApproved,
)
from app.listings.standing import Standing, standing_of
from app.products.reviewing import ProductReviewing
from shared.models.base import now

# One call changes no more than this, so that it ends in time; the answer says whether there is more.
MAX_AT_ONCE = 10_000
CHUNK = 1000
MAX_BLOCKED_TOLD = 200
CHECKS_A_JOB = 50

Text = tuple[uuid.UUID, str]


@dataclass(slots=True)
class Sifted:
    """What may be approved, and why the rest may not."""

    good: list[Any] = field(default_factory=list)
    blocked: list[NotApproved] = field(default_factory=list)
    reasons: Counter[BlockedReason] = field(default_factory=Counter)

    def block(self, head: Any, reason: BlockedReason) -> None:
        self.reasons[reason] += 1
        if len(self.blocked) < MAX_BLOCKED_TOLD:
            self.blocked.append(
                NotApproved(product_id=head.product_id, listing_id=head.id, language=head.language, reason=reason)
            )


class BulkReview:
    def __init__(self, session: AsyncSession, principal: Principal) -> None:
        self.session = session
        self.principal = principal
        self.repository = BulkRepository(session)
        self.listings = ListingRepository(session)
        self.products = ProductReviewing(session)

    async def approve(self, body: BulkApprove) -> BulkApproved:
        candidates = await self.repository.to_review(body, MAX_AT_ONCE + 1)
        more = len(candidates) > MAX_AT_ONCE
        candidates = candidates[:MAX_AT_ONCE]
        sifted = Sifted()
        bulk_id = new_id()
        for first in range(0, len(candidates), CHUNK):
            await self._chunk(candidates[first : first + CHUNK], body, sifted, bulk_id)
        approved = len(sifted.good)
        return BulkApproved(
            bulk_id=bulk_id if approved and not body.dry_run else None,
            dry_run=body.dry_run,
            approved=approved,
            not_approved=sum(sifted.reasons.values()),
            reasons=dict(sifted.reasons),
            blocked=sifted.blocked,
            more=more,
        )

    async def _chunk(
        self, candidates: Sequence[tuple[uuid.UUID, uuid.UUID]], body: BulkApprove, sifted: Sifted, bulk_id: uuid.UUID
    ) -> None:
        product_ids = {product_id for _, product_id in candidates}
        languages = (
            await self.products.languages_of(product_ids) if body.dry_run else await self.products.lock(product_ids)
        )
        # Read after the lock: what somebody decided meanwhile is seen.
        by_text: dict[Text, list[Any]] = {}
        for head in await self.listings.heads(languages):
            by_text.setdefault((head.product_id, head.language), []).append(head)
        standing_by_text = {text: standing_of(heads) for text, heads in by_text.items()}
        wanted = {listing_id for listing_id, _ in candidates}
        heads = [head for each in by_text.values() for head in each if head.id in wanted]
        good = await self._sift(heads, standing_by_text, body.allow_supplier_text, sifted)
        sifted.good += good
        if not body.dry_run:
            await self._approve(good, by_text, languages, bulk_id)

    async def _sift(
        self, heads: Sequence[Any], standing_by_text: Mapping[Text, Standing], allow_supplier_text: bool, sifted: Sifted
    ) -> list[Any]:
        doubtful = [head for head in heads if head.status == "needs_review" and head.checked and not head.open_claims]
        conflicted = await self._cites_conflict(doubtful)
        good = []
        for head in heads:
            if head.status != "needs_review":
                continue
            if head.id in standing_by_text[head.product_id, head.language].proposals:
                # Whether an engine's text takes the place of a person's is for a person to see.
                sifted.block(head, "proposal")
            elif not head.checked:
                sifted.block(head, "listing-not-checked")
            elif head.open_claims:
                sifted.block(head, "unsupported-claims")
            elif head.id in conflicted:
                sifted.block(head, "cites-conflict")
            elif head.warnings and not allow_supplier_text:
                sifted.block(head, "repeats-supplier")
            else:
                good.append(head)
        return good

    async def _cites_conflict(self, heads: Sequence[Any]) -> set[uuid.UUID]:
        """Those that rest on a fact whose sources disagree, undecided."""
        facts = FactService(self.session)
        counts = await facts.conflict_counts([head.product_id for head in heads])
        affected = [head for head in heads if counts.get(head.product_id)]
        if not affected:
            return set()
        names = await self.repository.cited_names([head.id for head in affected])
        disputed = {
            product_id: {conflict.name for conflict in await facts.conflicts(product_id)}
            for product_id in {head.product_id for head in affected}
        }
        return {head.id for head in affected if names.get(head.id, set()) & disputed[head.product_id]}

    async def _approve(
        self,
        good: Sequence[Any],
        by_text: Mapping[Text, Sequence[Any]],
        languages: Mapping[uuid.UUID, Sequence[str]],
        bulk_id: uuid.UUID,
    ) -> None:
        acts: list[dict[str, Any]] = []
        replaced: list[uuid.UUID] = []
        for head in good:
            common = {
                "act_id": new_id(),
                "bulk_id": bulk_id,
                "product_id": head.product_id,
                "language": head.language,
                "kind": "approve",
                "actor": self.principal.name,
                "actor_id": self.principal.id,
            }
            acts.append(self._act(common, head, "approved", subject=True))
            for other in by_text[head.product_id, head.language]:
                older = other.status == "needs_review" and other.version < head.version
                if other.id != head.id and (other.status == "approved" or older):
                    replaced.append(other.id)
                    acts.append(self._act(common, other, "superseded", subject=False))
        await self.listings.change(replaced, status="superseded")
        await self.listings.change(
            [head.id for head in good],
            status="approved",
            reviewed_by=self.principal.name,
            reviewed_at=now(),
            review_note=None,
        )
        await self.listings.insert_acts(acts)
        await follow_texts(self.session, {head.product_id for head in good}, languages)

    @staticmethod
    def _act(common: Mapping[str, Any], head: Any, after: str, *, subject: bool) -> dict[str, Any]:
        return {
            **common,
            "listing_id": head.id,
            "subject": subject,
            "status_before": head.status,
            "status_after": after,
            "before": before_of(head),
        }

    async def undo(self, bulk_id: uuid.UUID) -> BulkUndone:
        """Give back what the bulk approval changed; what somebody decided since stays."""
        products = await self.repository.products_of(bulk_id)
        if not products:
            raise BulkNotFound("There is no such bulk approval.")
        undone = kept = 0
        for first in range(0, len(products), CHUNK):
            chunk = products[first : first + CHUNK]
            languages = await self.products.lock(chunk)
            done, left = await self.repository.give_back(bulk_id, chunk)
            undone, kept = undone + done, kept + left
            await follow_texts(self.session, languages, languages)
        return BulkUndone(undone=undone, kept=kept)

    async def check(self, body: BulkSelection, ui_language: str) -> BulkCheck:
        """Have the worker check what is not checked yet."""
        listing_ids = await self.repository.unchecked(body, MAX_AT_ONCE)
        for first in range(0, len(listing_ids), CHECKS_A_JOB):
            await defer_check(self.session, listing_ids[first : first + CHECKS_A_JOB], ui_language)
        return BulkCheck(queued=len(listing_ids))
