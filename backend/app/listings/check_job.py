"""Checks that could not be made when a text was saved, made up for by the worker."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from app.auth.dependencies import Principal
from app.database import Sessions
from app.gateway.errors import ServiceTimeout, ServiceUnavailable
from app.gateway.services import Services
from app.jobs.queue import defer_job
from app.listings.checking import CheckError
from app.listings.editing import ListingEditor
from app.listings.repository import ListingRepository
from shared.utils.errors import AppError

log = structlog.get_logger(__name__)

# How long until the next try while the service is down. Nobody waits for it, and there may be thousands.
RETRY_S = 15
WORKER = Principal(None, "Check", None, "editor")


@dataclass(frozen=True, slots=True)
class CheckListingJob:
    """May be executed again at any point: what is checked already is left alone."""

    sessions: Sessions
    services: Services

    async def execute(self, arguments: dict[str, Any]) -> None:
        listing_ids = [uuid.UUID(each) for each in arguments["listing_ids"]]
        editor = ListingEditor(self.sessions, self.services, WORKER)
        for position, listing_id in enumerate(listing_ids):
            async with self.sessions() as session:
                product_id = await ListingRepository(session).to_check(listing_id)
            if product_id is None:
                continue
            try:
                await editor.check_again(product_id, listing_id, arguments["ui_language"], "*")
            except (ServiceUnavailable, ServiceTimeout):
                await self._later(listing_ids[position:], arguments)
                return
            except CheckError as error:
                # Asking again would bring the same answer; the text stays unchecked, and says so.
                log.warning("listing_not_checked", listing=str(listing_id), error=str(error))
            except AppError as error:
                # Deleted, edited or decided meanwhile: then there is nothing to check any more.
                log.info("listing_check_dropped", listing=str(listing_id), error=str(error))

    async def give_up(self, arguments: dict[str, Any]) -> None:
        log.error("listings_not_checked", listings=arguments["listing_ids"])

    async def _later(self, listing_ids: Sequence[uuid.UUID], arguments: dict[str, Any]) -> None:
        async with self.sessions.begin() as session:
            rest = {**arguments, "listing_ids": [str(each) for each in listing_ids]}
            await defer_job(session, "check-listing", rest, delay_s=RETRY_S)
