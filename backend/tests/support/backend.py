"""What a test of the API works with: clients, the stub services, the database, and a few common moves."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import httpx2
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from backend.tests.support.images import image_bytes
from backend.tests.support.services import StubServices

API_KEY = "key-of-the-test-client"
ENDED = frozenset({"succeeded", "partial", "failed", "cancelled"})


@dataclass(slots=True)
class Backend:
    url: str
    app: FastAPI
    database_url: str
    sessions: async_sessionmaker[AsyncSession]
    stubs: StubServices

    def client(self, **options: Any) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(base_url=self.url, timeout=30, trust_env=False, **options)

    async def execute(self, statement: str, **parameters: Any) -> list[Any]:
        """Look behind the API, or set up what it has no route for."""
        async with self.sessions.begin() as session:
            result = await session.execute(text(statement), parameters)
            return list(result.all()) if result.returns_rows else []

    async def quiet(self) -> None:
        """Wait until the worker has nothing in hand; runs that a test left behind are cancelled."""
        self.stubs.reset()
        for service in self.app.state.services.all:
            for replica in service.replicas:
                replica.breaker.succeeded()
        await self.execute(
            "UPDATE runs SET cancel_requested = true WHERE status IN ('queued', 'running', 'waiting', 'paused')"
        )
        async with asyncio.timeout(30):
            while await self.execute("SELECT 1 FROM procrastinate_jobs WHERE status IN ('todo', 'doing') LIMIT 1"):
                await asyncio.sleep(0.02)

    async def clear(self) -> None:
        await self.quiet()
        # Everything else hangs on these; small tables are emptied faster by DELETE than by TRUNCATE.
        for table in (
            "products",
            "imports",
            "exports",
            "bulk_edits",
            "users",
            "media",
            "photo_archives",
            "snapshots",
            "settings_documents",
            "procrastinate_jobs",
            "throttles",
            "invitations",
        ):
            await self.execute(f"DELETE FROM {table}")
        # The log refuses DELETE: this is its one way to forget.
        await self.execute("SELECT audit_prune('infinity')")


async def create_product(api: httpx2.AsyncClient, sku: str = "MUG-1", **fields: Any) -> dict[str, Any]:
    answer = await api.post("/api/v1/products", json={"sku": sku, "name": "Enamel mug", **fields})
    assert answer.status_code == 201, answer.text
    product: dict[str, Any] = answer.json()
    return product


async def upload(
    api: httpx2.AsyncClient, product_id: str, content: bytes | None = None, name: str = "photo.png"
) -> httpx2.Response:
    files = {"image": (name, image_bytes() if content is None else content, "application/octet-stream")}
    return await api.post(f"/api/v1/products/{product_id}/images", files=files)


async def enrich(api: httpx2.AsyncClient, product_id: str, **options: Any) -> dict[str, Any]:
    answer = await api.post(f"/api/v1/products/{product_id}/enrich", json=options)
    assert answer.status_code in {200, 202}, answer.text
    run: dict[str, Any] = answer.json()
    return run


async def run_with_status(
    api: httpx2.AsyncClient, run_id: str, statuses: Iterable[str] = ENDED, within_s: float = 40.0
) -> dict[str, Any]:
    """The run as soon as it has one of the statuses. The limit only ends a test that has failed."""
    wanted = frozenset(statuses)
    run: dict[str, Any] = {}
    try:
        async with asyncio.timeout(within_s):
            while True:
                run = (await api.get(f"/api/v1/runs/{run_id}")).json()
                if run["status"] in wanted:
                    return run
                await asyncio.sleep(0.03)
    except TimeoutError:
        raise AssertionError(f"the run did not become {sorted(wanted)}: {run}") from None


def step_statuses(run: dict[str, Any]) -> dict[str, str]:
    return {step["key"].partition(":")[0] + ":" + step["label"]: step["status"] for step in run["steps"]}


def assert_problem(answer: httpx2.Response, status: int, kind: str) -> dict[str, Any]:
    """The one shape of every error (DESIGN §4)."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["type"] == f"/problems/{kind}"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["instance"] == answer.request.url.path
    assert answer.headers["x-request-id"]
    return problem
