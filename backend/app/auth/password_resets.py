"""A new password by a one-time link: asked for by mail, or handed over by an administrator.

The public request answers the same, and does the same, whether or not there is such a user: it only enqueues a job. The
job looks, makes the token and sends the mail; so no token is ever stored but as its hash.
"""

from typing import Any
from urllib.parse import quote

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import throttle
from app.auth.client import Client
from app.auth.errors import PasswordResetInvalid
from app.auth.mail import Mailer
from app.auth.mail_texts import password_reset_mail
from app.auth.passwords import check_strength, hash_password
from app.auth.repository import AuthRepository
from app.auth.service import set_password
from app.auth.tokens import token_hash
from app.auth.users import RESET_LIFETIME, add_password_reset
from app.database import Actor, Sessions, act_as
from app.jobs.queue import defer_job
from shared.models.base import now

log = structlog.get_logger(__name__)

JOB = "password-reset-mail"


def reset_path(token: str, email: str) -> str:
    # In the fragment, which browsers never send; the address is for the password manager.
    return f"/reset-password#token={token}&email={quote(email)}"


class PasswordResetService:
    def __init__(self, session: AsyncSession, sessions: Sessions, *, mail_is_set_up: bool) -> None:
        self.session = session
        self.sessions = sessions
        self.mail_is_set_up = mail_is_set_up

    async def request(self, email: str, client: Client) -> None:
        await throttle.count(self.sessions, throttle.reset_counters(client.address, email))
        if self.mail_is_set_up:
            await defer_job(self.session, JOB, {"email": email})

    async def complete(self, token: str, password: str) -> None:
        invalid = PasswordResetInvalid("Ask for a new one; your password was not changed.")
        async with self.sessions() as session:
            # Looked at and not used: with a password that is refused the link stays good for a better one.
            user = await AuthRepository(session).user_of_password_reset(token_hash(token), now())
        if user is None or not user.active:
            raise invalid
        check_strength(password, email=user.email, name=user.name)
        hashed = await hash_password(password)
        await act_as(self.session, Actor(user.id, user.name))
        repository = AuthRepository(self.session)
        user_id = await repository.use_password_reset(token_hash(token), now())
        changed = None if user_id is None else await repository.find_user(user_id, lock=True)
        if changed is None or not changed.active:
            raise invalid
        await set_password(self.session, changed, hashed)


class PasswordResetMailJob:
    """Sends the mail of one request. Executed again, it sends another link and voids the one before."""

    def __init__(self, sessions: Sessions, mailer: Mailer) -> None:
        self.sessions = sessions
        self.mailer = mailer

    async def execute(self, arguments: dict[str, Any]) -> None:
        async with self.sessions.begin() as session:
            user = await AuthRepository(session).find_by_email(arguments["email"])
            if user is None or not user.active:
                return
            token, _ = await add_password_reset(session, user, RESET_LIFETIME)
        mail = password_reset_mail(user.language or "en", self.mailer.link(reset_path(token, user.email)), user.name)
        await self.mailer.send(user.email, mail)

    async def give_up(self, arguments: dict[str, Any]) -> None:
        log.error("password_reset_mail_not_sent", reason="the mail server refused it again and again")
