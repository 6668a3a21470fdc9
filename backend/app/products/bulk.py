"""Edits of many products at once, which can be undone."""

import uuid
from collections import defaultdict
from collections.abc import Coroutine
from typing import Any

from sqlalchemy import Select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.products.bulk_repository import NAMED, BulkRepository, Judged
from app.products.bulk_schemas import BulkChanges, BulkOutcome, Skipped
from app.products.errors import AssigneeUnknown, BulkEditNotFound, BulkEditTooLarge, SkuTaken
from app.products.repository import ProductRepository
from shared.models.base import now

MAX_PRODUCTS = 100_000

Ids = Select[tuple[uuid.UUID]]


class BulkService:
    """Each edit takes the ids as a SELECT, and how many were asked for where they were named one by one."""

    def __init__(self, session: AsyncSession, user_id: uuid.UUID | None) -> None:
        self.repository = BulkRepository(session)
        self.products = ProductRepository(session)
        self.user_id = user_id

    async def change(self, ids: Ids, changes: BulkChanges, asked: int | None = None) -> BulkOutcome:
        edit, chosen = await self._begin(ids)
        judged = await self._judged(self.repository.change(edit, changes))
        return await self._finish(edit, judged, asked or chosen)

    async def delete(self, ids: Ids, asked: int | None = None) -> BulkOutcome:
        """Variants go with their parents."""
        edit, chosen = await self._begin(ids)
        variants = await self.repository.add_variants(edit, deleted=False)
        judged = await self._judged(self.repository.delete(edit, now()))
        return await self._finish(edit, judged, asked or chosen, variants)

    async def restore(self, ids: Ids, asked: int | None = None) -> BulkOutcome:
        """Variants that went with their parents come back with them."""
        edit, chosen = await self._begin(ids)
        variants = await self.repository.add_variants(edit, deleted=True)
        judged = await self._judged(self.repository.restore(edit))
        return await self._finish(edit, judged, asked or chosen, variants)

    async def undo(self, edit: uuid.UUID) -> BulkOutcome:
        """Give the edited products back what they had, unless somebody changed them since. Works once."""
        await self.products.lock_hierarchy()
        if not await self.repository.lock(edit):
            raise BulkEditNotFound("It was undone already, is older than a week, or never was.")
        judged = await self._judged(self.repository.undo(edit))
        return outcome_of(judged, sum(count for _, count, _ in judged), undo=None)

    async def _begin(self, ids: Ids) -> tuple[uuid.UUID, int]:
        await self.products.lock_hierarchy()
        edit, chosen = await self.repository.begin(ids, self.user_id)
        if chosen > MAX_PRODUCTS:
            raise BulkEditTooLarge(f"These are {chosen} products; one edit changes at most {MAX_PRODUCTS}.")
        return edit, chosen

    async def _judged(self, statement: Coroutine[Any, Any, Judged]) -> Judged:
        try:
            return await statement
        except IntegrityError as error:
            if "uq_products_sku_living" in str(error.orig):
                raise SkuTaken(
                    "Just now another product took one of the SKUs. Nothing was changed; try again."
                ) from None
            if "fk_products_assignee_id_users" in str(error.orig):
                raise AssigneeUnknown("Products can be assigned to an existing user only.") from None
            raise

    async def _finish(self, edit: uuid.UUID, judged: Judged, asked: int, variants: int = 0) -> BulkOutcome:
        changed = any(outcome == "changed" for outcome, _, _ in judged)
        if changed:
            await self.repository.strike_off_unchanged(edit)
        else:
            await self.repository.forget(edit)
        lost = asked + variants - sum(count for _, count, _ in judged)
        if lost > 0:
            judged = [*judged, ("not_found", lost, [])]
        return outcome_of(judged, asked, variants=variants, undo=edit if changed else None)


def outcome_of(judged: Judged, matched: int, *, undo: uuid.UUID | None, variants: int = 0) -> BulkOutcome:
    counts: dict[str, int] = defaultdict(int)
    named: dict[str, list[uuid.UUID]] = defaultdict(list)
    for outcome, count, ids in judged:
        counts[outcome] += count
        named[outcome] += ids
    return BulkOutcome(
        matched=matched,
        changed=counts.pop("changed", 0),
        unchanged=counts.pop("unchanged", 0),
        variants=variants,
        skipped=[
            Skipped.model_validate({"reason": reason, "count": count, "ids": named[reason][:NAMED]})
            for reason, count in sorted(counts.items())
        ],
        undo=undo,
    )
