"""Exports as they are asked for; the sending itself is in app.exports.delivery."""

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.dependencies import Principal
from app.common.paging import Page
from app.exports.errors import ExportNotFound
from app.exports.models import Export
from app.exports.repository import ExportRepository
from app.exports.schemas import ExportRead, ExportRequest
from app.exports.selection import SelectionReader, selection_of, since_last


def to_read(row: Export) -> ExportRead:
    return ExportRead.model_validate({name: getattr(row, name) for name in ExportRead.model_fields})


class ExportService:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.repository = ExportRepository(session)

    async def create(self, request: ExportRequest, principal: Principal) -> ExportRead:
        since = await since_last(self.session, request.target) if request.scope == "changed" else None
        selection = await selection_of(self.session, request, since, principal.id)
        body = request.model_dump(mode="json")
        row = Export(
            **{name: body[name] for name in ("format", "language", "scope", "filter", "product_ids", "options")},
            name=request.target,
            product_count=await SelectionReader(self.session, selection).count(),
            since_snapshot=since.snapshot if since else None,
            since=since.moment if since else None,
            actor_id=principal.id,
            actor_name=principal.name,
        )
        self.repository.add(row)
        await self.session.flush()
        await self.session.refresh(row)
        return to_read(row)

    async def get(self, export_id: uuid.UUID) -> ExportRead:
        return to_read(await self._require(export_id))

    async def page(self, limit: int, cursor: str | None) -> Page[ExportRead]:
        rows, following, total = await self.repository.page(limit, cursor)
        return Page(items=[to_read(row) for row in rows], next_cursor=following, total=total)

    async def delete(self, export_id: uuid.UUID) -> None:
        await self.repository.delete(await self._require(export_id))

    async def _require(self, export_id: uuid.UUID) -> Export:
        row = await self.repository.find(export_id)
        if row is None:
            raise ExportNotFound("There is no such export.")
        return row
