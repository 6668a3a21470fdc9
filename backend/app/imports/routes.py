from collections.abc import AsyncIterable, AsyncIterator
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from app.auth.dependencies import Editor, Viewer
from app.auth.errors import NotSignedIn, RoleRequired
from app.common.identifiers import RowId
from app.common.paging import Cursor, InvalidCursor, Limit, Page
from app.database import Session
from app.imports.errors import ImportFileGone, ImportNotFound, ImportNotUnderWay, ImportUnderWay, TableUnreadable
from app.imports.events import import_event_stream
from app.imports.failed_rows import failed_rows
from app.imports.schemas import FailedRow, ImportPreview, ImportRead, ImportStart, ImportUpdate, ImportUpload
from app.imports.service import ImportService, shape_of, table_of
from app.imports.spool import Spool
from app.settings import Settings
from shared.models.problems import InvalidField
from shared.utils.errors import InvalidRequest, PayloadTooLarge
from shared.utils.problems import problems

PREFIX = "/api/v1/imports"
MAX_FORM_FIELDS = 10
MULTIPART_BYTES = 64 * 1024
"""What a form adds to its file."""

router = APIRouter(prefix=PREFIX, tags=["imports"], responses=problems(NotSignedIn, RoleRequired, InvalidRequest))

UPLOAD_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "CSV, TSV, XLSX, XLS or ODS."},
                        "language": {"type": "string", "description": "Of the texts in it, such as `en`."},
                        "currency": {"type": "string", "description": "Of prices without one, such as `EUR`."},
                    },
                }
            }
        },
    }
}


def get_service(session: Session, request: Request) -> ImportService:
    settings: Settings = request.app.state.settings
    return ImportService(session, Spool(settings.data_dir), settings.import_max_rows)


Imports = Annotated[ImportService, Depends(get_service)]


def upload_fields(form: dict[str, Any]) -> ImportUpload:
    try:
        return ImportUpload.model_validate({name: value for name, value in form.items() if value != ""})
    except ValidationError as error:
        errors = [
            InvalidField(detail=each["msg"], pointer="#/" + "/".join(map(str, each["loc"]))) for each in error.errors()
        ]
        raise InvalidRequest("One or more fields are not valid.", errors=errors) from None


@router.post(
    "",
    status_code=201,
    responses=problems(TableUnreadable, PayloadTooLarge),
    openapi_extra=UPLOAD_BODY,
)
async def upload_import(principal: Editor, request: Request, imports: Imports, response: Response) -> ImportPreview:
    """Send a file with products; the answer shows how it is understood. Nothing is imported before it is started."""
    # Read here, not by the framework, which would take in the whole file before it asks who sends it.
    async with request.form(max_files=1, max_fields=MAX_FORM_FIELDS) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            detail = "Send the file as the part `file` of a form (multipart/form-data)."
            raise InvalidRequest(detail, errors=[InvalidField(detail="A file is required.", pointer="#/file")])
        fields = upload_fields({name: value for name, value in form.items() if name != "file"})
        await imports.tidy()
        preview = await imports.create(file.file, file.filename or "", fields, principal)
    response.headers["Location"] = f"{PREFIX}/{preview.id}"
    return preview


@router.get("", responses=problems(InvalidCursor))
async def list_imports(_: Viewer, imports: Imports, limit: Limit = 50, cursor: Cursor = None) -> Page[ImportRead]:
    """All imports, newest first."""
    return await imports.page(limit, cursor)


@router.get("/{import_id}", responses=problems(ImportNotFound))
async def get_import(_: Viewer, import_id: RowId, imports: Imports) -> ImportRead:
    """One import and how far it has come."""
    return await imports.get(import_id)


@router.get("/{import_id}/preview", responses=problems(ImportNotFound, ImportFileGone, TableUnreadable))
async def preview_import(_: Viewer, import_id: RowId, imports: Imports) -> ImportPreview:
    """The columns of the file and its first products, as they would be imported."""
    return await imports.preview(import_id)


@router.patch("/{import_id}", responses=problems(ImportNotFound, ImportUnderWay, ImportFileGone, TableUnreadable))
async def update_import(_: Editor, import_id: RowId, body: ImportUpdate, imports: Imports) -> ImportPreview:
    """Change how the file is understood: format, columns, sheet, encoding, delimiter, header. The preview follows."""
    return await imports.update(import_id, body)


@router.delete("/{import_id}", status_code=204, responses=problems(ImportNotFound, ImportUnderWay))
async def delete_import(_: Editor, import_id: RowId, imports: Imports) -> None:
    """Remove the file and its report. Products that were imported stay."""
    await imports.delete(import_id)


@router.post("/{import_id}/start", status_code=202, responses=problems(ImportNotFound, ImportUnderWay, ImportFileGone))
async def start_import(_: Editor, import_id: RowId, imports: Imports, body: ImportStart | None = None) -> ImportRead:
    """Import the file in the background, or only count what would happen. Products are found again by their SKU."""
    return await imports.start(import_id, body or ImportStart())


@router.post("/{import_id}/cancel", status_code=202, responses=problems(ImportNotFound, ImportNotUnderWay))
async def cancel_import(_: Editor, import_id: RowId, imports: Imports) -> ImportRead:
    """Stop it; what was imported so far stays."""
    return await imports.cancel(import_id)


async def existing_import(_: Viewer, import_id: RowId, imports: Imports) -> None:
    await imports.get(import_id)


@router.get(
    "/{import_id}/events",
    response_class=EventSourceResponse,
    dependencies=[Depends(existing_import)],
    responses=problems(ImportNotFound),
)
async def import_events(_: Viewer, import_id: RowId, request: Request) -> AsyncIterable[ServerSentEvent]:
    """Progress as server-sent events: snapshot, end."""
    async for event in import_event_stream(request.app.state.sessions, import_id):
        yield event


@router.get("/{import_id}/errors", responses=problems(ImportNotFound, InvalidCursor))
async def list_failed_rows(
    _: Viewer, import_id: RowId, imports: Imports, limit: Limit = 50, cursor: Cursor = None
) -> Page[FailedRow]:
    """What is wrong with which rows, in the order of the file."""
    return await imports.failed_page(import_id, limit, cursor)


@router.get(
    "/{import_id}/errors.csv",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
        **problems(ImportNotFound, ImportFileGone),
    },
)
async def download_failed_rows(_: Viewer, import_id: RowId, imports: Imports, request: Request) -> StreamingResponse:
    """The rows with problems as they stand in the file, with what is wrong: to mend there, and to send again."""
    spooled, row = await imports.failed_source(import_id)
    name = f"{row.file_name.rpartition('.')[0] or row.file_name}-errors.csv"
    content: AsyncIterator[bytes] = failed_rows(
        request.app.state.sessions, import_id, table_of(row, spooled), shape_of(row)
    )
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(content, media_type="text/csv; charset=utf-8", headers=headers)
