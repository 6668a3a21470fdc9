"""A backend process of its own, killed in the middle of a run: nothing that had finished is done again."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio

from backend.tests.support.backend import API_KEY, create_product, enrich, run_with_status, upload
from backend.tests.support.databases import DatabaseServer
from backend.tests.support.servers import eventually, free_port
from backend.tests.support.services import SERVICE_TOKEN, StubServices, written
from shared.models.generate import GenerateRequest, Listing

BACKEND = Path(__file__).resolve().parents[2]


class BackendProcess:
    def __init__(self, database_url: str, stubs: StubServices, folder: Path) -> None:
        self.port = free_port()
        self.process: asyncio.subprocess.Process | None = None
        self.log = folder / "backend.log"
        self.environment = {
            "PATH": os.defpath,
            "HOME": os.environ.get("HOME", "/"),
            "DATABASE_URL": database_url,
            "DESCRIBE_IMAGE_SERVICE_URL": stubs.describe.url,
            "EXTRACT_WEBCONTENT_SERVICE_URL": stubs.extract.url,
            "GENERATE_DESCRIPTION_SERVICE_URL": stubs.generate.url,
            "SERVICE_TOKEN": SERVICE_TOKEN,
            "BACKEND_LOCAL_API_KEY": API_KEY,
            "BACKEND_DATA_DIR": str(folder / "data"),
        }

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "uvicorn", "app.main:app", "--port", str(self.port),
                cwd=BACKEND, env=self.environment, stdout=log, stderr=log,
            )  # fmt: skip

        async def answers() -> bool:
            assert self.process is not None
            assert self.process.returncode is None, self.log.read_text()[-3000:]
            try:
                async with httpx2.AsyncClient(trust_env=False) as client:
                    return (await client.get(f"http://127.0.0.1:{self.port}/health")).status_code == 200
            except httpx2.TransportError:
                return False

        await eventually(answers, within_s=60)

    async def end(self, how: signal.Signals) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(how)
            await asyncio.wait_for(self.process.wait(), 30)

    def client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"Authorization": f"Bearer {API_KEY}"},
            timeout=30,
            trust_env=False,
        )


@pytest_asyncio.fixture(loop_scope="session")
async def own_stubs(tmp_path: Path) -> AsyncIterator[StubServices]:
    stubs = StubServices.make(tmp_path / "cache")
    stubs.reset()
    await stubs.up()
    yield stubs
    stubs.reset()
    await stubs.down()


@pytest_asyncio.fixture(loop_scope="session")
async def process(
    database_server: DatabaseServer, own_stubs: StubServices, tmp_path: Path
) -> AsyncIterator[BackendProcess]:
    backend = BackendProcess(database_server.create(), own_stubs, tmp_path)
    await backend.start()
    yield backend
    await backend.end(signal.SIGKILL)


class TestKilledBackend:
    @pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
    async def test_the_runs_are_finished_and_no_finished_step_is_repeated(
        self, process: BackendProcess, own_stubs: StubServices, how: signal.Signals
    ) -> None:
        """Two runs: the call in flight of one is answered while the backend is away, of the other after it is back."""
        answers = {"AWAY": asyncio.Event(), "BACK": asyncio.Event()}

        async def write(request: GenerateRequest) -> Listing:
            await answers[request.product.sku or ""].wait()
            return written(request)

        own_stubs.generate.behaviour = write
        runs = {}
        async with process.client() as api:
            for sku in answers:
                product = await create_product(api, sku, source_urls=[f"https://shop.example/{sku}"])
                assert (await upload(api, product["id"])).status_code == 201
                runs[sku] = await enrich(api, product["id"])
            await own_stubs.generate.called(2)
        await process.end(how)
        answers["AWAY"].set()
        await eventually(lambda: own_stubs.generate.completed == 1)
        await process.start()
        async with process.client() as api:
            # The successor asks with the same key, and joins the call under way.
            await taken_again(api, runs["BACK"]["id"])
            answers["BACK"].set()
            for run in runs.values():
                ended = await run_with_status(api, run["id"], within_s=60)
                assert ended["status"] == "succeeded"
                assert {step["status"] for step in ended["steps"]} == {"succeeded"}
                attempts = {step["key"].partition(":")[0]: step["attempts"] for step in ended["steps"]}
                assert attempts == {"describe": 1, "extract": 1, "merge": 1, "generate": 2}
                path = f"/api/v1/products/{run['product_id']}/listings?all_versions=true"
                assert [listing["version"] for listing in (await api.get(path)).json()] == [1]
        assert [len(service.calls) for service in own_stubs.all] == [2, 2, 2]


async def taken_again(api: httpx2.AsyncClient, run_id: str) -> None:
    async def second_attempt() -> bool:
        run = (await api.get(f"/api/v1/runs/{run_id}")).json()
        return any(step["attempts"] == 2 for step in run["steps"])

    await eventually(second_attempt, within_s=60)
