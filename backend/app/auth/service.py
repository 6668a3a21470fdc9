"""Sign-in by one-time link, sessions in an HttpOnly cookie. Tokens are random, and only their hashes are stored."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.errors import SignInLinkInvalid
from app.auth.models import User
from app.auth.repository import AuthRepository
from app.auth.schemas import SignInLinkRead
from shared.models.base import now

LINK_LIFETIME = timedelta(minutes=15)
OWNER_EMAIL = "owner@localhost"


def token_hash(token: str) -> str:
    # The tokens have 256 random bits; a slow hash is for passwords that people choose.
    return hashlib.sha256(token.encode()).hexdigest()


class AuthService:
    def __init__(self, session: AsyncSession, session_days: int) -> None:
        self.repository = AuthRepository(session)
        self.session_lifetime = timedelta(days=session_days)

    async def make_sign_in_link(self) -> SignInLinkRead:
        """A link for the owner of this installation."""
        owner = await self.repository.ensure_user(OWNER_EMAIL, "Owner", "admin")
        token = secrets.token_urlsafe(32)
        expires_at = now() + LINK_LIFETIME
        await self.repository.delete_expired(now())
        self.repository.add_link(token_hash(token), owner.id, expires_at)
        # In the fragment, so that it reaches neither a server log nor a Referer.
        return SignInLinkRead(path=f"/sign-in#token={token}", expires_at=expires_at)

    async def sign_in(self, token: str) -> tuple[User, str, datetime]:
        """The user, the session's token and its end."""
        user_id = await self.repository.use_link(token_hash(token), now())
        if user_id is None:
            raise SignInLinkInvalid("Ask for a new link: restart ./orchestrate up, or run ./orchestrate sign-in.")
        session_token = secrets.token_urlsafe(32)
        expires_at = now() + self.session_lifetime
        self.repository.add_session(token_hash(session_token), user_id, expires_at)
        return await self.repository.user(user_id), session_token, expires_at

    async def user_of_session(self, session_token: str) -> User | None:
        return await self.repository.user_of_session(token_hash(session_token), now())

    async def sign_out(self, session_token: str) -> None:
        await self.repository.delete_session(token_hash(session_token))
