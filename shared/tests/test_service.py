"""What every service gets from `create_service`, over real HTTP."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from pydantic import SecretStr

from shared.models.health import EngineHealth, ServiceHealth
from shared.tests.support.servers import serving
from shared.tests.support.service import Work, make_service
from shared.utils.service_auth import ServiceAuthMiddleware, host_without_port, is_loopback

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def work() -> Work:
    return Work()


@pytest_asyncio.fixture(loop_scope="session")
async def client(work: Work, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    async with (
        serving(make_service(work, tmp_path)) as url,
        httpx2.AsyncClient(base_url=url, timeout=20, trust_env=False) as made,
    ):
        yield made


def keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


async def until(condition: Any) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


class TestIdempotency:
    async def test_a_repeat_is_answered_from_the_store(self, client: httpx2.AsyncClient, work: Work) -> None:
        first = await client.post("/work", json={"number": 1}, headers=keyed("a"))
        again = first
        # A repeat that comes while the answer is being written down joins the first one instead.
        while "idempotency-replayed" not in again.headers:
            again = await client.post("/work", json={"number": 1}, headers=keyed("a"))
            assert again.content == first.content
        assert (again.status_code, again.headers["content-type"]) == (200, "application/json")
        assert again.headers["idempotency-replayed"] == "true"
        assert "idempotency-replayed" not in first.headers
        assert work.calls == 1

    async def test_without_a_key_each_is_work(self, client: httpx2.AsyncClient, work: Work) -> None:
        for _ in range(2):
            await client.post("/work", json={})
        assert work.calls == 2

    async def test_a_request_in_flight_is_joined(self, client: httpx2.AsyncClient, work: Work) -> None:
        work.gate.clear()
        asked = [asyncio.create_task(client.post("/work", json={}, headers=keyed("a"))) for _ in range(5)]
        await until(lambda: work.calls == 1)
        await asyncio.sleep(0.05)
        work.gate.set()
        answers = await asyncio.gather(*asked)
        assert {answer.content for answer in answers} == {b'{"call":1,"number":0}'}
        assert work.calls == 1

    async def test_another_body_is_refused(self, client: httpx2.AsyncClient, work: Work) -> None:
        await client.post("/work", json={"number": 1}, headers=keyed("a"))
        for path, body in (("/work", {"number": 2}), ("/stream", {"number": 1})):
            answer = await client.post(path, json=body, headers=keyed("a"))
            assert answer.status_code == 422
            assert answer.json()["type"] == "/problems/idempotency-key-reused"
        assert work.calls == 1

    async def test_another_body_in_flight_is_refused(self, client: httpx2.AsyncClient, work: Work) -> None:
        work.gate.clear()
        asked = asyncio.create_task(client.post("/work", json={"number": 1}, headers=keyed("a")))
        await until(lambda: work.calls == 1)
        answer = await client.post("/work", json={"number": 2}, headers=keyed("a"))
        assert answer.status_code == 422
        work.gate.set()
        assert (await asked).status_code == 200

    @pytest.mark.parametrize("status", [503, 404, 500])
    async def test_a_failure_is_not_kept(self, client: httpx2.AsyncClient, work: Work, status: int) -> None:
        work.status = status
        assert (await client.post("/work", json={}, headers=keyed("a"))).status_code == status
        work.status = 200
        assert (await client.post("/work", json={}, headers=keyed("a"))).status_code == 200
        assert work.calls == 2

    async def test_an_invalid_body_is_not_kept(self, client: httpx2.AsyncClient, work: Work) -> None:
        body = {"number": "many"}
        for _ in range(2):
            answer = await client.post("/work", json=body, headers=keyed("a"))
            assert answer.json()["type"] == "/problems/invalid-request"

    async def test_a_crash_is_a_problem_and_not_kept(self, client: httpx2.AsyncClient, work: Work) -> None:
        for _ in range(2):
            answer = await client.post("/crash", headers=keyed("a"))
            assert answer.status_code == 500
            assert answer.headers["content-type"] == "application/problem+json"
            assert "secret" not in answer.text
        assert work.calls == 2

    async def test_it_goes_on_when_the_caller_leaves(self, client: httpx2.AsyncClient, work: Work) -> None:
        work.gate.clear()
        asked = asyncio.create_task(client.post("/work", json={}, headers=keyed("a")))
        await until(lambda: work.calls == 1)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        work.gate.set()
        await until(lambda: work.finished == 1)
        assert (await client.post("/work", json={}, headers=keyed("a"))).json()["call"] == 1

    async def test_a_stream_is_passed_on_as_it_is_made_and_kept(self, client: httpx2.AsyncClient, work: Work) -> None:
        work.gate.clear()
        async with client.stream("POST", "/stream", json={}, headers=keyed("a")) as answer:
            chunks = answer.aiter_bytes()
            assert await anext(chunks) == b"data: 1\n\n"
            joined = asyncio.create_task(client.post("/stream", json={}, headers=keyed("a")))
            work.gate.set()
            assert await anext(chunks) == b"data: 2\n\n"
        whole = b"data: 1\n\ndata: 2\n\n"
        assert (await joined).content == whole
        again = await client.post("/stream", json={}, headers=keyed("a"))
        assert again.content == whole
        assert again.headers["content-type"].startswith("text/event-stream")
        assert work.calls == 1

    async def test_it_survives_the_process(self, work: Work, tmp_path: Path) -> None:
        for _ in range(2):
            async with serving(make_service(work, tmp_path)) as url, httpx2.AsyncClient(trust_env=False) as client:
                answer = await client.post(f"{url}/work", json={}, headers=keyed("a"))
                assert answer.json()["call"] == 1

    @pytest.mark.parametrize("key", [b"", b"a b", b"x" * 256, b"\xe9", b"a\tb"])
    async def test_a_strange_key_is_refused(self, client: httpx2.AsyncClient, key: bytes) -> None:
        answer = await client.post("/work", json={}, headers=[(b"Idempotency-Key", key)])
        assert answer.status_code == 422
        assert answer.json()["type"] == "/problems/invalid-request"

    async def test_bodies_are_bounded(self, client: httpx2.AsyncClient, work: Work) -> None:
        async def in_pieces() -> AsyncIterator[bytes]:
            for _ in range(20):
                yield b" " * 100

        for content in (b" " * 1001, in_pieces()):
            answer = await client.post("/work", content=content, headers={"Content-Type": "application/json"})
            assert answer.status_code == 413
            assert answer.json()["type"] == "/problems/payload-too-large"
        assert work.calls == 0


class TestAuth:
    async def status(self, work: Work, folder: Path, headers: dict[str, str], path: str, **settings: Any) -> int:
        async with (
            serving(make_service(work, folder, **settings)) as url,
            httpx2.AsyncClient(trust_env=False) as client,
        ):
            return (await client.get(url + path, headers=headers)).status_code

    @pytest.mark.parametrize(
        ("header", "status"),
        [("Bearer token", 200), ("bearer token", 200), ("Bearer Token", 401), ("Bearer token2", 401), ("token", 401),
         ("Basic token", 401), ("Bearer", 401), (None, 401)],
    )  # fmt: skip
    async def test_the_token(self, work: Work, tmp_path: Path, header: str | None, status: int) -> None:
        headers = {} if header is None else {"Authorization": header}
        token = SecretStr("token")
        assert await self.status(work, tmp_path, headers, "/context", service_token=token) == status
        assert await self.status(work, tmp_path, headers, "/metrics", service_token=token) == status

    @pytest.mark.parametrize("path", ["/health", "/ping"])
    async def test_health_is_open(self, work: Work, tmp_path: Path, path: str) -> None:
        assert await self.status(work, tmp_path, {}, path, service_token=SecretStr("token")) == 200
        assert await self.status(work, tmp_path, {"Host": "evil.example"}, path) == 200

    @pytest.mark.parametrize("path", ["//health", "/health/", "/health/../context", "/healthz"])
    async def test_and_nothing_that_looks_like_it(self, work: Work, tmp_path: Path, path: str) -> None:
        assert await self.status(work, tmp_path, {}, path, service_token=SecretStr("token")) == 401

    @pytest.mark.parametrize(
        ("host", "status"),
        [("localhost", 200), ("localhost:8001", 200), ("127.0.0.1:8001", 200), ("[::1]:8001", 200),
         ("evil.example", 403), ("localhost.evil.example", 403), ("127.0.0.1.evil.example", 403), ("10.0.0.1", 403),
         ("2130706433", 403)],
    )  # fmt: skip
    async def test_without_a_token_only_this_machine_by_its_own_name(
        self, work: Work, tmp_path: Path, host: str, status: int
    ) -> None:
        assert await self.status(work, tmp_path, {"Host": host}, "/context") == status
        assert await self.status(work, tmp_path, {"Host": host}, "/context", allow_unauthenticated=True) == 200

    @pytest.mark.parametrize(
        ("peer", "allowed"),
        [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("::ffff:127.0.0.1", True), ("10.0.0.7", False),
         ("203.0.113.9", False), ("::ffff:10.0.0.7", False), ("fe80::1", False), ("", False), ("localhost", False)],
    )  # fmt: skip
    def test_peers(self, peer: str, allowed: bool) -> None:
        async def nothing(*_: object) -> None: ...

        scope = {"type": "http", "path": "/", "client": (peer, 1), "headers": [(b"host", b"localhost")]}
        refusal = ServiceAuthMiddleware(nothing, None, False).refusal(scope)
        assert (refusal is None) == allowed

    def test_an_empty_token_is_none(self) -> None:
        async def nothing(*_: object) -> None: ...

        assert ServiceAuthMiddleware(nothing, SecretStr(""), False).token is None

    def test_host_names(self) -> None:
        assert host_without_port("[::1]:80") == "[::1]"
        assert host_without_port("a:80") == "a"
        assert is_loopback("[::1]")
        assert not is_loopback(None)


class TestRequestContext:
    async def test_ids_come_back(self, client: httpx2.AsyncClient) -> None:
        headers = {"X-Request-ID": "r-7", "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
        answer = await client.get("/context", headers=headers)
        assert answer.headers["x-request-id"] == "r-7"
        assert re.fullmatch(rf"00-{TRACE}-(?!00f067aa0ba902b7)[0-9a-f]{{16}}-01", answer.headers["traceparent"])
        outgoing = answer.json()["outgoing"]
        assert outgoing["X-Request-ID"] == "r-7"
        # The call to the next service is a span of its own, in the same trace.
        assert outgoing["traceparent"].split("-")[1] == TRACE
        assert outgoing["traceparent"] != answer.headers["traceparent"]

    @pytest.mark.parametrize(
        "traceparent",
        ["", "00-0-0-00", f"00-{'0' * 32}-00f067aa0ba902b7-01", f"ff-{TRACE}-00f067aa0ba902b7-01", "x" * 999],
    )
    async def test_a_broken_trace_begins_anew(self, client: httpx2.AsyncClient, traceparent: str) -> None:
        answer = await client.get("/context", headers={"traceparent": traceparent})
        made = answer.headers["traceparent"]
        assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-00", made)
        assert TRACE not in made

    async def test_errors_carry_them_too(self, client: httpx2.AsyncClient) -> None:
        for answer in (await client.get("/none"), await client.get("/context", headers={"Host": "evil.example"})):
            assert answer.headers["x-request-id"]
            assert answer.headers["traceparent"]

    async def test_the_deadline_is_known(self, client: httpx2.AsyncClient) -> None:
        remaining = (await client.get("/context", headers={"X-Deadline-Ms": "5000"})).json()["remaining"]
        assert 0 < remaining <= 5

    async def test_the_own_limit_stands(self, work: Work, tmp_path: Path) -> None:
        app = make_service(work, tmp_path, default_deadline_s=2.0)
        async with serving(app) as url, httpx2.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"{url}/context", headers={"X-Deadline-Ms": "99999999"})
            assert answer.json()["remaining"] <= 2

    async def test_a_missed_deadline_is_a_504_problem(self, client: httpx2.AsyncClient, work: Work) -> None:
        work.gate.clear()
        answer = await client.get("/wait", headers={"X-Deadline-Ms": "50"})
        assert answer.status_code == 504
        assert answer.json()["type"] == "/problems/deadline-exceeded"
        assert answer.headers["x-request-id"]

    @pytest.mark.parametrize("value", [b"\xb2", b"-5", b"1.5", b"soon", b"9" * 400, b""])
    async def test_a_strange_deadline_is_none(self, client: httpx2.AsyncClient, value: bytes) -> None:
        assert (await client.get("/context", headers=[(b"X-Deadline-Ms", value)])).status_code == 200


class TestHealth:
    async def test_well(self, client: httpx2.AsyncClient) -> None:
        answer = await client.get("/health")
        health = ServiceHealth.model_validate(answer.json())
        assert (answer.status_code, health.service, health.status) == (200, "sample", "ok")
        assert (await client.get("/ping")).status_code == 200

    async def test_starting(self, client: httpx2.AsyncClient, work: Work) -> None:
        work.starting = True
        answer = await client.get("/health")
        assert (answer.status_code, answer.json()["status"]) == (200, "starting")
        assert (await client.get("/ping")).status_code == 204

    async def test_one_engine_of_two(self, client: httpx2.AsyncClient, work: Work) -> None:
        work.engines = [EngineHealth(name="one", ready=False, detail="no model"), EngineHealth(name="two", ready=True)]
        answer = await client.get("/health")
        assert (answer.status_code, answer.json()["status"]) == (200, "ok")

    async def test_no_engine_at_all(self, client: httpx2.AsyncClient, work: Work) -> None:
        work.engines = [EngineHealth(name="one", ready=False)]
        answer = await client.get("/health")
        assert (answer.status_code, answer.json()["status"]) == (503, "degraded")

    async def test_metrics_count_by_route(self, client: httpx2.AsyncClient) -> None:
        await client.post("/work", json={})
        await client.get("/none/1")
        text = (await client.get("/metrics")).text
        assert 'http_requests_total{method="POST",route="/work",status="200"} 1.0' in text
        assert 'route="unmatched",status="404"' in text
        assert "/none/1" not in text
