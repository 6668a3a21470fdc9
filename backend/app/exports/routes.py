from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from app.auth.dependencies import Editor, Viewer
from app.auth.errors import NotSignedIn, RoleRequired
from app.common.identifiers import RowId
from app.common.paging import Cursor, InvalidCursor, Limit, Page
from app.database import Session
from app.exports.delivery import ExportSender
from app.exports.errors import ExportNotFound, ExportsBusy
from app.exports.preflight import PreflightService
from app.exports.schemas import ExportRead, ExportRequest, Preflight
from app.exports.service import ExportService
from app.exports.writing import FILE_TYPES
from shared.utils.errors import InvalidRequest
from shared.utils.problems import problems

PREFIX = "/api/v1/exports"

router = APIRouter(prefix=PREFIX, tags=["exports"], responses=problems(NotSignedIn, RoleRequired, InvalidRequest))

FILE_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file, or a ZIP of several where Shopify would not take one of its size.",
        "content": {
            media_type.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
            for media_type in [*dict.fromkeys(kind for _, kind in FILE_TYPES.values()), "application/zip"]
        },
    }
}


def get_service(session: Session) -> ExportService:
    return ExportService(session)


def get_sender(request: Request) -> ExportSender:
    sender: ExportSender = request.app.state.export_sender
    return sender


Exports = Annotated[ExportService, Depends(get_service)]
Sender = Annotated[ExportSender, Depends(get_sender)]


@router.post("", status_code=201)
async def create_export(principal: Editor, body: ExportRequest, exports: Exports, response: Response) -> ExportRead:
    """Ask for an export. Its file is written while it is fetched, as the catalogue is then."""
    export = await exports.create(body, principal)
    response.headers["Location"] = f"{PREFIX}/{export.id}"
    return export


@router.post("/preflight", responses=problems(InvalidCursor))
async def preflight_export(
    principal: Viewer, body: ExportRequest, session: Session, request: Request, limit: Limit = 50, cursor: Cursor = None
) -> Preflight:
    """What the shop would refuse, or take in another way than one thinks. Nothing is written."""
    return await PreflightService(session, request.app.state.public_media, principal.id).run(body, limit, cursor)


@router.get("", responses=problems(InvalidCursor))
async def list_exports(_: Viewer, exports: Exports, limit: Limit = 50, cursor: Cursor = None) -> Page[ExportRead]:
    """All exports, newest first."""
    return await exports.page(limit, cursor)


@router.get("/{export_id}", responses=problems(ExportNotFound))
async def get_export(_: Viewer, export_id: RowId, exports: Exports) -> ExportRead:
    """One export, and what its last finished file had in it."""
    return await exports.get(export_id)


@router.get(
    "/{export_id}/file", response_class=Response, responses={**problems(ExportNotFound, ExportsBusy), **FILE_ANSWER}
)
async def export_file(_: Viewer, export_id: RowId, sender: Sender, request: Request) -> Response:
    """The file. When all of it has been sent, the export is finished, and `changed` counts from its moment."""
    return await sender.open(export_id, request.is_disconnected)


@router.delete("/{export_id}", status_code=204, responses=problems(ExportNotFound))
async def delete_export(_: Editor, export_id: RowId, exports: Exports) -> None:
    """Remove the record. `changed` then counts from the export before it."""
    await exports.delete(export_id)
