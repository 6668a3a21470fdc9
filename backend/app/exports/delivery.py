"""Sends an export: from one snapshot of the database, in batches, marked as finished when all of it has been sent."""

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from app.database import Sessions
from app.exports.errors import ExportNotFound, ExportsBusy
from app.exports.models import Export
from app.exports.parts import in_parts, whole_file
from app.exports.reading import EXTRA_KEYS, ProductReader
from app.exports.repository import ExportRepository
from app.exports.schemas import ExportRequest
from app.exports.selection import SelectionReader, Since, selection_of
from app.exports.writing import FILE_TYPES, FileWriter, file_writer, guard_level
from app.formats.base import WriteOptions
from app.formats.handles import slug
from app.media.public_urls import PublicMedia

# Each holds a connection and a snapshot for as long as its client takes.
MAX_AT_ONCE = 4
# A client that takes nothing for so long has gone.
STALLED_AFTER_S = 60.0
ARCHIVE_TYPE = "application/zip"


class ExportResponse(StreamingResponse):
    """Ends the source of the file in any case, also when the client left before the first byte."""

    def __init__(self, chunks: "SentFile", media_type: str, file_name: str) -> None:
        headers = {
            "Content-Disposition": f'attachment; filename="{file_name}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        }
        super().__init__(chunks.body(), media_type=media_type, headers=headers)
        self.file = chunks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(STALLED_AFTER_S):
                await send(message)

        try:
            await super().__call__(scope, receive, send_in_time)
        finally:
            await self.file.close()


class SentFile:
    def __init__(
        self,
        chunks: AsyncIterator[bytes],
        finish: Callable[[int, str], Awaitable[None]],
        close: Callable[[], Awaitable[None]],
    ) -> None:
        self.chunks = chunks
        self.finish = finish
        self.close = close

    async def body(self) -> AsyncIterator[bytes]:
        size, digest = 0, hashlib.sha256()
        async for chunk in self.chunks:
            size += len(chunk)
            digest.update(chunk)
            yield chunk
        # Reached only when the server has taken the last chunk from us.
        await self.finish(size, digest.hexdigest())


class ExportSender:
    def __init__(self, sessions: Sessions, media: PublicMedia) -> None:
        self.sessions = sessions
        self.media = media
        self.under_way = 0

    async def open(self, export_id: uuid.UUID, is_disconnected: Callable[[], Awaitable[bool]]) -> ExportResponse:
        """Raises ExportNotFound and ExportsBusy, both before anything is sent."""
        if self.under_way >= MAX_AT_ONCE:
            raise ExportsBusy(
                f"{MAX_AT_ONCE} exports are being sent. Try again when one of them has ended.",
                headers={"Retry-After": "10"},
            )
        self.under_way += 1
        session = self.sessions()
        closed = False

        async def close() -> None:
            nonlocal closed
            if not closed:
                closed = True
                self.under_way -= 1
                await asyncio.shield(session.close())

        try:
            return await self._open(session, export_id, is_disconnected, close)
        except BaseException:
            await close()
            raise

    async def _open(
        self,
        session: AsyncSession,
        export_id: uuid.UUID,
        is_disconnected: Callable[[], Awaitable[bool]],
        close: Callable[[], Awaitable[None]],
    ) -> ExportResponse:
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True})
        repository = ExportRepository(session)
        row = await repository.find(export_id)
        if row is None:
            raise ExportNotFound("There is no such export.")
        snapshot, snapshot_at = await repository.snapshot()
        request = request_of(row)
        since = Since(row.since_snapshot, row.since) if row.since_snapshot and row.since else None
        selection = await selection_of(session, request, since, row.actor_id)
        options = await write_options(SelectionReader(session, selection), request)
        writer = file_writer(request, options)
        reader = ProductReader(session, request, self.media)

        async def pieces() -> AsyncIterator[list[bytes]]:
            async for batch in reader.batches(selection):
                yield await asyncio.to_thread(encoded, writer, [each.item for each in batch])
            yield [piece.encode() for piece in writer.closing()]

        ending, media_type = FILE_TYPES[request.format]
        stem = file_stem(request, snapshot_at)
        header = writer.opening().encode()
        if request.format == "shopify":
            delivery = await in_parts(header, pieces(), stem, ending)
            chunks = delivery.chunks
            if delivery.is_archive:
                ending, media_type = "zip", ARCHIVE_TYPE
        else:
            chunks = whole_file(header, pieces())

        async def finish(size: int, sha256: str) -> None:
            if await is_disconnected():
                return
            await self._finish(export_id, writer, snapshot, snapshot_at, size, sha256)

        return ExportResponse(SentFile(chunks, finish, close), media_type, f"{stem}.{ending}")

    async def _finish(
        self, export_id: uuid.UUID, writer: FileWriter, snapshot: str, snapshot_at: datetime, size: int, sha256: str
    ) -> None:
        values: dict[str, Any] = {
            "snapshot": snapshot,
            "snapshot_at": snapshot_at,
            "rows": writer.rows,
            "products": writer.products - writer.skipped,
            "skipped": writer.skipped,
            "size_bytes": size,
            "sha256": sha256,
        }
        async with self.sessions() as session, session.begin():
            await ExportRepository(session).finish(export_id, values)


def encoded(writer: FileWriter, items: Any) -> list[bytes]:
    return [piece.encode() for piece in writer.pieces(items)]


def request_of(row: Export) -> ExportRequest:
    return ExportRequest.model_validate(
        {
            name: getattr(row, name)
            for name in ("name", "format", "language", "scope", "filter", "product_ids", "options")
        }
    )


def file_stem(request: ExportRequest, moment: datetime) -> str:
    """`spring-shop-es-2026-11-24-0930`: ASCII, so that every browser and shop takes it."""
    name = slug(request.target)[:60] or request.format
    language = "" if request.language.casefold() in name.split("-") else f"-{request.language}"
    return f"{name}{language}-{moment:%Y-%m-%d-%H%M}"


async def write_options(reader: SelectionReader, request: ExportRequest) -> WriteOptions:
    options = request.options
    attribute_count = await reader.attribute_count() if request.format == "woocommerce" else 0
    names = await reader.attribute_names() if request.format == "generic" and options.attribute_columns else ()
    extra = await reader.extra_columns(EXTRA_KEYS[request.format]) if request.format != "generic" else ()
    return WriteOptions(
        language=request.language,
        currency=options.currency,
        formula_guard=guard_level(request),
        attribute_count=attribute_count,
        attribute_names=names,
        extra_columns=extra,
        product_url_template=options.product_url_template,
        availability=options.availability,
    )
