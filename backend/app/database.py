"""The database: one engine per process, one session per request, committed once before the response is sent."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from sqlalchemy import MetaData, make_url
from sqlalchemy.exc import DataError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase
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


def make_sessions(engine: AsyncEngine) -> Sessions:
    return async_sessionmaker(engine, expire_on_commit=False)


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    sessions: Sessions = request.app.state.sessions
    async with sessions() as session, session.begin():
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
