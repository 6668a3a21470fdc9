"""Users: made, changed, deactivated, never deleted (what they did stays theirs). One administrator always remains."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import AuditService
from app.auth.errors import EmailTaken, LastAdministrator, UserInactive, UserNotFound
from app.auth.models import PasswordReset, User
from app.auth.passwords import check_strength, hash_password
from app.auth.repository import ApiKeyRepository, AuthRepository
from app.auth.schemas import Person, UserCreate, UserRead, UserUpdate
from app.auth.tokens import new_token, token_hash
from app.common.paging import Page
from shared.models.base import now

RESET_LIFETIME = timedelta(hours=1)
"""Of what anybody can ask for by mail."""
ADMIN_RESET_LIFETIME = timedelta(days=1)
"""Of what an administrator hands over in person."""


def to_read(user: User) -> UserRead:
    return UserRead(
        has_password=user.password_hash is not None,
        **{name: getattr(user, name) for name in UserRead.model_fields if name != "has_password"},
    )


def to_person(user: User) -> Person:
    return Person.model_validate({name: getattr(user, name) for name in Person.model_fields})


class UserService:
    def __init__(self, session: AsyncSession, *, owner_can_sign_in: bool) -> None:
        """`owner_can_sign_in`: the command line of this machine can make links, also for who has no password."""
        self.session = session
        self.repository = AuthRepository(session)
        self.owner_can_sign_in = owner_can_sign_in

    async def create(self, body: UserCreate) -> UserRead:
        hashed = None
        if body.password is not None:
            password = body.password.get_secret_value()
            check_strength(password, email=body.email, name=body.name)
            hashed = await hash_password(password)
        user = await add_user(
            self.session,
            User(email=body.email, name=body.name, role=body.role, language=body.language, password_hash=hashed),
        )
        return to_read(user)

    async def page(
        self, *, search: str | None, role: str | None, active: bool | None, limit: int, cursor: str | None
    ) -> Page[UserRead]:
        rows, following, total = await self.repository.users(
            search=search, role=role, active=active, limit=limit, cursor=cursor
        )
        return Page(items=[to_read(row) for row in rows], next_cursor=following, total=total)

    async def require(self, user_id: uuid.UUID) -> User:
        user = await self.repository.find_user(user_id)
        if user is None:
            raise UserNotFound("There is no user with this id.")
        return user

    async def get(self, user_id: uuid.UUID) -> UserRead:
        return to_read(await self.require(user_id))

    async def update(self, user_id: uuid.UUID, body: UserUpdate) -> UserRead:
        changes: dict[str, Any] = {
            name: value
            for name, value in body.model_dump(exclude_unset=True).items()
            if value is not None or name == "language"
        }
        administrators: Sequence[User] = ()
        if "role" in changes or "active" in changes:
            # Before anything is read: of two such requests the second sees what the first has done.
            administrators = await self.repository.active_administrators()
        user = await self.repository.find_user(user_id, lock=True)
        if user is None:
            raise UserNotFound("There is no user with this id.")
        role, active = changes.get("role", user.role), changes.get("active", user.active)
        loses_rights = user.active and user.role == "admin" and (role != "admin" or not active)
        if loses_rights and not any(other.id != user.id and self.can_sign_in(other) for other in administrators):
            raise LastAdministrator("Make somebody else an administrator first; nothing was changed.")
        ends_sessions = role != user.role or (user.active and not active)
        for name, value in changes.items():
            setattr(user, name, value)
        if ends_sessions:
            # With another role a session begins anew, so that no token outlives the rights that it was made with.
            await self.repository.delete_sessions_of(user.id)
            await self.repository.delete_links_of(user.id)
        if not active:
            await self.repository.delete_password_resets(user.id)
            await ApiKeyRepository(self.session).revoke_all_of(user.id, now())
        await self.session.flush()
        return to_read(user)

    def can_sign_in(self, user: User) -> bool:
        return user.password_hash is not None or self.owner_can_sign_in

    async def end_sessions(self, user_id: uuid.UUID) -> None:
        user = await self.require(user_id)
        await self.repository.delete_sessions_of(user.id)
        await self.repository.delete_links_of(user.id)
        await AuditService(self.session).record("sessions_ended", "users", row_id=str(user.id))

    async def people(self) -> list[Person]:
        """Who works here: for choosing whom something is assigned to."""
        return [to_person(user) for user in await self.repository.people()]

    async def make_password_reset(self, user_id: uuid.UUID) -> tuple[User, str, datetime]:
        user = await self.require(user_id)
        if not user.active:
            raise UserInactive("Activate the user first.")
        token, expires_at = await add_password_reset(self.session, user, ADMIN_RESET_LIFETIME)
        await AuditService(self.session).record("password_reset_link", "users", row_id=str(user.id))
        return user, token, expires_at


async def add_user(session: AsyncSession, user: User) -> User:
    repository = AuthRepository(session)
    if await repository.find_by_email(user.email) is not None:
        raise EmailTaken("Activate or change that user instead.")
    repository.add(user)
    try:
        await session.flush()
    except IntegrityError as error:
        # The unique index has the last word when two requests bring one address at once.
        if "uq_users_email" in str(error.orig):
            raise EmailTaken("Activate or change that user instead.") from None
        raise
    await session.refresh(user)
    return user


async def add_password_reset(session: AsyncSession, user: User, lifetime: timedelta) -> tuple[str, datetime]:
    """A new token, and its end; those before it are void."""
    repository = AuthRepository(session)
    await repository.delete_password_resets(user.id)
    token, expires_at = new_token(), now() + lifetime
    repository.add(PasswordReset(token_hash=token_hash(token), user_id=user.id, expires_at=expires_at))
    return token, expires_at


class UserDirectory:
    """What other features may ask about users."""

    def __init__(self, session: AsyncSession) -> None:
        self.repository = AuthRepository(session)

    async def people(self, identifiers: Collection[uuid.UUID]) -> dict[uuid.UUID, Person]:
        """Those who exist, active or not."""
        found = await self.repository.people(set(identifiers)) if identifiers else ()
        return {user.id: to_person(user) for user in found}

    async def is_active(self, user_id: uuid.UUID) -> bool:
        user = await self.repository.find_user(user_id)
        return user is not None and user.active
