"""One PostgreSQL, one backend and three stub services for the whole run, all of them real and over HTTP."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import psycopg
import pytest
import pytest_asyncio
from pydantic import SecretStr

from app.api import create_app
from app.database import make_engine, make_sessions
from app.enrichment import runner
from app.gateway import replicas
from app.settings import Settings
from backend.tests.support.backend import API_KEY, Backend
from backend.tests.support.databases import DatabaseServer
from backend.tests.support.servers import free_port, serving
from backend.tests.support.services import SERVICE_TOKEN, StubServices
from shared.utils.embedded_postgres import EmbeddedPostgres


@pytest.fixture(scope="session")
def database_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        server = DatabaseServer(given)
        yield server
        server.drop_all()
        return
    embedded = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), free_port())
    url = embedded.start()
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            # Durability of throw-away data would only cost time.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("ALTER SYSTEM SET synchronous_commit = off")
            connection.execute("SELECT pg_reload_conf()")
        yield DatabaseServer(url)
    finally:
        embedded.remove()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running_backend(
    database_server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Backend]:
    folder: Path = tmp_path_factory.mktemp("backend")
    stubs = StubServices.make(folder / "cache")
    stubs.reset()
    await stubs.up()
    database_url = database_server.create()
    settings = Settings(
        database_url=SecretStr(database_url),
        describe_image_service_url=stubs.describe.url,
        extract_webcontent_service_url=stubs.extract.url,
        generate_description_service_url=stubs.generate.url,
        data_dir=folder / "data",
        local_api_key=SecretStr(API_KEY),
        service_token=SecretStr(SERVICE_TOKEN),
        health_interval_s=0.1,
        log_level="ERROR",
        log_format="json",
    )
    app = create_app(settings)
    engine = make_engine(database_url)
    with pytest.MonkeyPatch.context() as patch:
        # The same behaviour in a tenth of the time.
        patch.setattr(replicas, "OPEN_S", 0.5)
        patch.setattr(runner, "CANCEL_POLL_S", 0.05)
        async with serving(app) as url:
            yield Backend(url, app, database_url, make_sessions(engine), stubs)
    await engine.dispose()
    await stubs.down()


@pytest_asyncio.fixture(loop_scope="session")
async def backend(running_backend: Backend) -> AsyncIterator[Backend]:
    """The backend, emptied after each test."""
    yield running_backend
    await running_backend.stubs.up()
    await running_backend.clear()


@pytest_asyncio.fixture(loop_scope="session")
async def api(backend: Backend) -> AsyncIterator[httpx2.AsyncClient]:
    """A client with the API key."""
    async with backend.client(headers={"Authorization": f"Bearer {API_KEY}"}) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def anonymous(backend: Backend) -> AsyncIterator[httpx2.AsyncClient]:
    async with backend.client() as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def browser(backend: Backend, api: httpx2.AsyncClient) -> AsyncIterator[httpx2.AsyncClient]:
    """A client that signed in by a link, as a browser does: it has the session cookie."""
    link = (await api.post("/api/v1/auth/sign-in-links")).json()
    async with backend.client() as client:
        answer = await client.post("/api/v1/auth/sign-in", json={"token": link["path"].partition("#token=")[2]})
        assert answer.status_code == 200, answer.text
        yield client


@pytest.fixture
def stubs(backend: Backend) -> StubServices:
    return backend.stubs
