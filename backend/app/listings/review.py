"""What people do with a listing: a new version, approve, reject, restore, overrule a claim, and take that back.

Each act is remembered with what it changed, so that undoing gives back the statuses as they were; the texts never
changed in the first place.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.dependencies import Principal
from app.common.entity_tags import check_if_match
from app.common.identifiers import new_id
from app.jobs.queue import defer_job
from app.listings.checking import CheckBasis, CheckOutcome
from app.listings.contents import NO_GROUNDING
from app.listings.errors import (
    ClaimNotFound,
    ClaimNotUnsupported,
    ListingExists,
    ListingHasUnsupportedClaims,
    ListingNotChecked,
    ListingNotReviewable,
    ListingSuperseded,
    NothingToRestore,
    NothingToUndo,
)
from app.listings.following import follow_texts
from app.listings.models import ListingAct, ListingVersion
from app.listings.repository import ListingRepository
from app.listings.schemas import ListingRead
from app.listings.service import ListingService, version_tag
from app.listings.standing import Standing, is_by_engine, standing_of
from app.products.service import ProductService
from shared.models.base import now

MAX_TOLD = 50


@dataclass(frozen=True, slots=True)
class NewVersion:
    """What a person made. Without an outcome the check is still to be made."""

    content: dict[str, Any]
    basis: CheckBasis
    outcome: CheckOutcome | None
    warnings: list[dict[str, Any]]
    ui_language: str


def open_claims(claims: Sequence[Mapping[str, Any]], overrulings: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Claims that stand against an approval."""
    accepted = {overruling["claim_id"] for overruling in overrulings}
    return [dict(claim) for claim in claims if claim["verdict"] == "unsupported" and claim["id"] not in accepted]


