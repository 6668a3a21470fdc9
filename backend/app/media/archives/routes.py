import asyncio
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from app.auth.dependencies import Editor, Viewer
from app.auth.errors import NotSignedIn, RoleRequired
from app.common.identifiers import RowId
from app.common.paging import Cursor, InvalidCursor, Limit, Page
from app.database import Session
from app.media.archives.errors import PhotoArchiveNotFound, PhotoArchiveNotReady, PhotoArchiveUnreadable
from app.media.archives.job import read_entries
from app.media.archives.receiving import receive_file
from app.media.archives.schemas import (
    FileOutcome,
    PhotoArchiveFileRead,
    PhotoArchiveRead,
    PhotoMatchRead,
    PhotoNames,
)
from app.media.archives.service import ArchiveService
from app.media.errors import StorageUnavailable
from app.media.keeper import MediaKeeper
from app.media.preparing import temporary_file
from shared.utils.errors import InvalidRequest, PayloadTooLarge
from shared.utils.problems import problems

PATH = "/api/v1/photo-archives"
FIELD = "archive"

router = APIRouter(prefix=PATH, tags=["photo archives"], responses=problems(NotSignedIn, RoleRequired, InvalidRequest))

# The body is read by ourselves, and only once it is known who sends it: it may have gigabytes.
ZIP_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [FIELD],
                    "properties": {FIELD: {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


def checked_size(file: Path) -> int:
    """In bytes. Raises PhotoArchiveUnreadable."""
    read_entries(file)
    return file.stat().st_size


def get_service(session: Session, request: Request) -> ArchiveService:
    return ArchiveService(session, request.app.state.storage)


Archives = Annotated[ArchiveService, Depends(get_service)]


@router.post(
    "",
    status_code=202,
    openapi_extra=ZIP_BODY,
    responses=problems(PhotoArchiveUnreadable, PayloadTooLarge, StorageUnavailable),
)
async def upload_photo_archive(
    editor: Editor, request: Request, archives: Archives, dry_run: bool = False
) -> PhotoArchiveRead:
    """Add the photos of a ZIP to the products whose SKUs their names or folders carry.

    With `dry_run` they are matched only; look at the files, then start it without another upload.
    """
    keeper: MediaKeeper = request.app.state.media_keeper
    with temporary_file(keeper.temporary_folder) as file:
        file_name = await receive_file(request, FIELD, file)
        size_bytes = await asyncio.to_thread(checked_size, file)
        return await archives.add(file, size_bytes, file_name, dry_run=dry_run, created_by=editor.name)


@router.post("/match")
async def match_photo_names(_: Viewer, body: PhotoNames, archives: Archives) -> list[PhotoMatchRead]:
    """Which product each photo would go to, by its name alone: for a folder that is about to be uploaded."""
    return await archives.match(body.names)


@router.get("", responses=problems(InvalidCursor))
async def list_photo_archives(
    _: Viewer, archives: Archives, limit: Limit = 50, cursor: Cursor = None
) -> Page[PhotoArchiveRead]:
    """The newest first."""
    return await archives.page(limit, cursor)


@router.get("/{archive_id}", responses=problems(PhotoArchiveNotFound))
async def get_photo_archive(_: Viewer, archive_id: RowId, archives: Archives) -> PhotoArchiveRead:
    """How far an archive is."""
    return await archives.get(archive_id)


@router.get("/{archive_id}/files", responses=problems(PhotoArchiveNotFound, InvalidCursor))
async def list_photo_archive_files(
    _: Viewer,
    archive_id: RowId,
    archives: Archives,
    outcome: FileOutcome | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[PhotoArchiveFileRead]:
    """Each file of the archive: its product, what became of it, and why."""
    return await archives.files(archive_id, outcome=outcome, limit=limit, cursor=cursor)


@router.get(
    "/{archive_id}/report.csv",
    response_class=Response,
    responses={**problems(PhotoArchiveNotFound), 200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def photo_archive_report(_: Viewer, archive_id: RowId, archives: Archives) -> Response:
    """The same as a table for a spreadsheet."""
    headers = {
        "Content-Disposition": f'attachment; filename="photos-{archive_id}.csv"',
        "X-Content-Type-Options": "nosniff",
    }
    # With the mark by which spreadsheets know UTF-8.
    return Response(f"\ufeff{await archives.report(archive_id)}", media_type="text/csv", headers=headers)


@router.post("/{archive_id}/start", status_code=202, responses=problems(PhotoArchiveNotFound, PhotoArchiveNotReady))
async def start_photo_archive(_: Editor, archive_id: RowId, archives: Archives) -> PhotoArchiveRead:
    """Add the photos of an archive that was only matched so far."""
    return await archives.start(archive_id)


@router.post("/{archive_id}/undo", status_code=202, responses=problems(PhotoArchiveNotFound, PhotoArchiveNotReady))
async def undo_photo_archive(_: Editor, archive_id: RowId, archives: Archives) -> PhotoArchiveRead:
    """Take away the photos that this archive added, and nothing else; one that still adds is stopped."""
    return await archives.undo(archive_id)
