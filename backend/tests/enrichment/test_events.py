import asyncio
from typing import Any

import httpx2

from backend.tests.support.backend import Backend, create_product, enrich, run_with_status
from backend.tests.support.servers import eventually
from backend.tests.support.services import StubServices

Event = tuple[str, str, Any]


class Stream:
    """The events of a run as they come, read by a task of its own."""

    def __init__(self, api: httpx2.AsyncClient, run_id: str, last_event_id: str | None = None) -> None:
        self.events: list[Event] = []
        headers = {} if last_event_id is None else {"Last-Event-ID": last_event_id}
        self.task = asyncio.create_task(self.read(api, run_id, headers))

    async def read(self, api: httpx2.AsyncClient, run_id: str, headers: dict[str, str]) -> None:
        async with api.stream("GET", f"/api/v1/runs/{run_id}/events", headers=headers) as answer:
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            async for event in httpx2.EventSource(answer):
                self.events.append((event.event, event.id, event.json()))

    async def to_the_end(self) -> list[Event]:
        """The server closes the stream itself."""
        await asyncio.wait_for(self.task, 30)
        return self.events

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


def names(events: list[Event]) -> list[str]:
    return [name for name, _, _ in events]


class TestStream:
    async def test_a_snapshot_then_each_step_then_the_end(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        product = await create_product(api, source_urls=["https://shop.example/mug"])
        stubs.extract.hang()
        run = await enrich(api, product["id"])
        await stubs.extract.called()
        stream = Stream(api, run["id"])
        await eventually(lambda: len(stream.events) == 1)
        stubs.extract.release()
        events = await stream.to_the_end()
        assert events[0][0] == "snapshot"
        assert events[0][2]["id"] == run["id"]
        assert events[0][2]["status"] == "running"
        assert events[-1][0] == "end"
        assert events[-1][2] == {"status": "succeeded", "missing": []}
        steps = [(data["key"].partition(":")[0], data["status"]) for name, _, data in events if name == "step"]
        assert steps == [
            ("extract", "succeeded"), ("merge", "running"), ("merge", "succeeded"),
            ("generate", "running"), ("generate", "succeeded"),
        ]  # fmt: skip
        ids = [int(event_id) for _, event_id, _ in events]
        assert ids == sorted(set(ids))

    async def test_a_known_id_resumes_without_a_gap(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        product = await create_product(api)
        stubs.generate.hang()
        run = await enrich(api, product["id"])
        await stubs.generate.called()
        first = Stream(api, run["id"])
        await eventually(lambda: len(first.events) == 1)
        await first.stop()
        stubs.generate.release()
        await run_with_status(api, run["id"])
        events = await Stream(api, run["id"], first.events[0][1]).to_the_end()
        assert names(events) == ["step", "end"]
        assert int(events[0][1]) > int(first.events[0][1])

    async def test_an_unknown_id_gets_a_snapshot(self, api: httpx2.AsyncClient) -> None:
        product = await create_product(api)
        other = await enrich(api, (await create_product(api, "OTHER"))["id"])
        foreign = (await Stream(api, other["id"]).to_the_end())[-1][1]
        run = await enrich(api, product["id"])
        await run_with_status(api, run["id"])
        for last_event_id in ("0", "999999999999", "-1", "none", "1.5", "9" * 90, foreign):
            events = await Stream(api, run["id"], last_event_id).to_the_end()
            assert names(events) == ["snapshot"], last_event_id
            assert events[0][2]["status"] == "succeeded"

    async def test_bytes_that_are_no_number(self, api: httpx2.AsyncClient) -> None:
        run = await enrich(api, (await create_product(api))["id"])
        await run_with_status(api, run["id"])
        headers = [(b"Last-Event-ID", b"\xb2")]
        answer = await api.get(f"/api/v1/runs/{run['id']}/events", headers=headers)
        assert answer.text.startswith("event: snapshot")

    async def test_who_has_seen_the_end_is_not_kept_waiting(self, api: httpx2.AsyncClient) -> None:
        """A browser's EventSource connects again when the server has closed the stream."""
        run = await enrich(api, (await create_product(api))["id"])
        events = await Stream(api, run["id"]).to_the_end()
        assert events[-1][0] in {"end", "snapshot"}
        await run_with_status(api, run["id"])
        last = (await Stream(api, run["id"]).to_the_end())[-1]
        assert names(await Stream(api, run["id"], last[1]).to_the_end()) == ["snapshot"]

    async def test_waiting_is_told(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        product = await create_product(api)
        await stubs.generate.down()
        run = await enrich(api, product["id"])
        stream = Stream(api, run["id"])
        await run_with_status(api, run["id"], {"waiting"})
        await stubs.generate.up()
        events = await stream.to_the_end()
        told = [data["status"] for name, _, data in events if name == "run"]
        assert told[-2:] == ["waiting", "running"]

    async def test_many_listeners_hold_no_session(
        self, api: httpx2.AsyncClient, stubs: StubServices, backend: Backend
    ) -> None:
        """More streams than the pool has connections, and the API still answers."""
        product = await create_product(api)
        stubs.generate.hang()
        run = await enrich(api, product["id"])
        await stubs.generate.called()
        streams = [Stream(api, run["id"]) for _ in range(40)]
        await eventually(lambda: all(stream.events for stream in streams))
        assert (await api.get("/api/v1/products")).status_code == 200
        stubs.generate.release()
        for stream in streams:
            assert names(await stream.to_the_end())[-1] == "end"
        listener = backend.app.state.run_event_listener
        await eventually(lambda: not listener._wakers)

    async def test_a_lost_listener_connection_is_made_again(
        self, api: httpx2.AsyncClient, stubs: StubServices, backend: Backend
    ) -> None:
        product = await create_product(api)
        stubs.generate.hang()
        run = await enrich(api, product["id"])
        await stubs.generate.called()
        stream = Stream(api, run["id"])
        await eventually(lambda: bool(stream.events))
        # All that the backend has: the listener, the worker's, and both pools.
        await backend.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        stubs.generate.release()
        assert (await run_with_status(api, run["id"]))["status"] == "succeeded"
        assert names(await stream.to_the_end())[-1] == "end"
