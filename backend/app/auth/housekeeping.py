"""What has ended is deleted: sessions, links, known browsers, counted attempts."""

import asyncio

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.auth import throttle
from app.auth.repository import AuthRepository
from app.database import Sessions
from shared.models.base import now

log = structlog.get_logger(__name__)

EVERY_S = 3600.0


async def tidy_up(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await AuthRepository(session).delete_expired(now())
        await throttle.forget(session)


async def keep_house(sessions: Sessions) -> None:
    """Every hour, as long as this runs."""
    while True:
        try:
            await tidy_up(sessions)
        except (SQLAlchemyError, OSError) as error:
            log.warning("auth_not_tidied_up", error=type(error).__name__)
        await asyncio.sleep(EVERY_S)
