"""ADMIN_EMAIL and ADMIN_PASSWORD: the first administrator of an installation that nobody could sign in to otherwise."""

import structlog
from pydantic import TypeAdapter
from sqlalchemy import text

from app.auth.errors import PasswordTooWeak
from app.auth.models import User
from app.auth.passwords import check_strength, hash_password
from app.auth.repository import AuthRepository
from app.auth.schemas import Email
from app.common.identifiers import new_id
from app.database import Actor, Sessions, act_as
from app.settings import Settings

log = structlog.get_logger(__name__)

NAME = "Administrator"
LOCK = 7_203_141_593


async def ensure_first_administrator(sessions: Sessions, settings: Settings) -> None:
    """Nothing, where an administrator with a password is there already. An existing password is never replaced.

    Raises ValueError where the settings cannot be used.
    """
    if settings.admin_email is None and settings.admin_password is None:
        return
    if settings.admin_email is None or settings.admin_password is None:
        raise ValueError("ADMIN_EMAIL and ADMIN_PASSWORD belong together: set both, or none")
    email: str = TypeAdapter(Email).validate_python(settings.admin_email)
    password = settings.admin_password.get_secret_value()
    async with sessions.begin() as session:
        # Replicas that start at once make one administrator.
        await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        repository = AuthRepository(session)
        if any(user.password_hash is not None for user in await repository.active_administrators()):
            return
        existing = await repository.find_by_email(email, lock=True)
        if existing is not None and (existing.password_hash is not None or not existing.active):
            log.warning(
                "first_administrator_not_made", reason="a user with this address has a password, or is inactive"
            )
            return
        try:
            check_strength(password, email=email, name=NAME)
        except PasswordTooWeak as error:
            raise ValueError(f"ADMIN_PASSWORD cannot be used. {error.detail}") from None
        await act_as(session, Actor(None, "ADMIN_EMAIL"))
        hashed = await hash_password(password)
        if existing is None:
            repository.add(User(id=new_id(), email=email, name=NAME, role="admin", password_hash=hashed))
        else:
            existing.role, existing.password_hash = "admin", hashed
    log.info("first_administrator_made")
