"""Sign-in by one-time link or by password; sessions in an HttpOnly cookie; one's own account.

Tokens are random, and only their hashes are stored. Every sign-in makes a new session and ends the one that the browser
came with, so that nobody is signed in with a token that somebody else has chosen.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import AuditService
from app.auth import throttle
from app.auth.client import Client
from app.auth.errors import (
    InvalidCredentials,
    NotSignedIn,
    SessionNotFound,
    SignInLinkInvalid,
    UserInactive,
    WrongCurrentPassword,
)
from app.auth.models import ApiKey, KnownDevice, SignInLink, User, UserSession
from app.auth.passwords import check_strength, hash_password, needs_rehash, password_is_right
from app.auth.repository import SEEN_EVERY, ApiKeyRepository, AuthRepository
from app.auth.schemas import SessionRead, SignInLinkRead
from app.auth.tokens import new_token, token_hash
from app.common.identifiers import new_id
from app.database import Actor, Sessions, act_as
from shared.models.base import now

LINK_LIFETIME = timedelta(minutes=15)
DEVICE_LIFETIME = timedelta(days=365)
OWNER_EMAIL = "owner@localhost"
WRONG = "Check both, or ask for a new password. Nothing tells which of the two it is."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`device` is a new token for the browser; None where it has a good one."""

    user: User
    token: str
    expires_at: datetime
    device: str | None


