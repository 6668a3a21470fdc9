import uuid
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.models import SignInLink, User, UserSession
from app.common.identifiers import new_id


class AuthRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def ensure_user(self, email: str, name: str, role: str) -> User:
        await self.session.execute(
            insert(User)
            .values(id=new_id(), email=email, name=name, role=role)
            .on_conflict_do_nothing(index_elements=[User.email])
        )
        return (await self.session.scalars(select(User).where(User.email == email))).one()

    def add_link(self, token_hash: str, user_id: uuid.UUID, expires_at: datetime) -> None:
        self.session.add(SignInLink(token_hash=token_hash, user_id=user_id, expires_at=expires_at))

    async def use_link(self, token_hash: str, at: datetime) -> uuid.UUID | None:
        """One statement, so that two requests with one link can't both win."""
        statement = (
            update(SignInLink)
            .where(SignInLink.token_hash == token_hash, SignInLink.used_at.is_(None), SignInLink.expires_at > at)
            .values(used_at=at)
            .returning(SignInLink.user_id)
        )
        return await self.session.scalar(statement)

    def add_session(self, token_hash: str, user_id: uuid.UUID, expires_at: datetime) -> None:
        self.session.add(UserSession(token_hash=token_hash, user_id=user_id, expires_at=expires_at))

    async def user_of_session(self, token_hash: str, at: datetime) -> User | None:
        statement = (
            select(User)
            .join(UserSession, UserSession.user_id == User.id)
            .where(UserSession.token_hash == token_hash, UserSession.expires_at > at)
        )
        return await self.session.scalar(statement)

    async def user(self, user_id: uuid.UUID) -> User:
        return await self.session.get_one(User, user_id)

    async def delete_session(self, token_hash: str) -> None:
        await self.session.execute(delete(UserSession).where(UserSession.token_hash == token_hash))

    async def delete_expired(self, at: datetime) -> None:
        await self.session.execute(delete(UserSession).where(UserSession.expires_at <= at))
        await self.session.execute(delete(SignInLink).where(SignInLink.expires_at <= at))
