import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime

from app.audit.schemas import Action, AuditEventRead, AuditFilter, HistoryEvent, TableName
from app.audit.service import AuditService, csv_lines
from app.auth.dependencies import Admin, Viewer
from app.auth.errors import NotSignedIn, RoleRequired, ScopeRequired
from app.common.identifiers import RowId
from app.common.paging import Cursor, InvalidCursor, Limit, Page
from app.database import Session
from app.products.dependencies import ExistingProduct
from app.products.errors import ProductNotFound
from shared.utils.errors import InvalidRequest
from shared.utils.problems import problems

REFUSALS = problems(NotSignedIn, RoleRequired, ScopeRequired, InvalidRequest)

router = APIRouter(prefix="/api/v1/audit", tags=["audit"], responses=REFUSALS)
product_router = APIRouter(
    prefix="/api/v1/products/{product_id}", tags=["audit"], dependencies=[ExistingProduct], responses=REFUSALS
)


class CsvResponse(StreamingResponse):
    media_type = "text/csv"


def get_service(session: Session) -> AuditService:
    return AuditService(session)


Audit = Annotated[AuditService, Depends(get_service)]


def get_filter(
    product_id: uuid.UUID | None = None,
    actor_id: uuid.UUID | None = None,
    action: Action | None = None,
    table: Annotated[TableName | None, Query(description="For example products or listings.")] = None,
    since: Annotated[AwareDatetime | None, Query(description="From this moment on.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Before this moment.")] = None,
) -> AuditFilter:
    return AuditFilter(product_id=product_id, actor_id=actor_id, action=action, table=table, since=since, until=until)


Filter = Annotated[AuditFilter, Depends(get_filter)]


@router.get("", responses=problems(InvalidCursor))
async def list_audit_events(
    _: Admin, audit: Audit, wanted: Filter, limit: Limit = 50, cursor: Cursor = None
) -> Page[AuditEventRead]:
    """The log of all changes and sign-ins, newest first."""
    return await audit.list(wanted, limit=limit, cursor=cursor)


@router.get("/export", response_class=CsvResponse)
async def export_audit_events(_: Admin, wanted: Filter, request: Request) -> StreamingResponse:
    """The filtered log as CSV, oldest first."""
    return CsvResponse(
        csv_lines(request.app.state.sessions, wanted),
        headers={"Content-Disposition": 'attachment; filename="audit.csv"', "X-Content-Type-Options": "nosniff"},
    )


@product_router.get("/history", responses=problems(ProductNotFound, InvalidCursor))
async def product_history(
    _: Viewer, product_id: RowId, audit: Audit, limit: Limit = 50, cursor: Cursor = None
) -> Page[HistoryEvent]:
    """Who changed what of this product, its images, pages, facts, listings and comments; newest first."""
    return await audit.history(AuditFilter(product_id=product_id), limit=limit, cursor=cursor)