class AuthService:
    def __init__(self, session: AsyncSession, sessions: Sessions, session_days: int) -> None:
        self.session = session
        # For what must not hold a connection while a password is hashed, or must outlive a refusal.
        self.sessions = sessions
        self.repository = AuthRepository(session)
        self.audit = AuditService(session)
        self.session_lifetime = timedelta(days=session_days)

    async def owner(self) -> User:
        """In whose name the command line of this machine acts, where a person is needed."""
        return await self.repository.ensure_user(OWNER_EMAIL, "Owner", "admin")

    async def make_sign_in_link(self, user_id: uuid.UUID | None) -> SignInLinkRead:
        """A link for the administrator who asks; for the owner of this installation where its command line does."""
        user = await self.owner() if user_id is None else await self.repository.user(user_id)
        if not user.active:
            raise UserInactive("The owner's account is deactivated; another administrator can activate it.")
        token = new_token()
        expires_at = now() + LINK_LIFETIME
        await self.repository.delete_expired(now())
        self.repository.add(SignInLink(token_hash=token_hash(token), user_id=user.id, expires_at=expires_at))
        # In the fragment, so that it reaches neither a server log nor a Referer.
        return SignInLinkRead(path=f"/sign-in#token={token}", expires_at=expires_at)

    async def sign_in_by_link(
        self, token: str, client: Client, *, device: str | None, previous: str | None
    ) -> SignedIn:
        user_id = await self.repository.use_link(token_hash(token), now())
        user = None if user_id is None else await self.repository.user(user_id)
        if user is None or not user.active:
            raise SignInLinkInvalid("Ask for a new link: restart ./orchestrate up, or run ./orchestrate sign-in.")
        known = device is not None and await self.repository.device_is_known(token_hash(device), user.email, now())
        return await self.begin_session(user, client, how="link", known_device=known, previous=previous)

    async def sign_in_by_password(
        self, email: str, password: str, client: Client, *, device: str | None, previous: str | None
    ) -> SignedIn:
        async with self.sessions() as session:
            repository = AuthRepository(session)
            known = device is not None and await repository.device_is_known(token_hash(device), email, now())
        counters = throttle.sign_in_counters(client.address, email, token_hash(device) if device and known else None)
        await throttle.count(self.sessions, counters)
        async with self.sessions() as session:
            found = await AuthRepository(session).find_by_email(email)
        stored = found.password_hash if found is not None and found.active else None
        if not await password_is_right(stored, password):
            await self.note_failure(found, client)
            raise InvalidCredentials(WRONG)
        rehashed = await hash_password(password) if stored is not None and needs_rehash(stored) else None
        user = await self.repository.find_by_email(email, lock=True)
        if user is None or not user.active or user.password_hash != stored:
            raise InvalidCredentials(WRONG)
        if rehashed is not None:
            user.password_hash = rehashed
        await throttle.forgive(self.session, counters)
        return await self.begin_session(user, client, how="password", known_device=known, previous=previous)

    async def note_failure(self, user: User | None, client: Client) -> None:
        """For an address that nobody has the address is not kept: it may be a password typed into the wrong field."""
        async with self.sessions.begin() as session:
            await act_as(session, Actor(None, "anonymous"))
            await AuditService(session).record(
                "sign_in_failed",
                "users",
                row_id=str(user.id) if user is not None else None,
                after={"address": client.address, "user_agent": client.user_agent, "known_user": user is not None},
            )

    async def begin_session(
        self, user: User, client: Client, *, how: str, known_device: bool, previous: str | None
    ) -> SignedIn:
        await act_as(self.session, Actor(user.id, user.name))
        if previous:
            await self.repository.delete_session(token_hash(previous))
        token = self.add_session(user.id, client)
        device = None
        if not known_device:
            device = new_token()
            self.repository.add(
                KnownDevice(token_hash=token_hash(device), user_id=user.id, expires_at=now() + DEVICE_LIFETIME)
            )
        user.signed_in_at = now()
        await self.audit.record(
            "sign_in",
            "users",
            row_id=str(user.id),
            after={"by": how, "address": client.address, "user_agent": client.user_agent},
        )
        return SignedIn(user, token, now() + self.session_lifetime, device)

    def add_session(self, user_id: uuid.UUID, client: Client) -> str:
        token = new_token()
        self.repository.add(
            UserSession(
                token_hash=token_hash(token),
                id=new_id(),
                user_id=user_id,
                expires_at=now() + self.session_lifetime,
                user_agent=client.user_agent,
                address=client.address,
            )
        )
        return token

    async def sign_out(self, session_token: str) -> None:
        await self.repository.delete_session(token_hash(session_token))

    async def user(self, user_id: uuid.UUID) -> User:
        user = await self.repository.find_user(user_id)
        if user is None:
            raise NotSignedIn("Your account is no longer there.")
        return user

    async def update_own(self, user_id: uuid.UUID, changes: dict[str, str | None]) -> User:
        user = await self.user(user_id)
        for name, value in changes.items():
            setattr(user, name, value)
        return user

    async def change_password(
        self, user_id: uuid.UUID, session_id: uuid.UUID, current: str | None, new: str, client: Client
    ) -> tuple[str, datetime]:
        """A new session token for this browser, and its end. All other sessions end, and links that are under way."""
        async with self.sessions() as session:
            before = await AuthRepository(session).user(user_id)
        if before.password_hash is not None:
            # A session that somebody left open must not be a place to guess the password either.
            counters = [throttle.counter(throttle.AT_ACCOUNT, "current-password", str(user_id))]
            await throttle.count(self.sessions, counters)
            if not await password_is_right(before.password_hash, current or ""):
                raise WrongCurrentPassword("Nothing was changed.")
            await throttle.forgive(self.session, counters)
        check_strength(new, email=before.email, name=before.name, pointer="#/new_password")
        hashed = await hash_password(new)
        user = await self.repository.find_user(user_id, lock=True)
        if user is None or user.password_hash != before.password_hash:
            raise WrongCurrentPassword("It was changed elsewhere just now.")
        await set_password(self.session, user, hashed)
        return self.add_session(user_id, client), now() + self.session_lifetime

    async def own_sessions(self, user_id: uuid.UUID, current: uuid.UUID | None) -> list[SessionRead]:
        return [
            SessionRead(
                current=row.id == current,
                **{name: getattr(row, name) for name in SessionRead.model_fields if name != "current"},
            )
            for row in await self.repository.sessions_of(user_id, now())
        ]

    async def end_session(self, user_id: uuid.UUID, session_id: uuid.UUID) -> None:
        if not await self.repository.delete_session_of(user_id, session_id):
            raise SessionNotFound("It has ended already, or is not yours.")

    async def end_other_sessions(self, user_id: uuid.UUID, current: uuid.UUID | None) -> None:
        await self.repository.delete_sessions_of(user_id, but=current)


async def set_password(session: AsyncSession, user: User, hashed: str) -> None:
    """Whoever got in with the old one is out: sessions, sign-in links and reset links end."""
    repository = AuthRepository(session)
    first = user.password_hash is None
    user.password_hash = hashed
    await repository.delete_sessions_of(user.id)
    await repository.delete_links_of(user.id)
    await repository.delete_password_resets(user.id)
    await AuditService(session).record("password_set" if first else "password_changed", "users", row_id=str(user.id))


async def find_session(sessions: Sessions, token: str, address: str) -> tuple[UserSession, User] | None:
    """In a transaction of its own, over at once: a stream must not hold one for as long as it is open."""
    async with sessions.begin() as session:
        repository = AuthRepository(session)
        found = await repository.session_with_user(token_hash(token), now())
        if found is not None and found[0].seen_at < now() - SEEN_EVERY:
            await repository.session_seen(token_hash(token), now(), address)
        return found


async def find_api_key(sessions: Sessions, key: str) -> tuple[ApiKey, User] | None:
    async with sessions.begin() as session:
        repository = ApiKeyRepository(session)
        found = await repository.holder(token_hash(key), now())
        if found is not None:
            used_at = found[0].used_at
            if used_at is None or used_at < now() - SEEN_EVERY:
                await repository.used(found[0].id, now())
        return found