def carried(overrulings: Sequence[Mapping[str, Any]], claims: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What was overruled stays so as long as the sentence is the same, wherever it moved."""
    by_text = {(each["field"], each["text"]): each for each in overrulings}
    found = []
    for claim in claims:
        overruling = by_text.get((claim["field"], claim["text"]))
        if overruling is not None and claim["verdict"] == "unsupported":
            found.append({**overruling, "claim_id": claim["id"]})
    return found


def checked_fields(
    basis: CheckBasis, outcome: CheckOutcome | None, overrulings: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The columns that a check fills."""
    claims = outcome.claims if outcome else []
    kept = carried(overrulings, claims) if outcome else list(overrulings)
    return {
        "claims": claims,
        "grounding": outcome.grounding if outcome else NO_GROUNDING.model_dump(mode="json"),
        "checked": outcome is not None,
        "overrulings": kept,
        "open_claims": len(open_claims(claims, kept)),
        "facts": [fact.model_dump(mode="json") for fact in basis.facts],
        "facts_fingerprint": basis.fingerprint,
    }


class ListingReview:
    def __init__(self, session: AsyncSession, principal: Principal) -> None:
        self.session = session
        self.principal = principal
        self.repository = ListingRepository(session)
        self.listings = ListingService(session)

    # New versions

    async def create(self, product_id: uuid.UUID, language: str, made: NewVersion) -> ListingRead:
        languages = await self._lock(product_id)
        standing = standing_of(await self.repository.heads([product_id], language))
        if standing.current is not None:
            raise ListingExists(f"Change version {standing.current.version} of the {language} text instead.")
        row = self._made(product_id, language, made, standing.newest)
        return await self._insert(languages, "create", row, [], made.ui_language)

    async def edit(
        self, product_id: uuid.UUID, listing_id: uuid.UUID, if_match: str | None, made: NewVersion
    ) -> ListingRead:
        languages, row = await self._open(product_id, listing_id, if_match)
        refuse_superseded(row)
        heads = await self.repository.heads([product_id], row.language)
        standing = standing_of(heads)
        refuse_beside(row, standing)
        replaced = [head for head in heads if head.status == "needs_review" and head.version <= row.version]
        new = self._made(product_id, row.language, made, standing.newest, row.overrulings)
        return await self._insert(languages, "edit", new, replaced, made.ui_language)

    async def restore(self, product_id: uuid.UUID, listing_id: uuid.UUID, if_match: str | None) -> ListingRead:
        """A new version with the very texts of an old one, and with the evidence that it had."""
        languages, old = await self._open(product_id, listing_id, if_match)
        heads = await self.repository.heads([product_id], old.language)
        standing = standing_of(heads)
        if standing.current is not None and standing.current.id == old.id:
            raise NothingToRestore(f"Version {old.version} is the one that is worked on.")
        row = ListingVersion(
            **{
                name: getattr(old, name)
                for name in (
                    "product_id", "language", "author_kind", "author", "author_id", "run_id", "content", "claims",
                    "grounding", "checked", "overrulings", "open_claims", "warnings", "facts", "facts_fingerprint",
                )
            },
            restored_from=old.id,
            version=(standing.newest.version if standing.newest else 0) + 1,
        )  # fmt: skip
        replaced = [head for head in heads if head.status == "needs_review"]
        return await self._insert(languages, "restore", row, replaced, "en")

    def _made(
        self,
        product_id: uuid.UUID,
        language: str,
        made: NewVersion,
        newest: Any | None,
        overrulings: Sequence[Mapping[str, Any]] = (),
    ) -> ListingVersion:
        return ListingVersion(
            product_id=product_id,
            language=language,
            version=(newest.version if newest is not None else 0) + 1,
            author_kind="human",
            author=self.principal.name,
            author_id=self.principal.id,
            content=made.content,
            warnings=made.warnings,
            **checked_fields(made.basis, made.outcome, overrulings),
        )

    async def _insert(
        self, languages: list[str], kind: str, row: ListingVersion, replaced: Sequence[Any], ui_language: str
    ) -> ListingRead:
        row.id = new_id()
        self.repository.add(row)
        await self.session.flush()
        await self.repository.change([head.id for head in replaced], status="superseded")
        # Taken back, a new version is one that something else followed.
        changes = [self._change(row, row.status, {}, subject=True, before="superseded")]
        changes += [self._change(head, "superseded", {}) for head in replaced]
        await self._remember(kind, changes)
        if not row.checked and row.author_kind != "import":
            await defer_check(self.session, [row.id], ui_language)
        return await self._finish(languages, row)

    # Decisions

    async def approve(
        self, product_id: uuid.UUID, listing_id: uuid.UUID, if_match: str | None, note: str | None
    ) -> ListingRead:
        languages, row = await self._open(product_id, listing_id, if_match)
        refuse_superseded(row)
        if row.status != "needs_review":
            raise ListingNotReviewable(f"Version {row.version} is {row.status}.", listing_status=row.status)
        if not row.checked:
            raise ListingNotChecked(
                "Its claims are checked as soon as the service answers; approve it then, or check it again now."
            )
        against = open_claims(row.claims, row.overrulings)
        if against:
            raise ListingHasUnsupportedClaims(
                f"{len(against)} claims have no fact behind them: change or overrule them, each with a reason.",
                claims=[
                    {name: claim[name] for name in ("id", "field", "index", "text", "reason")}
                    for claim in against[:MAX_TOLD]
                ],
            )
        heads = await self.repository.heads([product_id], row.language)
        replaced = [
            head
            for head in heads
            if head.id != row.id
            and (head.status == "approved" or (head.status == "needs_review" and head.version < row.version))
        ]
        changes = [self._change(row, "approved", before_of(row), subject=True)]
        changes += [self._change(head, "superseded", before_of(head)) for head in replaced]
        # The former one first: two live versions of one text cannot be, not even for a moment.
        await self.repository.change([head.id for head in replaced], status="superseded")
        await self.repository.change([row.id], status="approved", **self._reviewed(note))
        await self._remember("approve", changes)
        return await self._finish(languages, row)

    async def reject(
        self, product_id: uuid.UUID, listing_id: uuid.UUID, if_match: str | None, reason: str
    ) -> ListingRead:
        """Of a live version too: then none is."""
        languages, row = await self._open(product_id, listing_id, if_match)
        refuse_superseded(row)
        if row.status == "rejected":
            raise ListingNotReviewable(f"Version {row.version} is rejected already.", listing_status=row.status)
        changes = [self._change(row, "rejected", before_of(row), subject=True)]
        await self.repository.change([row.id], status="rejected", **self._reviewed(reason))
        await self._remember("reject", changes)
        return await self._finish(languages, row)

    async def overrule(
        self, product_id: uuid.UUID, listing_id: uuid.UUID, claim_id: str, if_match: str | None, reason: str
    ) -> ListingRead:
        """A person answers for a claim that no fact supports."""
        languages, row = await self._open(product_id, listing_id, if_match)
        refuse_superseded(row)
        claim = next((each for each in row.claims if each["id"] == claim_id), None)
        if claim is None:
            raise ClaimNotFound("This version has no such claim.")
        if claim not in open_claims(row.claims, row.overrulings):
            raise ClaimNotUnsupported("It is supported, sets the tone only, or was overruled before.")
        overruling = {
            "claim_id": claim_id,
            "field": claim["field"],
            "text": claim["text"],
            "reason": reason,
            "by": self.principal.name,
            "by_id": str(self.principal.id) if self.principal.id else None,
            "at": now().isoformat(),
        }
        overrulings = [*row.overrulings, overruling]
        changes = [self._change(row, row.status, {"overrulings": row.overrulings}, subject=True)]
        await self.repository.change(
            [row.id], overrulings=overrulings, open_claims=len(open_claims(row.claims, overrulings))
        )
        await self._remember("overrule", changes)
        return await self._finish(languages, row)

    async def undo(self, product_id: uuid.UUID, listing_id: uuid.UUID, if_match: str | None) -> ListingRead:
        """Take back the last act on the text, when it was about this version."""
        languages, row = await self._open(product_id, listing_id, if_match)
        act = await self.repository.last_act(product_id, row.language)
        if act is None or act.listing_id != row.id:
            raise NothingToUndo(
                "Nobody did anything with this version that could be taken back."
                if act is None
                else "The last act was about another version of this text; take that one back first."
            )
        changes = await self.repository.acts(act.act_id)
        statuses = {head.id: head.status for head in await self.repository.heads([product_id], row.language)}
        if any(statuses.get(change.listing_id) != change.status_after for change in changes):
            raise NothingToUndo("Something else happened to these versions since; nothing was changed.")
        await give_back(self.repository, changes)
        await self.repository.mark_undone([act.act_id])
        return await self._finish(languages, row)

    # The check that could not be made at once, or is out of date

    async def store_check(
        self,
        product_id: uuid.UUID,
        listing_id: uuid.UUID,
        basis: CheckBasis,
        outcome: CheckOutcome,
        warnings: list[dict[str, Any]],
        *,
        if_match: str | None,
    ) -> ListingRead:
        languages, row = await self._open(product_id, listing_id, if_match)
        refuse_judged(row)
        fields = checked_fields(basis, outcome, row.overrulings)
        await self.repository.change([row.id], warnings=warnings, **fields)
        return await self._finish(languages, row)

    # Common parts

    async def _lock(self, product_id: uuid.UUID) -> list[str]:
        """The product is locked before its texts, by everybody. Answers its languages."""
        return (await ProductService(self.session).require(product_id, lock=True)).languages

    async def _open(
        self, product_id: uuid.UUID, listing_id: uuid.UUID, if_match: str | None
    ) -> tuple[list[str], ListingVersion]:
        languages = await self._lock(product_id)
        row = await self.listings.require(product_id, listing_id, lock=True)
        check_if_match(if_match, version_tag(row))
        return languages, row

    def _reviewed(self, note: str | None) -> dict[str, Any]:
        return {"reviewed_by": self.principal.name, "reviewed_at": now(), "review_note": note or None}

    def _change(
        self, head: Any, after: str, fields: dict[str, Any], *, subject: bool = False, before: str | None = None
    ) -> dict[str, Any]:
        return {
            "product_id": head.product_id,
            "language": head.language,
            "listing_id": head.id,
            "subject": subject,
            "status_before": before or head.status,
            "status_after": after,
            "before": fields,
        }

    async def _remember(self, kind: str, changes: Sequence[dict[str, Any]]) -> None:
        common = {"act_id": new_id(), "kind": kind, "actor": self.principal.name, "actor_id": self.principal.id}
        await self.repository.insert_acts([{**common, **change} for change in changes])

    async def _finish(self, languages: list[str], row: ListingVersion) -> ListingRead:
        await follow_texts(self.session, [row.product_id], {row.product_id: languages})
        return await self.listings.get(row.product_id, row.id)


def refuse_superseded(row: ListingVersion) -> None:
    if row.status == "superseded":
        raise ListingSuperseded(f"Version {row.version} is history; restore it to work on it again.")


def refuse_judged(row: ListingVersion) -> None:
    """An approved import may still be without a check; everything else was judged by the one it has."""
    if row.status != "needs_review" and (row.checked or row.status != "approved"):
        raise ListingNotReviewable(
            f"Version {row.version} is {row.status}; it keeps the check that it was judged by.",
            listing_status=row.status,
        )


def refuse_beside(row: ListingVersion, standing: Standing) -> None:
    """Two drafts side by side would bury one of them."""
    current = standing.current
    if current is not None and current.version > row.version and not is_by_engine(current):
        raise ListingSuperseded(f"Version {current.version} is already being worked on; change that one.")


def before_of(head: Any) -> dict[str, Any]:
    """Who had reviewed it, to be given back by an undo."""
    at = head.reviewed_at
    return {
        "reviewed_by": head.reviewed_by,
        "reviewed_at": at.isoformat() if at else None,
        "review_note": head.review_note,
    }


async def give_back(repository: ListingRepository, changes: Sequence[ListingAct]) -> None:
    """The statuses as they were before; what becomes live again comes last, as only one can be at a time."""
    for change in sorted(changes, key=lambda each: each.status_before == "approved"):
        values = dict(change.before)
        if values.get("reviewed_at"):
            values["reviewed_at"] = datetime.fromisoformat(values["reviewed_at"])
        if "overrulings" in values:
            row = (await repository.by_ids([change.listing_id]))[0]
            values["open_claims"] = len(open_claims(row.claims, values["overrulings"]))
        await repository.change([change.listing_id], status=change.status_before, **values)


async def defer_check(session: AsyncSession, listing_ids: Sequence[uuid.UUID], ui_language: str) -> None:
    await defer_job(
        session, "check-listing", {"listing_ids": [str(each) for each in listing_ids], "ui_language": ui_language}
    )
