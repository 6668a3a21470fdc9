import time
from typing import Literal

from fastapi import APIRouter, Request, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.database import Sessions
from app.media.storage_health import StorageHealth
from shared import __version__
from shared.models.base import ResponseModel

router = APIRouter(tags=["operations"])
STARTED = time.monotonic()


class BackendHealth(ResponseModel):
    service: Literal["backend"] = "backend"
    status: Literal["ok", "degraded"]
    version: str
    database: Literal["ok", "unreachable"]
    media: Literal["ok", "unusable"]
    uptime_s: float


@router.get("/health", responses={503: {"model": BackendHealth, "description": "The database is unreachable."}})
async def health(request: Request, response: Response) -> BackendHealth:
    """200 when the backend can work; without its media files it can, but for photos. Public."""
    sessions: Sessions = request.app.state.sessions
    media: StorageHealth = request.app.state.storage_health
    try:
        async with sessions() as session:
            await session.execute(text("SELECT 1"))
        reachable = True
    except (SQLAlchemyError, OSError):
        reachable = False
        response.status_code = 503
    return BackendHealth(
        status="ok" if reachable else "degraded",
        version=__version__,
        database="ok" if reachable else "unreachable",
        media="ok" if await media.usable() else "unusable",
        uptime_s=round(time.monotonic() - STARTED, 3),
    )


@router.get("/ping", status_code=200, response_class=Response)
async def ping() -> Response:
    """For load balancers. Public."""
    return Response()
