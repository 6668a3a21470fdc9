import hashlib
import json
import uuid
from collections.abc import Sequence

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.common.identifiers import new_id
from app.sources.models import Snapshot, SourcePage

ADD_MANY = text("""
    INSERT INTO source_pages (id, product_id, url, position)
    SELECT r.id, r.product_id, r.url,
           r.position + (SELECT count(*) FROM source_pages s WHERE s.product_id = r.product_id)
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, product_id uuid, url text, position int)
    ON CONFLICT (product_id, url) DO NOTHING
    RETURNING product_id
""")


class SourceRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def add(self, page: SourcePage) -> None:
        self.session.add(page)

    async def add_many(self, pages: Sequence[tuple[uuid.UUID, Sequence[str]]]) -> set[uuid.UUID]:
        rows = [
            {"id": new_id(), "product_id": product_id, "url": url, "position": position}
            for product_id, urls in pages
            for position, url in enumerate(dict.fromkeys(urls))
        ]
        added = await self.session.scalars(ADD_MANY, {"rows": json.dumps(rows, default=str)})
        return set(added.all())

    async def of_product(self, product_id: uuid.UUID) -> Sequence[SourcePage]:
        return (
            await self.session.scalars(
                select(SourcePage)
                .where(SourcePage.product_id == product_id)
                .order_by(SourcePage.position, SourcePage.id)
            )
        ).all()

    async def find(self, product_id: uuid.UUID, source_id: uuid.UUID) -> SourcePage | None:
        """Locked until the transaction ends, so that a page is never read and deleted at once."""
        return await self.session.scalar(
            select(SourcePage).where(SourcePage.product_id == product_id, SourcePage.id == source_id).with_for_update()
        )

    async def has(self, product_id: uuid.UUID, url: str) -> bool:
        found = await self.session.scalar(
            select(SourcePage.id).where(SourcePage.product_id == product_id, SourcePage.url == url)
        )
        return found is not None

    async def counts(self, product_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
        rows = await self.session.execute(
            select(SourcePage.product_id, func.count())
            .where(SourcePage.product_id.in_(product_ids))
            .group_by(SourcePage.product_id)
        )
        return dict(rows.all())

    async def delete(self, page: SourcePage) -> None:
        await self.session.delete(page)

    async def keep_snapshot(self, text: str) -> str:
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        await self.session.execute(insert(Snapshot).values(sha256=sha256, text=text).on_conflict_do_nothing())
        return sha256

    async def snapshot(self, sha256: str) -> Snapshot | None:
        return await self.session.get(Snapshot, sha256)
