from fastapi import APIRouter, Request

from app.auth.dependencies import Admin
from app.auth.errors import NotSignedIn, RoleRequired
from app.media.errors import StorageUnavailable
from app.media.orphans.schemas import OrphansReport
from app.media.orphans.service import OrphanCollector
from shared.utils.errors import InvalidRequest
from shared.utils.problems import problems

router = APIRouter(
    prefix="/api/v1/media",
    tags=["media"],
    responses=problems(NotSignedIn, RoleRequired, InvalidRequest, StorageUnavailable),
)


@router.post("/collect-orphans")
async def collect_orphans(_: Admin, request: Request, dry_run: bool = False) -> OrphansReport:
    """Remove image files that nothing refers to, after their grace time; with `dry_run` only say which.

    This happens by itself every few hours.
    """
    collector: OrphanCollector = request.app.state.orphan_collector
    return await collector.collect(dry_run=dry_run)
