"""The rules of imports: a file is stored and described, then changed, started, followed, cancelled or removed."""

import asyncio
import uuid
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.dependencies import Principal
from app.common.identifiers import new_id
from app.common.paging import Page
from app.formats.registry import FORMATS, detect_format
from app.imports.encodings import ENCODINGS
from app.imports.errors import ImportFileGone, ImportNotFound, ImportNotUnderWay, ImportUnderWay
from app.imports.models import UNDER_WAY, Import
from app.imports.preview import make_preview
from app.imports.reading import Source
from app.imports.repository import ImportRepository
from app.imports.schemas import (
    FailedRow,
    ImportOptions,
    ImportPreview,
    ImportRead,
    ImportStart,
    ImportUpdate,
    ImportUpload,
)
from app.imports.spool import Spool, SpooledFile
from app.imports.tables import TableShape, describe, estimate_rows
from app.imports.workbooks import convert_workbook, is_workbook
from app.jobs.queue import defer_job
from shared.models.base import now
from shared.models.problems import InvalidField, Problem
from shared.utils.errors import InvalidRequest

KIND = "import"
# Imports change the same products at times; one after the other they cannot get in each other's way.
LOCK = "imports"
MAX_FILE_NAME = 255
FILES_KEPT_DAYS = 30
FREE_FIELDS = ("extra", "ignore")
ATTRIBUTE_PREFIX = "attribute:"


def shape_of(row: Import) -> TableShape:
    shape = row.shape
    return TableShape(**{**shape, "columns": [(index, name) for index, name in shape["columns"]]})


def table_of(row: Import, spooled: SpooledFile) -> Path:
    """What the rows are read from: the file, or a workbook's sheet as CSV."""
    return spooled.sheet(row.sheets.index(row.sheet)) if row.is_workbook else spooled.original


def seconds_left(row: Import, at: datetime) -> int | None:
    if row.status != "running" or row.started_at is None or row.rows_read == 0:
        return None
    elapsed = (at - row.started_at).total_seconds()
    return max(0, round(elapsed * (row.rows_estimated - row.rows_read) / row.rows_read))


def read_values(row: Import) -> dict[str, Any]:
    shape = row.shape
    same = set(ImportRead.model_fields) & set(Import.__table__.columns.keys())
    return {
        **{name: getattr(row, name) for name in same},
        "size": row.size_bytes,
        "encoding": None if row.is_workbook else shape["encoding"],
        "delimiter": None if row.is_workbook else shape["delimiter"],
        "header_row": shape["header_row"],
        "rows_estimated": max(row.rows_estimated, row.rows_read),
        "seconds_left": seconds_left(row, now()),
        "problem": Problem.model_validate(row.problem) if row.problem else None,
        "created_by": row.actor_name,
    }


def to_read(row: Import) -> ImportRead:
    return ImportRead.model_validate(read_values(row))


def clean_name(name: str) -> str:
    """The last part of a path, without what no file name has."""
    last = name.replace("\\", "/").rpartition("/")[2]
    printable = "".join(character for character in last if character.isprintable())
    return printable[-MAX_FILE_NAME:] or "file"


