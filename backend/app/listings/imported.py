"""Texts out of a shop's file: thousands at a time, a few statements for all of them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.formats.items import ItemTexts
from app.listings.contents import NO_GROUNDING, empty_content, says_nothing_new, with_imported
from app.listings.following import follow_texts
from app.listings.repository import ListingRepository
from app.listings.standing import Standing, standing_of
from app.products.reviewing import ProductReviewing

ENGINE = "import"


@dataclass(frozen=True, slots=True)
class ImportedText:
    """What all versions of one import have in common."""

    author: str
    author_id: uuid.UUID | None
    status: str
    at: datetime

    @property
    def approved(self) -> bool:
        return self.status == "approved"

    def row(self, product_id: uuid.UUID, language: str, version: int, content: dict[str, Any]) -> dict[str, Any]:
        return {
            "product_id": product_id,
            "language": language,
            "version": version,
            "status": self.status,
            "author_kind": "import",
            "author": self.author,
            "author_id": self.author_id,
            "content": content,
            "claims": [],
            "grounding": NO_GROUNDING.model_dump(mode="json"),
            "checked": False,
            "facts": [],
            "reviewed_by": self.author if self.approved else None,
            "reviewed_at": self.at if self.approved else None,
        }


async def import_texts(
    session: AsyncSession, texts: Sequence[tuple[uuid.UUID, str, ItemTexts]], imported: ImportedText
) -> set[uuid.UUID]:
    wanted = {(product_id, language): each for product_id, language, each in texts}
    # Everybody locks the product before its texts, so that nobody waits for each other in a circle.
    languages = await ProductReviewing(session).lock({product_id for product_id, _ in wanted})
    repository = ListingRepository(session)
    by_text: dict[tuple[uuid.UUID, str], list[Any]] = {}
    for head in await repository.heads(languages):
        by_text.setdefault((head.product_id, head.language), []).append(head)
    standing_by_text = {key: standing_of(heads) for key, heads in by_text.items() if key in wanted}
    relevant = {head.id for standing in standing_by_text.values() for head in heads_of(standing)}
    contents = await repository.contents(relevant)
    rows, superseded = [], set[uuid.UUID]()
    for key, each in wanted.items():
        if key[0] not in languages:
            continue
        standing = standing_by_text.get(key, Standing())
        base = (standing.live if imported.approved else standing.current) or standing.newest
        known = [standing.live] if imported.approved else heads_of(standing)
        if any(head is not None and says_nothing_new(contents[head.id], each) for head in known):
            continue
        content = with_imported(contents[base.id] if base else empty_content(key[1], ENGINE), each)
        if base is None and not content["title"] and not content["description"]:
            continue
        version = (standing.newest.version if standing.newest else 0) + 1
        rows.append(imported.row(*key, version, content))
        replaced = {"needs_review", "approved"} if imported.approved else {"needs_review"}
        superseded |= {head.id for head in by_text.get(key, []) if head.status in replaced}
    await repository.change(superseded, status="superseded")
    await repository.insert_many(rows)
    changed = {row["product_id"] for row in rows}
    await follow_texts(session, changed, languages)
    return changed


def heads_of(standing: Standing) -> list[Any]:
    return [head for head in (standing.current, standing.live, standing.newest) if head is not None]
