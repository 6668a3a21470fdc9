"""Two workers and one run: whoever lost it changes nothing any more."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from app.api import bulkheads
from app.database import make_engine, make_sessions
from app.enrichment.models import Run
from app.enrichment.runner import Runner
from app.enrichment.steps import StepContext
from app.gateway.client import make_http_session
from app.gateway.health import HealthMonitor
from app.gateway.services import Services
from app.media.storage import LocalStorage
from app.settings import Settings
from backend.tests.support.backend import Backend, create_product, enrich, run_with_status
from backend.tests.support.services import SERVICE_TOKEN, StubServices


class Workers:
    """Runners beside the backend's own worker, on the same database and the same services."""

    def __init__(self, backend: Backend, settings: Settings, services: Services, monitor: HealthMonitor, folder: Path):
        self.settings = settings
        self.context = StepContext(services, LocalStorage(folder), monitor)
        self.backend = backend
        self.engines: list[AsyncEngine] = []

    def runner(self, patience_s: float = 600.0, **engine_options: int) -> Runner:
        engine = make_engine(self.backend.database_url, **engine_options)
        self.engines.append(engine)
        return Runner(make_sessions(engine), self.context, bulkheads(self.settings), patience_s)


@pytest_asyncio.fixture(loop_scope="session")
async def workers(backend: Backend, tmp_path: Path) -> AsyncIterator[Workers]:
    stubs = backend.stubs
    settings = Settings(
        describe_image_service_url=stubs.describe.url,
        extract_webcontent_service_url=stubs.extract.url,
        generate_description_service_url=stubs.generate.url,
        service_token=SecretStr(SERVICE_TOKEN),
    )
    async with make_http_session() as http:
        services = Services.from_settings(settings, http)
        monitor = HealthMonitor(services.all, http, 1.0)
        await monitor.check()
        made = Workers(backend, settings, services, monitor, tmp_path)
        yield made
        for engine in made.engines:
            await engine.dispose()


async def queued_run(api: httpx2.AsyncClient, backend: Backend, **fields: object) -> uuid.UUID:
    """A run that the backend's own worker does not see: its job is taken away in the same moment."""
    stubs = backend.stubs
    stubs.extract.hang()
    product = await create_product(api, source_urls=["https://shop.example/mug"], **fields)
    run = await enrich(api, product["id"])
    await stubs.extract.called()
    return uuid.UUID(run["id"])


class TestFencing:
    async def test_a_worker_that_lost_the_run_writes_nothing(
        self, api: httpx2.AsyncClient, backend: Backend, stubs: StubServices, workers: Workers
    ) -> None:
        # The backend's worker is frozen inside its call; another one takes the run over, and freezes likewise.
        run_id = await queued_run(api, backend)
        late = asyncio.create_task(workers.runner().execute(run_id))
        await backend_attempt(backend, run_id, 2)
        winner = asyncio.create_task(workers.runner().execute(run_id))
        await backend_attempt(backend, run_id, 3)
        stubs.extract.release()
        await asyncio.gather(late, winner)
        run = await run_with_status(api, str(run_id))
        assert run["status"] == "succeeded"
        # One call for three workers: the later ones joined it by its key.
        assert len(stubs.extract.calls) == 1
        assert len(stubs.generate.calls) == 1
        listings = await backend.execute("SELECT version FROM listings")
        assert [row.version for row in listings] == [1]
        ends = await backend.execute("SELECT id FROM run_events WHERE type = 'end' AND run_id = :run", run=run_id)
        assert len(ends) == 1

    async def test_a_late_answer_changes_nothing_after_the_end(
        self, api: httpx2.AsyncClient, backend: Backend, stubs: StubServices, workers: Workers
    ) -> None:
        run_id = await queued_run(api, backend)
        await backend.execute(
            "UPDATE runs SET attempt = attempt + 1, status = 'cancelled', finished_at = now() WHERE id = :run",
            run=run_id,
        )
        stubs.extract.release()
        await backend.quiet()
        assert await backend.execute("SELECT 1 FROM facts") == []
        run = (await api.get(f"/api/v1/runs/{run_id}")).json()
        assert run["status"] == "cancelled"
        assert run["steps"][0]["status"] == "running"

    async def test_an_ended_run_is_not_begun_again(
        self, api: httpx2.AsyncClient, backend: Backend, stubs: StubServices, workers: Workers
    ) -> None:
        product = await create_product(api)
        run = await run_with_status(api, (await enrich(api, product["id"]))["id"])
        await workers.runner().execute(uuid.UUID(run["id"]))
        assert (await api.get(f"/api/v1/runs/{run['id']}")).json() == run

    async def test_an_unknown_run_is_nobodys(self, workers: Workers) -> None:
        await workers.runner().execute(uuid.uuid4())


class TestPatience:
    async def test_a_run_goes_on_without_a_service_that_stays_away(
        self, api: httpx2.AsyncClient, backend: Backend, stubs: StubServices, workers: Workers
    ) -> None:
        run_id = await queued_run(api, backend)
        await stubs.extract.down()
        await workers.runner(patience_s=0.0).execute(run_id)
        run = (await api.get(f"/api/v1/runs/{run_id}")).json()
        assert run["status"] == "partial"
        assert run["steps"][0]["problem"]["type"] == "/problems/service-unavailable"
        assert "extract-webcontent" in run["missing"][0]


class TestDatabaseTrouble:
    async def test_a_starved_pool_cancels_nothing(
        self,
        api: httpx2.AsyncClient,
        backend: Backend,
        stubs: StubServices,
        workers: Workers,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        run_id = await queued_run(api, backend)
        runner = workers.runner(pool_size=1)
        # The watch for cancellation runs out of connections while the step waits for its service.
        engine = workers.engines[-1]
        monkeypatch.setattr(engine.pool, "_timeout", 0.05)
        work = asyncio.create_task(runner.execute(run_id))
        while not await backend.execute("SELECT 1 FROM run_steps WHERE run_id = :run AND attempts = 2", run=run_id):
            await asyncio.sleep(0.02)
        async with engine.connect(), engine.connect():
            await asyncio.sleep(0.5)
            assert not work.done()
        stubs.extract.release()
        await work
        assert (await api.get(f"/api/v1/runs/{run_id}")).json()["status"] == "succeeded"

    async def test_giving_up_ends_the_run(self, api: httpx2.AsyncClient, backend: Backend, workers: Workers) -> None:
        run_id = await queued_run(api, backend)
        await workers.runner().give_up(run_id)
        run = (await api.get(f"/api/v1/runs/{run_id}")).json()
        assert run["status"] == "failed"
        assert run["missing"]
        product = (await api.get(f"/api/v1/products/{run['product_id']}")).json()
        assert product["status"] == "draft"


async def backend_attempt(backend: Backend, run_id: uuid.UUID, attempt: int) -> None:
    """Wait until so many workers have taken the run."""
    async with asyncio.timeout(20):
        while True:
            async with backend.sessions() as session:
                run = await session.get_one(Run, run_id)
                if run.attempt >= attempt:
                    return
            await asyncio.sleep(0.02)
