"""The database: one engine per process, one session per request, committed once before the response is sent.

Each transaction also says who acts (`app.actor_id` and its siblings), which the audit triggers read: a request's
session by itself, any other by `act_as`. Where nobody is named the actor is the system.
"""

import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated

import structlog
from fastapi import Depends, FastAPI, Request
from sqlalchemy import Connection, MetaData, event, make_url, text
from sqlalchemy.exc import DataError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, SessionTransaction
from sqlalchemy.orm import Session as SyncSession
from starlette.responses import Response

from shared.utils.errors import InvalidRequest
from shared.utils.problems import problem_response


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def sqlalchemy_url(database_url: str) -> str:
    """`postgres://` and `postgresql://` (the brief's form) with the driver in use."""
    url = make_url(database_url)
    if url.drivername in {"postgres", "postgresql", "postgresql+psycopg"}:
        url = url.set(drivername="postgresql+psycopg")
    return url.render_as_string(hide_password=False)


def psycopg_conninfo(database_url: str) -> str:
    """The same for libpq."""
    return make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)


def make_engine(database_url: str, pool_size: int = 10) -> AsyncEngine:
    return create_async_engine(
        sqlalchemy_url(database_url), pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True, pool_timeout=10
    )


Sessions = async_sessionmaker[AsyncSession]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes something: a person, or a job in their name."""

    id: uuid.UUID | None
    name: str
    api_key_id: uuid.UUID | None = None


ACTOR = "actor"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SET_ACTOR = text(
    "SELECT set_config('app.actor_id', :id, true), set_config('app.actor_name', :name, true),"
    " set_config('app.api_key_id', :api_key, true), set_config('app.request_id', :request, true)"
)


def actor_settings(actor: Actor) -> dict[str, str]:
    return {
        "id": str(actor.id or ""),
        "name": actor.name,
        "api_key": str(actor.api_key_id or ""),
        "request": str(structlog.contextvars.get_contextvars().get("request_id", "")),
    }


class ActingSession(SyncSession):
    """A session whose transactions say who acts. `info["actor"]` is asked when the first statement is about to run."""


@event.listens_for(ActingSession, "after_begin")
def name_the_actor(session: SyncSession, _: SessionTransaction, connection: Connection) -> None:
    source: Callable[[], Actor | None] | None = session.info.get(ACTOR)
    actor = source() if source else None
    if actor is not None:
        connection.execute(SET_ACTOR, actor_settings(actor))


async def act_as(session: AsyncSession, actor: Actor) -> None:
    """What this session writes from here on is done by `actor`, in this transaction and those that follow."""
    session.info[ACTOR] = lambda: actor
    if session.in_transaction():
        await session.execute(SET_ACTOR, actor_settings(actor))


def make_sessions(engine: AsyncEngine) -> Sessions:
    return async_sessionmaker(engine, expire_on_commit=False, sync_session_class=ActingSession)


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    sessions: Sessions = request.app.state.sessions
    async with sessions() as session, session.begin():
        if request.method not in SAFE_METHODS:
            # Asked late: who it is, is known once the route's own dependencies have run.
            session.info[ACTOR] = lambda: getattr(request.state, ACTOR, None)
        yield session


# Function scope: FastAPI then finishes the dependency (the commit) before it sends the response, so that an answer
# never promises what a failing commit has taken back, and a stream never holds a session.
Session = Annotated[AsyncSession, Depends(get_session, scope="function")]


def add_database_handlers(app: FastAPI) -> None:
    async def on_data_error(request: Request, error: Exception) -> Response:
        # What PostgreSQL cannot hold, wherever in a request it stands: NUL characters above all.
        refusal = InvalidRequest("The request contains something that cannot be stored, such as a NUL character.")
        return problem_response(refusal, request.url.path)

    app.add_exception_handler(DataError, on_data_error)