class ImportService:
    def __init__(self, session: AsyncSession, spool: Spool, max_rows: int) -> None:
        self.session = session
        self.repository = ImportRepository(session)
        self.spool = spool
        self.max_rows = max_rows

    async def create(self, file: BinaryIO, name: str, upload: ImportUpload, principal: Principal) -> ImportPreview:
        """Store and describe the file. What cannot be read leaves nothing behind."""
        import_id = new_id()
        spooled = self.spool.file(import_id)
        try:
            size = await asyncio.to_thread(self.spool.store, import_id, file)
            row = Import(
                id=import_id,
                status="ready",
                file_name=clean_name(name),
                size_bytes=size,
                is_workbook=is_workbook(spooled.original),
                sheet=None,
                sheets=[],
                notes=[],
                options=ImportOptions(language=upload.language, currency=upload.currency).model_dump(),
                actor_id=principal.id,
                actor_name=principal.name,
            )
            if row.is_workbook:
                await self._convert(row, spooled, None)
            await self._describe(row, spooled, ImportUpdate())
            self.repository.add(row)
            await self.session.flush()
            return await self._preview(row)
        except BaseException:
            await asyncio.to_thread(spooled.remove)
            raise

    async def get(self, import_id: uuid.UUID) -> ImportRead:
        return to_read(await self._require(import_id))

    async def preview(self, import_id: uuid.UUID) -> ImportPreview:
        row = await self._require(import_id)
        self.require_file(row)
        return await self._preview(row)

    async def page(self, limit: int, cursor: str | None) -> Page[ImportRead]:
        rows, following, total = await self.repository.page(limit, cursor)
        return Page(items=[to_read(row) for row in rows], next_cursor=following, total=total)

    async def update(self, import_id: uuid.UUID, body: ImportUpdate) -> ImportPreview:
        row = await self._idle(import_id)
        spooled = self.require_file(row)
        if row.is_workbook and (body.encoding is not None or body.delimiter is not None):
            raise InvalidRequest("A workbook has neither an encoding nor a delimiter; choose its sheet.")
        if body.encoding is not None and body.encoding not in ENCODINGS:
            raise invalid(f"One of {', '.join(ENCODINGS)}.", "encoding")
        if body.sheet is not None and body.sheet != row.sheet:
            if body.sheet not in row.sheets:
                raise invalid(f"The file has these sheets: {', '.join(row.sheets) or 'none'}.", "sheet")
            await self._convert(row, spooled, body.sheet)
        await self._describe(row, spooled, body)
        if body.mapping is not None:
            row.mapping = self._mapping(row, body.mapping)
        given = body.model_dump(include={"language", "currency"}, exclude_unset=True)
        row.options = {**row.options, **{name: value for name, value in given.items() if value or name == "currency"}}
        row.status = "ready"
        preview = await self._preview(row)
        await self.session.flush()
        return preview

    async def start(self, import_id: uuid.UUID, body: ImportStart) -> ImportRead:
        """Again, too: after a trial, or where it was cancelled. What is in the catalogue already stays unchanged."""
        row = await self._idle(import_id)
        self.require_file(row)
        options = ImportOptions.model_validate(row.options).model_dump()
        given = body.model_dump()
        for name in ("language", "currency"):
            given[name] = given[name] or options[name]
        row.options = given
        row.status = "queued"
        row.position = row.rows_read = 0
        row.created = row.updated = row.unchanged = row.skipped = row.failed = row.warned = 0
        row.problem = row.started_at = row.finished_at = None
        row.cancel_requested = False
        await self.repository.forget_problems(import_id)
        await self.session.flush()
        await defer_job(self.session, KIND, {"import_id": str(import_id)}, lock=LOCK)
        return to_read(row)

    async def cancel(self, import_id: uuid.UUID) -> ImportRead:
        row = await self._require(import_id, lock=True)
        if row.status not in UNDER_WAY:
            raise ImportNotUnderWay("It has ended, or was not started.")
        row.cancel_requested = True
        if row.status == "queued":
            row.status, row.finished_at = "cancelled", now()
        await self.session.flush()
        return to_read(row)

    async def delete(self, import_id: uuid.UUID) -> None:
        row = await self._idle(import_id)
        await self.repository.delete(row)
        await self.session.flush()
        await asyncio.to_thread(self.spool.file(import_id).remove)

    async def failed_page(self, import_id: uuid.UUID, limit: int, cursor: str | None) -> Page[FailedRow]:
        await self._require(import_id)
        rows, following, total = await self.repository.problems_page(import_id, limit, cursor)
        items = [FailedRow.model_validate(row, from_attributes=True) for row in rows]
        return Page(items=items, next_cursor=following, total=total)

    async def failed_source(self, import_id: uuid.UUID) -> tuple[SpooledFile, Import]:
        row = await self._require(import_id)
        return self.require_file(row), row

    def source(self, row: Import) -> Source:
        options = ImportOptions.model_validate(row.options)
        return Source(
            path=table_of(row, self.spool.file(row.id)),
            shape=shape_of(row),
            format=row.format,
            mapping=row.mapping,
            language=options.language,
            currency=options.currency,
            max_rows=self.max_rows,
        )

    async def tidy(self) -> None:
        """Remove the files of old imports, and those that a crash has left without an import."""
        known = await asyncio.to_thread(self.spool.known)
        if known:
            old = set(await self.repository.older_than(FILES_KEPT_DAYS))
            living = await self.repository.existing(list(known))
            for import_id in known & old | {each for each in known - living if is_older_than_a_day(each)}:
                await asyncio.to_thread(self.spool.file(import_id).remove)

    def require_file(self, row: Import) -> SpooledFile:
        spooled = self.spool.file(row.id)
        if not table_of(row, spooled).is_file():
            raise ImportFileGone(
                f"Files are kept for {FILES_KEPT_DAYS} days, on the machine that received them. Send the file again."
            )
        return spooled

    async def _require(self, import_id: uuid.UUID, *, lock: bool = False) -> Import:
        row = await self.repository.find(import_id, lock=lock)
        if row is None:
            raise ImportNotFound("There is no such import.")
        return row

    async def _idle(self, import_id: uuid.UUID) -> Import:
        row = await self._require(import_id, lock=True)
        if row.status in UNDER_WAY:
            raise ImportUnderWay("Wait until it has ended, or cancel it.")
        return row

    async def _convert(self, row: Import, spooled: SpooledFile, sheet: str | None) -> None:
        target = spooled.folder / "converting.csv"
        converted = await convert_workbook(spooled.original, target, sheet)
        row.sheet, row.sheets = converted.sheet, converted.sheets
        await asyncio.to_thread(target.replace, table_of(row, spooled))
        row.notes = []
        if converted.merged:
            row.notes = [
                f"{converted.merged} cells are merged over several rows; their value counts for each of those rows."
            ]

    async def _describe(self, row: Import, spooled: SpooledFile, body: ImportUpdate) -> None:
        """Find out anew what was not given, where something else than the mapping has changed."""
        reshapes = row.shape is None or any((body.encoding, body.delimiter, body.sheet, body.header_row))
        path = table_of(row, spooled)
        if reshapes:
            known = row.shape or {}
            encoding = "utf-8" if row.is_workbook else body.encoding or known.get("encoding")
            delimiter = (
                "," if row.is_workbook else body.delimiter or (None if body.encoding else known.get("delimiter"))
            )
            shape = await asyncio.to_thread(describe, path, encoding, delimiter, body.header_row)
            row.shape = {**asdict(shape), "columns": [list(column) for column in shape.columns]}
            row.rows_estimated = await asyncio.to_thread(estimate_rows, path, shape)
        if reshapes or (body.format is not None and body.format != row.format):
            names = shape_of(row).names
            row.format = body.format or detect_format(names)
            row.mapping = FORMATS[row.format].propose_mapping(names)

    def _mapping(self, row: Import, given: dict[str, str]) -> dict[str, str]:
        names = set(shape_of(row).names)
        fields = {*FORMATS[row.format].fields, *FREE_FIELDS}
        errors = []
        for column, name in given.items():
            pointer = "#/mapping/" + column.replace("~", "~0").replace("/", "~1")
            if column not in names:
                errors.append(InvalidField(detail="The file has no such column.", pointer=pointer))
            elif name not in fields and not (
                name.startswith(ATTRIBUTE_PREFIX) and name[len(ATTRIBUTE_PREFIX) :].strip()
            ):
                errors.append(InvalidField(detail=f"{name} is no field of the format {row.format}.", pointer=pointer))
        if errors:
            raise InvalidRequest("Some columns cannot be mapped like that.", errors=errors)
        return {**row.mapping, **given}

    async def _preview(self, row: Import) -> ImportPreview:
        preview = await asyncio.to_thread(make_preview, self.source(row))
        return ImportPreview(**read_values(row), columns=preview.columns, fields=preview.fields, preview=preview.rows)


def invalid(detail: str, field: str) -> InvalidRequest:
    return InvalidRequest(
        "One or more fields are not valid.", errors=[InvalidField(detail=detail, pointer=f"#/{field}")]
    )


def is_older_than_a_day(import_id: uuid.UUID) -> bool:
    """By the time that a UUIDv7 begins with."""
    return now().timestamp() - (import_id.int >> 80) / 1000 > 86_400
