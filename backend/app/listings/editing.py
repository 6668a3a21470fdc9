"""Edits with their check: read, ask the service without any transaction open, write.

What was written is kept when the service is down; the check is made up for as soon as it answers.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.dependencies import Principal
from app.common.entity_tags import check_if_match, entity_tag
from app.database import Sessions
from app.gateway.services import Services
from app.listings.checking import CheckBasis, CheckError, CheckOutcome, KnownClaims, ListingChecker
from app.listings.contents import PERSON, edited, empty_content, same_texts
from app.listings.review import ListingReview, NewVersion, refuse_judged, refuse_superseded
from app.listings.schemas import ListingCheck, ListingCreate, ListingDraft, ListingRead
from app.listings.service import ListingService, version_tag
from app.listings.supplier_texts import SupplierText
from app.listings.suppliers import merchant_texts, supplier_pages, warnings_about


@dataclass(frozen=True, slots=True)
class Basis:
    """All that an edit is checked by, read in one short session."""

    check: CheckBasis
    pages: list[SupplierText]
    own_texts: list[str]

    @classmethod
    async def read(cls, session: AsyncSession, product_id: uuid.UUID) -> "Basis":
        check = await ListingService(session).basis(product_id)
        return cls(check, await supplier_pages(session, check.facts), merchant_texts(check.facts))

    async def warnings(self, content: Mapping[str, Any]) -> list[dict[str, Any]]:
        return await warnings_about(content, self.pages, self.own_texts)


class ListingEditor:
    def __init__(self, sessions: Sessions, services: Services, principal: Principal) -> None:
        self.sessions = sessions
        self.checker = ListingChecker(services)
        self.principal = principal

    async def create(self, product_id: uuid.UUID, body: ListingCreate) -> ListingRead:
        async with self.sessions() as session:
            basis = await Basis.read(session, product_id)
        content = edited(empty_content(body.language, PERSON), body)
        made = await self._made(content, basis, body.ui_language, None)
        async with self.sessions.begin() as session:
            return await ListingReview(session, self.principal).create(product_id, body.language, made)

    async def edit(
        self, product_id: uuid.UUID, listing_id: uuid.UUID, body: ListingDraft, if_match: str | None
    ) -> ListingRead:
        async with self.sessions() as session:
            basis = await Basis.read(session, product_id)
            listings = ListingService(session)
            row = await listings.require(product_id, listing_id)
            check_if_match(if_match, version_tag(row))
            refuse_superseded(row)
            content = edited(row.content, body)
            if same_texts(content, row.content):
                return await listings.read(row)
        known = known_claims(row, basis)
        made = await self._made(content, basis, body.ui_language, known)
        async with self.sessions.begin() as session:
            return await ListingReview(session, self.principal).edit(product_id, listing_id, if_match, made)

    async def check_draft(self, product_id: uuid.UUID, listing_id: uuid.UUID, body: ListingDraft) -> ListingCheck:
        """Raises one of CheckError."""
        async with self.sessions() as session:
            basis = await Basis.read(session, product_id)
            row = await ListingService(session).require(product_id, listing_id)
        content = edited(row.content, body)
        outcome = await self.checker.check(content, basis.check, body.ui_language, known_claims(row, basis))
        return ListingCheck.model_validate(
            {
                "claims": outcome.claims,
                "grounding": outcome.grounding,
                "warnings": await basis.warnings(content),
                "facts": cited(outcome.claims, basis.check),
            }
        )

    async def check_again(
        self, product_id: uuid.UUID, listing_id: uuid.UUID, ui_language: str, if_match: str | None
    ) -> ListingRead:
        """By the facts of today. Raises one of CheckError."""
        async with self.sessions() as session:
            basis = await Basis.read(session, product_id)
            row = await ListingService(session).require(product_id, listing_id)
            check_if_match(if_match, version_tag(row))
        refuse_judged(row)
        outcome = await self.checker.check(row.content, basis.check, ui_language, known_claims(row, basis))
        warnings = await basis.warnings(row.content)
        async with self.sessions.begin() as session:
            review = ListingReview(session, self.principal)
            # Also for `*`: what is stored is about the very revision that was read.
            tag = entity_tag(version_tag(row))
            return await review.store_check(product_id, listing_id, basis.check, outcome, warnings, if_match=tag)

    async def _made(
        self, content: dict[str, Any], basis: Basis, ui_language: str, known: KnownClaims | None
    ) -> NewVersion:
        outcome: CheckOutcome | None
        try:
            outcome = await self.checker.check(content, basis.check, ui_language, known)
        except CheckError:
            outcome = None
        return NewVersion(content, basis.check, outcome, await basis.warnings(content), ui_language)


def known_claims(row: Any, basis: Basis) -> KnownClaims | None:
    """By other facts every claim is another question."""
    if not row.checked or row.facts_fingerprint != basis.check.fingerprint:
        return None
    return KnownClaims(row.content, row.claims)


def cited(claims: Sequence[Mapping[str, Any]], basis: CheckBasis) -> list[Any]:
    wanted = {fact_id for claim in claims for fact_id in claim["fact_ids"]}
    return [fact for fact in basis.facts if fact.id in wanted]
