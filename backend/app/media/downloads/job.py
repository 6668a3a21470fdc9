"""Fetches images by the one door out. What the other side may mend is tried again later; everything else says why."""

import asyncio
import uuid
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import structlog

from app.database import Sessions
from app.media.downloads.repository import DownloadRepository
from app.media.downloads.service import defer_downloads
from app.media.errors import ImageAlreadyThere, MediumNotFound, StorageUnavailable
from app.media.keeper import MediaKeeper
from app.media.service import MediaService
from shared.models.describe import MAX_IMAGE_BYTES
from shared.utils.errors import AppError
from shared.utils.images import ImageError
from shared.utils.outbound import (
    FetchLimits,
    Outbound,
    OutboundError,
    OutboundPolicy,
    UpstreamTimeout,
    UpstreamUnreachable,
)

log = structlog.get_logger(__name__)

SIDE_BY_SIDE = 4
MAX_ATTEMPTS = 4
FIRST_PAUSE_S = 30.0
STORAGE_PAUSE_S = 60.0
LIMITS = FetchLimits(max_bytes=MAX_IMAGE_BYTES, max_decoded_bytes=MAX_IMAGE_BYTES, timeout_s=60.0)
MAX_REASON = 500


class Refused(Exception):
    """The other side answered, but not with an image."""


class RefusedForNow(Refused):
    """As before, but it may have one later."""


async def fetch(outbound: Outbound, url: str) -> bytes:
    answer = await outbound.fetch(url, headers={"Accept": "image/*,*/*;q=0.1"}, limits=LIMITS)
    if answer.status in {408, 425, 429} or answer.status >= 500:
        raise RefusedForNow(f"The server answered {answer.status}.")
    if answer.status != 200:
        raise Refused(f"The server answered {answer.status}.")
    return answer.body


def reason_of(error: AppError | Refused) -> str:
    reason = f"{error.title}. {error.detail or ''}" if isinstance(error, AppError) else str(error)
    return reason.strip()[:MAX_REASON]


@dataclass(frozen=True, slots=True)
class FetchImageJob:
    sessions: Sessions
    keeper: MediaKeeper
    policy: OutboundPolicy

    async def execute(self, arguments: dict[str, Any]) -> None:
        ids = [uuid.UUID(each) for each in arguments["download_ids"]]
        async with self.sessions() as session:
            pending = {row.id: row.url for row in await DownloadRepository(session).pending(ids)}
        slots = asyncio.Semaphore(SIDE_BY_SIDE)
        async with Outbound(self.policy) as outbound, asyncio.TaskGroup() as group:

            async def one(identifier: uuid.UUID, url: str) -> None:
                async with slots:
                    await self._one(outbound, identifier, url)

            for identifier, url in pending.items():
                group.create_task(one(identifier, url))

    async def give_up(self, arguments: dict[str, Any]) -> None:
        ids = [uuid.UUID(each) for each in arguments["download_ids"]]
        async with self.sessions.begin() as session:
            await DownloadRepository(session).fail_pending(ids, "Something unexpected happened. Try it once more.")

    async def _one(self, outbound: Outbound, identifier: uuid.UUID, url: str) -> None:
        try:
            sha256 = await self.keeper.keep(BytesIO(await fetch(outbound, url)))
            await self._show(identifier, sha256)
        except StorageUnavailable as error:
            await self._again(identifier, error, counts=False)
        except (RefusedForNow, UpstreamTimeout, UpstreamUnreachable, MediumNotFound) as error:
            await self._again(identifier, error, counts=True)
        except (Refused, OutboundError, ImageError) as error:
            await self._fail(identifier, error)

    async def _show(self, identifier: uuid.UUID, sha256: str) -> None:
        try:
            async with self.sessions.begin() as session:
                row = await DownloadRepository(session).lock_pending(identifier)
                if row is None:
                    return
                media = MediaService.reader(session)
                image = await media.add(row.product_id, sha256, alt=row.alt, position=row.position)
                row.status, row.reason, row.image_id = "done", None, image.id
        except ImageAlreadyThere:
            async with self.sessions.begin() as session:
                row = await DownloadRepository(session).lock_pending(identifier)
                if row is not None:
                    row.status, row.reason = "done", "The product had this photo already."
                    row.image_id = await MediaService.reader(session).with_content(row.product_id, sha256)

    async def _again(self, identifier: uuid.UUID, error: AppError | Refused, *, counts: bool) -> None:
        async with self.sessions.begin() as session:
            row = await DownloadRepository(session).lock_pending(identifier)
            if row is None:
                return
            row.attempts += counts
            row.reason = reason_of(error)
            if row.attempts >= MAX_ATTEMPTS:
                row.status = "failed"
                return
            pause = FIRST_PAUSE_S * 4 ** (row.attempts - 1) if counts else STORAGE_PAUSE_S
            await defer_downloads(session, [identifier], delay_s=pause)

    async def _fail(self, identifier: uuid.UUID, error: AppError | Refused) -> None:
        log.info("image_not_fetched", download=str(identifier), reason=reason_of(error))
        async with self.sessions.begin() as session:
            await DownloadRepository(session).fail_pending([identifier], reason_of(error))
