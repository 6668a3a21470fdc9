"""Files as people have them, and an import from the upload to its end."""

import asyncio
import uuid
from typing import Any

import httpx2

from app.imports.job import ImportJob
from app.imports.spool import Spool
from backend.tests.support.backend import Backend

ENDED = frozenset({"succeeded", "partial", "failed", "cancelled"})


async def send(
    api: httpx2.AsyncClient, content: str | bytes, name: str = "catalogue.csv", **fields: str
) -> httpx2.Response:
    data = content.encode() if isinstance(content, str) else content
    return await api.post("/api/v1/imports", files={"file": (name, data, "application/octet-stream")}, data=fields)


async def uploaded(
    api: httpx2.AsyncClient, content: str | bytes, name: str = "catalogue.csv", **fields: str
) -> dict[str, Any]:
    answer = await send(api, content, name, **fields)
    assert answer.status_code == 201, answer.text
    preview: dict[str, Any] = answer.json()
    return preview


async def ended(api: httpx2.AsyncClient, import_id: str) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while True:
            state: dict[str, Any] = (await api.get(f"/api/v1/imports/{import_id}")).json()
            if state["status"] in ENDED:
                return state
            await asyncio.sleep(0.03)


async def started(api: httpx2.AsyncClient, import_id: str, **options: Any) -> dict[str, Any]:
    answer = await api.post(f"/api/v1/imports/{import_id}/start", json={"fetch_images": False, **options})
    assert answer.status_code == 202, answer.text
    return await ended(api, import_id)


async def imported(
    api: httpx2.AsyncClient, content: str | bytes, name: str = "catalogue.csv", **options: Any
) -> dict[str, Any]:
    return await started(api, (await uploaded(api, content, name))["id"], **options)


def counts(state: dict[str, Any]) -> dict[str, int]:
    """Those that are not zero."""
    names = ("created", "updated", "unchanged", "skipped", "failed", "warned")
    return {name: state[name] for name in names if state[name]}


def job_of(backend: Backend, max_rows: int = 100_000) -> ImportJob:
    """The handler of the worker, to be called by hand."""
    state = backend.app.state
    return ImportJob(state.sessions, Spool(state.settings.data_dir), max_rows)


async def queued_by_hand(api: httpx2.AsyncClient, backend: Backend, content: str) -> dict[str, str]:
    """An import that waits, while no worker takes it: the arguments of its job."""
    import_id = (await uploaded(api, content))["id"]
    await backend.execute("UPDATE imports SET status = 'queued' WHERE id = :id", id=uuid.UUID(import_id))
    return {"import_id": import_id}


async def problems(api: httpx2.AsyncClient, import_id: str) -> list[dict[str, Any]]:
    answer = await api.get(f"/api/v1/imports/{import_id}/errors", params={"limit": 200})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def product(api: httpx2.AsyncClient, sku: str) -> dict[str, Any]:
    answer = await api.get("/api/v1/products", params={"search": sku, "limit": 200})
    return next(item for item in answer.json()["items"] if item["sku"] == sku)
