"""This feature's part of the application: its routes, what lives as long as the process, and its jobs."""

from collections.abc import Mapping
from datetime import timedelta

import structlog
from fastapi import APIRouter, FastAPI

from app.database import Sessions
from app.jobs.queue import JobHandler
from app.media import file_routes, routes
from app.media.archives import routes as archive_routes
from app.media.archives.job import PhotoArchiveJob
from app.media.archives.service import JOB as PHOTO_ARCHIVE
from app.media.downloads import routes as download_routes
from app.media.downloads.job import FetchImageJob
from app.media.downloads.service import JOB as FETCH_IMAGE
from app.media.errors import StorageUnavailable
from app.media.keeper import MediaKeeper
from app.media.orphans import routes as orphan_routes
from app.media.orphans.service import JOB as COLLECT_ORPHANS
from app.media.orphans.service import CollectOrphansJob, OrphanCollector
from app.media.s3 import S3Storage
from app.media.service import MediaService
from app.media.storage import LocalStorage, Storage
from app.media.storage_health import StorageHealth
from app.settings import Settings
from shared.utils.outbound import OutboundPolicy

log = structlog.get_logger(__name__)

MULTIPART_BYTES = 64 * 1024
"""What a form adds to its file."""

ROUTERS: tuple[APIRouter, ...] = (
    routes.router,
    download_routes.router,
    archive_routes.router,
    orphan_routes.router,
    file_routes.router,
    file_routes.public_router,
)


def open_storage(settings: Settings) -> Storage:
    if not settings.media_storage:
        return LocalStorage(settings.data_dir.resolve() / "media")
    bucket, _, prefix = settings.media_storage.removeprefix("s3://").partition("/")
    return S3Storage(
        bucket,
        prefix.strip("/"),
        region=settings.media_s3_region,
        endpoint=settings.media_s3_endpoint or None,
        key_id=settings.media_s3_key_id or None,
        secret=settings.media_s3_secret,
    )


async def attach(app: FastAPI, settings: Settings) -> None:
    """Needs `sessions` and `storage` in the application's state."""
    storage: Storage = app.state.storage
    sessions: Sessions = app.state.sessions
    # Beside the local media folder, so that a file is moved there without being copied.
    temporary = settings.data_dir.resolve() / "temporary"
    app.state.storage_health = StorageHealth(storage)
    app.state.media_keeper = MediaKeeper(sessions, storage, temporary)
    grace = timedelta(hours=settings.media_grace_hours)
    app.state.orphan_collector = OrphanCollector(sessions, storage, temporary, grace)
    async with sessions() as session:
        app.state.public_media = await MediaService.reader(session).public_media(settings.public_media_url or None)
    try:
        await storage.check()
    except StorageUnavailable as error:
        # Everything but photos works, and photos do as soon as the store does.
        log.error("media_storage_unusable", storage=settings.media_storage or "folder", detail=error.detail)


def job_handlers(app: FastAPI, settings: Settings) -> dict[str, JobHandler]:
    sessions, keeper = app.state.sessions, app.state.media_keeper
    return {
        FETCH_IMAGE: FetchImageJob(sessions, keeper, OutboundPolicy(allow=settings.outbound_allow)),
        PHOTO_ARCHIVE: PhotoArchiveJob(sessions, app.state.storage, keeper, keeper.temporary_folder),
        COLLECT_ORPHANS: CollectOrphansJob(app.state.orphan_collector),
    }


def larger_bodies(settings: Settings) -> Mapping[str, int]:
    """Paths that take more than the others, in bytes."""
    return {archive_routes.PATH: settings.photo_archive_max_bytes + MULTIPART_BYTES}
