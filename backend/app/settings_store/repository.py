import uuid
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from app.common.paging import InvalidCursor, bounded_total, decode_cursor, encode_cursor
from app.settings_store.models import SettingsDocument


class SettingsRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def add(self, document: SettingsDocument) -> None:
        self.session.add(document)

    async def current(self, kinds: Sequence[str]) -> Sequence[SettingsDocument]:
        """The newest version of each document, deletions included, by kind and key."""
        newest = (
            select(SettingsDocument)
            .where(SettingsDocument.kind.in_(kinds))
            .ext(distinct_on(SettingsDocument.kind, SettingsDocument.key))
            # One direction for all three, so that the index alone gives the order.
            .order_by(SettingsDocument.kind.desc(), SettingsDocument.key.desc(), SettingsDocument.version.desc())
        )
        return (await self.session.scalars(newest)).all()[::-1]

    async def heads(self, kinds: Sequence[str]) -> list[tuple[uuid.UUID, str, str, int]]:
        """Id, kind, key and version of each document in force."""
        newest = (
            select(
                SettingsDocument.id,
                SettingsDocument.kind,
                SettingsDocument.key,
                SettingsDocument.version,
                SettingsDocument.value.is_not(None).label("there"),
            )
            .where(SettingsDocument.kind.in_(kinds))
            .ext(distinct_on(SettingsDocument.kind, SettingsDocument.key))
            .order_by(SettingsDocument.kind.desc(), SettingsDocument.key.desc(), SettingsDocument.version.desc())
            .subquery()
        )
        columns = newest.c
        found = select(columns.id, columns.kind, columns.key, columns.version).where(columns.there)
        rows = await self.session.execute(found.order_by(columns.kind, columns.key))
        return [(row.id, row.kind, row.key, row.version) for row in rows]

    async def by_ids(self, identifiers: Sequence[uuid.UUID]) -> Sequence[SettingsDocument]:
        return (await self.session.scalars(select(SettingsDocument).where(SettingsDocument.id.in_(identifiers)))).all()

    async def newest(self, kind: str, key: str) -> SettingsDocument | None:
        return await self.session.scalar(
            select(SettingsDocument)
            .where(SettingsDocument.kind == kind, SettingsDocument.key == key)
            .order_by(SettingsDocument.version.desc())
            .limit(1)
        )

    async def version(self, kind: str, key: str, version: int) -> SettingsDocument | None:
        return await self.session.scalar(
            select(SettingsDocument).where(
                SettingsDocument.kind == kind, SettingsDocument.key == key, SettingsDocument.version == version
            )
        )

    async def versions(
        self, kind: str, key: str, limit: int, cursor: str | None
    ) -> tuple[Sequence[SettingsDocument], str | None, int | None]:
        query = select(SettingsDocument).where(SettingsDocument.kind == kind, SettingsDocument.key == key)
        total = await bounded_total(self.session, query)
        if cursor is not None:
            query = query.where(SettingsDocument.version < decode_version(cursor))
        rows = (await self.session.scalars(query.order_by(SettingsDocument.version.desc()).limit(limit + 1))).all()
        following = encode_cursor(rows[limit - 1].version) if len(rows) > limit else None
        return rows[:limit], following, total

    async def one_writer_at_a_time(self, kind: str) -> None:
        """Until the transaction ends: what is checked over all documents of a kind stays true."""
        await self.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"settings:{kind}"))))


def decode_version(cursor: str) -> int:
    (version,) = decode_cursor(cursor, 1)
    if type(version) is not int or not 0 < version < 2**31:
        raise InvalidCursor("Use next_cursor as it was given.")
    return version
