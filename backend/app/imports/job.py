"""The import as a durable job: chunk by chunk, each in one transaction with the position behind it.

A kill at any moment costs the chunk in hand. Whoever takes over reads the file again from its start (the same file
gives the same results) and goes on behind the position. Two that hold the same import cannot both write: the position
is locked and compared first.
"""

import uuid
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import Actor, Sessions, act_as
from app.formats.base import ReadResult, RowError
from app.imports.models import Import
from app.imports.reading import Chunk
from app.imports.reading_process import reading
from app.imports.repository import ImportRepository
from app.imports.schemas import ImportOptions
from app.imports.service import ImportService
from app.imports.spool import Spool
from app.imports.writing import ChunkReport, ChunkWriter, problem_row
from app.products.importing import WaitingVariant
from shared.models.base import now
from shared.utils.errors import AppError, InternalError

log = structlog.get_logger(__name__)

LINKED_AT_ONCE = 1_000


class Ended(Exception):
    """Somebody cancelled it, or another worker goes on with it."""


@dataclass(frozen=True, slots=True)
class ImportJob:
    sessions: Sessions
    spool: Spool
    max_rows: int

    async def execute(self, arguments: dict[str, Any]) -> None:
        import_id = uuid.UUID(arguments["import_id"])
        async with self.sessions.begin() as session:
            row = await ImportRepository(session).claim(import_id)
        if row is None:
            return
        run = ImportRun(self, row)
        try:
            await run.execute()
        except Ended:
            return
        except AppError as error:
            await run.finish("failed", error)

    async def give_up(self, arguments: dict[str, Any]) -> None:
        import_id = uuid.UUID(arguments["import_id"])
        async with self.sessions.begin() as session:
            row = await ImportRepository(session).claim(import_id)
        if row is not None:
            detail = "Something went wrong on our side. What was imported so far is kept; start it again to go on."
            await ImportRun(self, row).finish("failed", InternalError(detail))


class ImportRun:
    def __init__(self, job: ImportJob, row: Import) -> None:
        self.job = job
        self.id = row.id
        self.row = row
        self.position = row.position
        self.options = ImportOptions.model_validate(row.options)
        self.actor = Actor(row.actor_id, row.actor_name)
        columns = {name: column for column, name in reversed(row.mapping.items())}
        self.writer = ChunkWriter(row.format, self.options, columns, self.actor)
        self.waiting: list[tuple[WaitingVariant, ReadResult]] = []
        self.problems: list[dict[str, Any]] = []
        self.seen: set[str] = set()

    async def execute(self) -> None:
        async with self.job.sessions() as session:
            service = ImportService(session, self.job.spool, self.job.max_rows)
            service.require_file(self.row)
            source = service.source(self.row)
        behind = self.position
        async with reading(source, behind) as chunks:
            async for chunk in chunks:
                if self.options.dry_run:
                    self.seen.update(result.item.sku for result in chunk.results if result.item is not None)
                if behind > 0:
                    behind -= len(chunk.results)
                    self.skip(chunk)
                else:
                    await self.write(chunk)
        await self.link()
        await self.finish(None, None)

    def skip(self, chunk: Chunk) -> None:
        """Past what is written. Variants that may still wait for their parents are gathered again."""
        for result in chunk.results:
            if result.item is not None and result.item.parent_sku and not self.options.dry_run:
                options = [option.model_dump() for option in result.item.options or []]
                self.waiting.append((WaitingVariant(result.item.sku, result.item.parent_sku, options), result))

    async def write(self, chunk: Chunk) -> None:
        async with self.job.sessions.begin() as session:
            await act_as(session, self.actor)
            repository = ImportRepository(session)
            await self.hold(session)
            report = await self._write(session, chunk)
            position = self.position + len(chunk.results)
            await repository.add_problems(self.id, report.problems)
            await repository.advance(self.id, position, chunk.rows, report.counts)
        self.position = position
        self.waiting += report.waiting

    async def _write(self, session: AsyncSession, chunk: Chunk) -> ChunkReport:
        if not self.options.dry_run:
            return await self.writer.write(session, chunk.results)
        # A trial does all that the import would do, and takes it back.
        trial = await session.begin_nested()
        try:
            return await self.writer.write(session, chunk.results)
        finally:
            await trial.rollback()

    async def hold(self, session: AsyncSession) -> None:
        """Lock the import, if it is still ours and nobody wants it to end."""
        row = await ImportRepository(session).find(self.id, lock=True)
        if row is None or row.status != "running" or row.position != self.position:
            raise Ended
        if row.cancel_requested:
            row.status, row.finished_at = "cancelled", now()
            await session.commit()
            raise Ended

    async def link(self) -> None:
        """Variants whose parents came later in the file."""
        if self.options.dry_run:
            for waiting, result in self.waiting:
                if waiting.parent_sku not in self.seen:
                    self.without_parent(waiting, result)
            return
        for start in range(0, len(self.waiting), LINKED_AT_ONCE):
            part = self.waiting[start : start + LINKED_AT_ONCE]
            async with self.job.sessions.begin() as session:
                await act_as(session, self.actor)
                await self.hold(session)
                outcomes = await self.writer.importer(session).link([waiting for waiting, _ in part])
            for waiting, result in part:
                outcome = outcomes.get(waiting.sku)
                if outcome is not None and outcome.waits:
                    self.without_parent(waiting, result)
                elif outcome is not None and outcome.problems:
                    errors = [self.writer.row_error(result, problem) for problem in outcome.problems]
                    self.problems.append(problem_row(result, errors, kept=True))

    def without_parent(self, waiting: WaitingVariant, result: ReadResult) -> None:
        message = (
            f"The parent {waiting.parent_sku} is neither in the file nor in the catalogue. "
            "The product is kept, but not as a variant."
        )
        error = RowError(result.lines[0], self.writer.columns.get("parent_sku"), "parent-unknown", message)
        self.problems.append(problem_row(result, [error], kept=True))

    async def finish(self, status: str | None, problem: AppError | None) -> None:
        """By itself the end is `partial` where some rows failed, and `failed` where nothing else came of it."""
        async with self.job.sessions.begin() as session:
            row = await ImportRepository(session).find(self.id, lock=True)
            if row is None or row.status != "running" or row.position != self.position:
                return
            await ImportRepository(session).add_problems(self.id, self.problems)
            row.warned += len(self.problems)
            good = row.created + row.updated + row.unchanged + row.skipped
            row.status = status or ("succeeded" if not row.failed else "partial" if good else "failed")
            row.rows_estimated = row.rows_estimated if problem else row.rows_read
            row.problem = problem.to_problem().model_dump(mode="json", exclude_none=True) if problem else None
            row.finished_at = now()
        log.info("import_ended", import_id=str(self.id), status=status or "done")
