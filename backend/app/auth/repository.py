import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.models import ApiKey, Invitation, KnownDevice, PasswordReset, SignInLink, User, UserSession
from app.common.identifiers import new_id
from app.common.paging import bounded_total, decode_cursor, encode_cursor

SEEN_EVERY = timedelta(minutes=5)
"""How exact "last seen" is: a write with every request would cost more than it tells."""


class AuthRepository:
    """Users and what signs them in: sessions, one-time links, known browsers."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def ensure_user(self, email: str, name: str, role: str) -> User:
        await self.session.execute(
            insert(User)
            .values(id=new_id(), email=email, name=name, role=role)
            .on_conflict_do_nothing(index_elements=[User.email])
        )
        return (await self.session.scalars(select(User).where(User.email == email))).one()

    async def user(self, user_id: uuid.UUID) -> User:
        return await self.session.get_one(User, user_id)

    async def find_user(self, user_id: uuid.UUID, *, lock: bool = False) -> User | None:
        return await self.session.get(User, user_id, with_for_update=lock, populate_existing=lock)

    async def find_by_email(self, email: str, *, lock: bool = False) -> User | None:
        query = select(User).where(User.email == email)
        return await self.session.scalar(query.with_for_update() if lock else query)

    async def active_administrators(self) -> Sequence[User]:
        """Locked: who counts them before taking one away must be the only one to do so."""
        query = select(User).where(User.role == "admin", User.active).order_by(User.id).with_for_update()
        return (await self.session.scalars(query.execution_options(populate_existing=True))).all()

    async def users(
        self, *, search: str | None, role: str | None, active: bool | None, limit: int, cursor: str | None
    ) -> tuple[Sequence[User], str | None, int | None]:
        query = select(User)
        if role is not None:
            query = query.where(User.role == role)
        if active is not None:
            query = query.where(User.active == active)
        if search:
            query = query.where(
                or_(User.name.icontains(search, autoescape=True), User.email.icontains(search, autoescape=True))
            )
        total = await bounded_total(self.session, query)
        if cursor is not None:
            (email,) = decode_cursor(cursor, 1)
            query = query.where(User.email > str(email))
        rows = (await self.session.scalars(query.order_by(User.email).limit(limit + 1))).all()
        following = encode_cursor(rows[limit - 1].email) if len(rows) > limit else None
        return rows[:limit], following, total

    async def people(self, identifiers: Collection[uuid.UUID] | None = None) -> Sequence[User]:
        """The active ones, or just those that are named, active or not."""
        query = select(User).where(User.active if identifiers is None else User.id.in_(identifiers))
        return (await self.session.scalars(query.order_by(User.name, User.id))).all()

    def add(self, *rows: Any) -> None:
        self.session.add_all(rows)

    async def use_link(self, token_hash: str, at: datetime) -> uuid.UUID | None:
        """One statement, so that two requests with one link can't both win."""
        statement = (
            update(SignInLink)
            .where(SignInLink.token_hash == token_hash, SignInLink.used_at.is_(None), SignInLink.expires_at > at)
            .values(used_at=at)
            .returning(SignInLink.user_id)
        )
        return await self.session.scalar(statement)

    async def user_of_password_reset(self, token_hash: str, at: datetime) -> User | None:
        query = (
            select(User)
            .join(PasswordReset, PasswordReset.user_id == User.id)
            .where(PasswordReset.token_hash == token_hash, PasswordReset.expires_at > at)
        )
        return await self.session.scalar(query)

    async def use_password_reset(self, token_hash: str, at: datetime) -> uuid.UUID | None:
        statement = (
            delete(PasswordReset)
            .where(PasswordReset.token_hash == token_hash, PasswordReset.expires_at > at)
            .returning(PasswordReset.user_id)
        )
        return await self.session.scalar(statement)

    async def delete_password_resets(self, user_id: uuid.UUID) -> None:
        await self.session.execute(delete(PasswordReset).where(PasswordReset.user_id == user_id))

    async def session_with_user(self, token_hash: str, at: datetime) -> tuple[UserSession, User] | None:
        statement = (
            select(UserSession, User)
            .join(User, UserSession.user_id == User.id)
            .where(UserSession.token_hash == token_hash, UserSession.expires_at > at, User.active)
        )
        row = (await self.session.execute(statement)).one_or_none()
        return (row[0], row[1]) if row else None

    async def session_seen(self, token_hash: str, at: datetime, address: str) -> None:
        await self.session.execute(
            update(UserSession)
            .where(UserSession.token_hash == token_hash, UserSession.seen_at < at - SEEN_EVERY)
            .values(seen_at=at, address=address)
        )

    async def sessions_of(self, user_id: uuid.UUID, at: datetime) -> Sequence[UserSession]:
        query = select(UserSession).where(UserSession.user_id == user_id, UserSession.expires_at > at)
        return (await self.session.scalars(query.order_by(UserSession.seen_at.desc(), UserSession.id))).all()

    async def delete_session(self, token_hash: str) -> None:
        await self.session.execute(delete(UserSession).where(UserSession.token_hash == token_hash))

    async def delete_session_of(self, user_id: uuid.UUID, session_id: uuid.UUID) -> bool:
        statement = delete(UserSession).where(UserSession.user_id == user_id, UserSession.id == session_id)
        return await self.session.scalar(statement.returning(UserSession.id)) is not None

    async def delete_sessions_of(self, user_id: uuid.UUID, *, but: uuid.UUID | None = None) -> int:
        statement = delete(UserSession).where(UserSession.user_id == user_id)
        if but is not None:
            statement = statement.where(UserSession.id != but)
        return len((await self.session.scalars(statement.returning(UserSession.id))).all())

    async def delete_links_of(self, user_id: uuid.UUID) -> None:
        await self.session.execute(delete(SignInLink).where(SignInLink.user_id == user_id))

    async def device_is_known(self, token_hash: str, email: str, at: datetime) -> bool:
        query = select(
            exists()
            .where(KnownDevice.token_hash == token_hash, KnownDevice.expires_at > at)
            .where(KnownDevice.user_id == User.id, User.email == email)
        )
        return bool(await self.session.scalar(query))

    async def delete_expired(self, at: datetime) -> None:
        for table in (UserSession, SignInLink, PasswordReset, KnownDevice):
            await self.session.execute(delete(table).where(table.expires_at <= at))


class InvitationRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def find(self, invitation_id: uuid.UUID) -> Invitation | None:
        return await self.session.get(Invitation, invitation_id, with_for_update=True)

    async def find_open(self, email: str) -> Invitation | None:
        query = select(Invitation).where(
            Invitation.email == email, Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None)
        )
        return await self.session.scalar(query.with_for_update())

    async def accept(self, token_hash: str, at: datetime) -> Invitation | None:
        """One statement, so that two requests with one link can't both win."""
        statement = (
            update(Invitation)
            .where(
                Invitation.token_hash == token_hash,
                Invitation.accepted_at.is_(None),
                Invitation.revoked_at.is_(None),
                Invitation.expires_at > at,
            )
            .values(accepted_at=at)
            .returning(Invitation)
        )
        return await self.session.scalar(statement)

    async def find_valid(self, token_hash: str, at: datetime) -> Invitation | None:
        query = select(Invitation).where(
            Invitation.token_hash == token_hash,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > at,
        )
        return await self.session.scalar(query)

    async def page(
        self, *, limit: int, cursor: uuid.UUID | None
    ) -> tuple[Sequence[Invitation], uuid.UUID | None, int | None]:
        query = select(Invitation)
        total = await bounded_total(self.session, query)
        if cursor is not None:
            query = query.where(Invitation.id < cursor)
        rows = (await self.session.scalars(query.order_by(Invitation.id.desc()).limit(limit + 1))).all()
        return rows[:limit], rows[limit - 1].id if len(rows) > limit else None, total


class ApiKeyRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def holder(self, token_hash: str, at: datetime) -> tuple[ApiKey, User] | None:
        statement = (
            select(ApiKey, User)
            .join(User, ApiKey.user_id == User.id)
            .where(
                ApiKey.token_hash == token_hash,
                ApiKey.revoked_at.is_(None),
                or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > at),
                User.active,
            )
        )
        row = (await self.session.execute(statement)).one_or_none()
        return (row[0], row[1]) if row else None

    async def used(self, key_id: uuid.UUID, at: datetime) -> None:
        await self.session.execute(
            update(ApiKey)
            .where(ApiKey.id == key_id, or_(ApiKey.used_at.is_(None), ApiKey.used_at < at - SEEN_EVERY))
            .values(used_at=at)
        )

    async def page(
        self, *, user_id: uuid.UUID | None, limit: int, cursor: uuid.UUID | None
    ) -> tuple[Sequence[tuple[ApiKey, User]], uuid.UUID | None, int | None]:
        query = select(ApiKey, User).join(User, ApiKey.user_id == User.id)
        if user_id is not None:
            query = query.where(ApiKey.user_id == user_id)
        total = await bounded_total(self.session, query.with_only_columns(ApiKey.id))
        if cursor is not None:
            query = query.where(ApiKey.id < cursor)
        found = (await self.session.execute(query.order_by(ApiKey.id.desc()).limit(limit + 1))).all()
        rows = [(row[0], row[1]) for row in found]
        return rows[:limit], rows[limit - 1][0].id if len(rows) > limit else None, total

    async def find(self, key_id: uuid.UUID) -> ApiKey | None:
        return await self.session.get(ApiKey, key_id, with_for_update=True)

    async def revoke_all_of(self, user_id: uuid.UUID, at: datetime) -> None:
        await self.session.execute(
            update(ApiKey).where(ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None)).values(revoked_at=at)
        )
