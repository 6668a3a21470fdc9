"""The whole stack under `kill -9`: real processes, real PostgreSQL, real HTTP.

One service down leaves the others as they were, and comes back; a backend that is killed in the middle of a run
finishes it, and repeats no step that had finished.
"""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest

from orchestrate.stack.supervisor import Stack

ROOT = Path(__file__).resolve().parent.parent
PHOTO = ROOT / "samples" / "photos" / "enamel-mug-back.jpg"
PATIENCE_S = 60.0

FACT = {
    "id": "1",
    "name": "material",
    "value": "enamelled steel",
    "source": {"kind": "merchant", "ref": "material", "quote": "enamelled steel"},
}
HTML = "<html><body><h1>Mug</h1><table><tr><th>Material</th><td>Enamelled steel</td></tr></table></body></html>"


async def until(condition: Callable[[], Awaitable[Any]], what: str) -> Any:
    """Poll until the condition gives something; connection errors mean not yet."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            found = await condition()
        except httpx2.HTTPError:
            found = None
        if found:
            return found
        await asyncio.sleep(0.1)
    pytest.fail(f"waited in vain for: {what}")


def kill_9(stack: Stack, name: str) -> None:
    # By its port: the process that a supervisor started may be a guard around the server.
    port = stack.plan.ports.named()[name]
    listeners = [
        process
        for process in psutil.process_iter(["pid"])
        if any(
            connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
            for connection in connections_of(process)
        )
    ]
    assert listeners, f"nobody listens on {port}"
    for process in listeners:
        os.kill(process.pid, signal.SIGKILL)


def connections_of(process: Any) -> list[Any]:
    try:
        found: list[Any] = process.net_connections(kind="tcp")
    except psutil.Error:
        return []
    return found


async def describe(client: httpx2.AsyncClient) -> httpx2.Response:
    return await client.post("/api/v1/services/describe-image", files={"image": PHOTO.read_bytes()})


async def extract(client: httpx2.AsyncClient) -> httpx2.Response:
    return await client.post("/api/v1/services/extract-webcontent", json={"html": HTML})


async def generate(client: httpx2.AsyncClient) -> httpx2.Response:
    body = {"product": {"name": "Mug"}, "facts": [FACT]}
    return await client.post("/api/v1/services/generate-description", json=body)


CALLS = {"describe-image": describe, "extract-webcontent": extract, "generate-description": generate}


async def statuses(client: httpx2.AsyncClient) -> dict[str, str]:
    report = (await client.get("/api/v1/services/health")).json()
    return {service["name"]: service["status"] for service in report["services"]}


class TestEveryRoute:
    async def test_gateway(self, client: httpx2.AsyncClient) -> None:
        for call in CALLS.values():
            assert (await call(client)).status_code == 200
        check = {"facts": [FACT], "language": "en", "texts": [{"field": "bullets", "text": "Made of gold"}]}
        answer = (await client.post("/api/v1/services/check-claims", json=check)).json()
        assert [claim["verdict"] for claim in answer["claims"]] == ["unsupported"]

    async def test_services(self, stack: Stack) -> None:
        token = {"Authorization": f"Bearer {stack.plan.service_token}"}
        ports = stack.plan.ports.services
        async with httpx2.AsyncClient(headers=token, timeout=PATIENCE_S) as direct:
            for port in ports.values():
                assert (await direct.get(f"http://127.0.0.1:{port}/health")).status_code == 200
            described = await direct.post(
                f"http://127.0.0.1:{ports['describe-image']}/api/v1/describe", files={"image": PHOTO.read_bytes()}
            )
            extracted = await direct.post(
                f"http://127.0.0.1:{ports['extract-webcontent']}/api/v1/extract", json={"html": HTML}
            )
            generated = await direct.post(
                f"http://127.0.0.1:{ports['generate-description']}/api/v1/generate",
                json={"product": {"name": "Mug"}, "facts": [FACT]},
            )
        assert [answer.status_code for answer in (described, extracted, generated)] == [200, 200, 200]
        assert described.json()["barcodes"][0]["valid"]
        assert extracted.json()["facts"]
        assert generated.json()["claims"]


@pytest.mark.parametrize("victim", CALLS)
async def test_a_killed_service_leaves_the_others_alone_and_comes_back(
    stack: Stack, client: httpx2.AsyncClient, victim: str
) -> None:
    await until(lambda: all_ok(client), "all services to be well")
    kill_9(stack, victim)

    async def reported_down() -> bool:
        return (await statuses(client))[victim] in {"down", "starting"}

    await until(reported_down, f"health to report {victim}")
    for name, call in CALLS.items():
        if name != victim:
            assert (await call(client)).status_code == 200, name
            assert (await statuses(client))[name] == "ok"
    await until(lambda: all_ok(client), f"{victim} to come back")
    assert (await until(lambda: answers(CALLS[victim], client), f"{victim} to answer")) == 200


async def all_ok(client: httpx2.AsyncClient) -> bool:
    return set((await statuses(client)).values()) == {"ok"}


async def answers(call: Callable[[httpx2.AsyncClient], Awaitable[httpx2.Response]], client: httpx2.AsyncClient) -> int:
    status = (await call(client)).status_code
    return status if status == 200 else 0


async def test_a_killed_backend_finishes_its_run_and_repeats_nothing(stack: Stack, client: httpx2.AsyncClient) -> None:
    product = (
        await client.post(
            "/api/v1/products",
            json={
                "sku": "KILL-9",
                "name": "Enamel Mug",
                "languages": ["en", "es"],
                "attributes": [{"name": "Material", "value": "enamelled steel"}],
            },
        )
    ).json()
    for photo in ("enamel-mug-back.jpg", "olive-oil.jpg", "desk-lamp.jpg"):
        content = (ROOT / "samples" / "photos" / photo).read_bytes()
        uploaded = await client.post(f"/api/v1/products/{product['id']}/images", files={"image": (photo, content)})
        assert uploaded.status_code == 201
    run = (await client.post(f"/api/v1/products/{product['id']}/enrich", json={"engine": "composer"})).json()

    async def read_run() -> dict[str, Any]:
        found: dict[str, Any] = (await client.get(f"/api/v1/runs/{run['id']}")).json()
        return found

    async def partly_done() -> dict[str, Any] | None:
        now = await read_run()
        done = [step for step in now["steps"] if step["status"] == "succeeded"]
        return now if done and now["finished_at"] is None else None

    before = await until(partly_done, "the first step to finish")
    kill_9(stack, "backend")
    finished_before = {step["key"]: step for step in before["steps"] if step["status"] == "succeeded"}

    async def ended() -> dict[str, Any] | None:
        now = await read_run()
        return now if now["finished_at"] else None

    after = await until(ended, "the run to finish after the backend came back")
    assert after["status"] == "succeeded"
    for step in after["steps"]:
        assert step["status"] == "succeeded"
        if step["key"] in finished_before:
            assert step == finished_before[step["key"]], "a finished step was done again"
    listings = (await client.get(f"/api/v1/products/{product['id']}/listings?all_versions=true")).json()
    assert sorted((listing["language"], listing["version"]) for listing in listings) == [("en", 1), ("es", 1)]
