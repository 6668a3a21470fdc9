import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
import pytest_asyncio
from fastapi.responses import Response
from pydantic import SecretStr

from app.gateway.client import ServiceClient, make_http_session
from app.gateway.health import HealthMonitor
from app.gateway.services import Services
from app.settings import Settings
from backend.tests.support.backend import API_KEY, Backend, assert_problem
from backend.tests.support.images import image_bytes
from backend.tests.support.servers import HttpServer, eventually, free_port, serving
from backend.tests.support.services import SERVICE_TOKEN, StubServices
from backend.tests.support.upstreams import Upstream
from shared.models.describe import DescribeResponse
from shared.utils.errors import InternalError, InvalidRequest, ServiceBusy

EXTRACT = "/api/v1/services/extract-webcontent"
DESCRIBE = "/api/v1/services/describe-image"
GENERATE = "/api/v1/services/generate-description"
CHECK = "/api/v1/services/check-claims"
PAGE = {"url": "https://shop.example/mug"}


@contextlib.asynccontextmanager
async def routed(backend: Backend, **urls: str) -> AsyncIterator[None]:
    """For as long as the block lasts, some services are elsewhere."""
    state = backend.app.state
    before = state.services
    settings = Settings(
        **{
            "describe_image_service_url": backend.stubs.describe.url,
            "extract_webcontent_service_url": backend.stubs.extract.url,
            "generate_description_service_url": backend.stubs.generate.url,
            "service_token": SecretStr(SERVICE_TOKEN),
            **urls,
        }
    )
    state.services = Services.from_settings(settings, before.extract_webcontent._http)
    try:
        yield
    finally:
        state.services = before


@pytest_asyncio.fixture(loop_scope="session")
async def upstream(backend: Backend) -> AsyncIterator[Upstream]:
    """In the place of extract-webcontent."""
    made = Upstream()
    async with serving(made) as url, routed(backend, extract_webcontent_service_url=url):
        yield made


class TestPassingThrough:
    async def test_all_four_routes_reach_their_service(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        files = {"image": ("a.png", image_bytes(), "image/png")}
        assert (await api.post(EXTRACT, json=PAGE)).json()["url"] == PAGE["url"]
        generated = await api.post(GENERATE, json={"product": {"name": "Mug"}, "facts": []})
        assert generated.json()["title"] == "Mug (en)"
        checked = await api.post(CHECK, json={"facts": [], "texts": [{"field": "title", "text": "Mug"}]})
        assert checked.json()["grounding"]["coverage"] == 1.0
        # The stub knows only JSON; that the form arrives whole is shown below.
        assert (await api.post(DESCRIBE, files=files)).status_code == 422

    async def test_status_and_problem_come_back_as_they_are(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        class TargetForbidden(InvalidRequest):
            status, title = 403, "We do not fetch that"

        stubs.extract.fails_with(TargetForbidden("127.0.0.1 is private."))
        answer = await api.post(EXTRACT, json={"url": "http://127.0.0.1/"})
        assert answer.status_code == 403
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "/problems/target-forbidden"
        assert answer.json()["detail"] == "127.0.0.1 is private."

    async def test_the_service_validates_the_body(self, api: httpx2.AsyncClient) -> None:
        answer = await api.post(EXTRACT, json={**PAGE, "surprise": 1})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "#/surprise"

    @pytest.mark.parametrize("body", [b"", b"\x00\xff" * 1000, b"x" * 300_000, b'{"a":"\xc3\xa9"}'])
    async def test_bytes_arrive_unchanged_in_both_directions(
        self, api: httpx2.AsyncClient, upstream: Upstream, body: bytes
    ) -> None:
        upstream.chunks = [body or b"-"]
        upstream.status = 207
        upstream.headers = [(b"content-type", b"application/x-own; charset=latin-1"), (b"x-internal", b"secret")]
        answer = await api.post(EXTRACT, content=body, headers={"Content-Type": "application/x-sent"})
        assert upstream.requests[0]["body"] == body
        assert upstream.requests[0]["headers"]["content-type"] == "application/x-sent"
        assert answer.status_code == 207
        assert answer.content == (body or b"-")
        assert answer.headers["content-type"] == "application/x-own; charset=latin-1"
        assert "x-internal" not in answer.headers

    async def test_a_form_arrives_as_it_was_sent(self, api: httpx2.AsyncClient, upstream: Upstream) -> None:
        image = image_bytes()
        await api.post(EXTRACT, files={"image": ("ä.png", image, "image/png")}, data={"language": "es"})
        request = upstream.requests[0]
        assert request["headers"]["content-type"].startswith("multipart/form-data; boundary=")
        assert image in request["body"]
        assert "ä.png".encode() in request["body"]

    async def test_what_goes_along_and_what_does_not(self, api: httpx2.AsyncClient, upstream: Upstream) -> None:
        trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        answer = await api.post(
            EXTRACT,
            json=PAGE,
            headers={
                "Idempotency-Key": "order-7", "X-Request-ID": "request-7", "Accept-Language": "es",
                "traceparent": f"00-{trace}-00f067aa0ba902b7-01", "Cookie": "a=b", "X-Forwarded-For": "8.8.8.8",
            },
        )  # fmt: skip
        sent = upstream.requests[0]["headers"]
        assert sent["authorization"] == f"Bearer {SERVICE_TOKEN}", "never the caller's own key"
        assert sent["idempotency-key"] == "order-7"
        assert sent["x-request-id"] == "request-7"
        assert sent["accept-language"] == "es"
        assert sent["traceparent"].split("-")[1] == trace
        assert 0 < int(sent["x-deadline-ms"]) <= 120_000
        assert not {"cookie", "x-forwarded-for"} & set(sent)
        assert answer.headers["x-request-id"] == "request-7"

    async def test_no_compression_is_asked_for(self, api: httpx2.AsyncClient, upstream: Upstream) -> None:
        """The bytes pass unread, so the gateway could not undo it for a client that does not know it."""
        await api.post(EXTRACT, json=PAGE)
        assert upstream.requests[0]["headers"].get("accept-encoding", "identity") == "identity"

    async def test_the_same_key_is_answered_once(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        headers = {"Idempotency-Key": "order-8"}
        first = await api.post(EXTRACT, json=PAGE, headers=headers)

        async def is_replayed() -> bool:
            # A repeat that comes before the answer is stored joins the first one, and is not marked.
            again = await api.post(EXTRACT, json=PAGE, headers=headers)
            assert again.content == first.content
            return again.headers.get("idempotency-replayed") == "true"

        await eventually(is_replayed)
        assert len(stubs.extract.calls) == 1
        other = await api.post(EXTRACT, json={"html": "<p>"}, headers=headers)
        assert other.status_code == 422
        assert other.json()["type"] == "/problems/idempotency-key-reused"

    async def test_thirty_two_megabytes_are_the_limit(self, backend: Backend) -> None:
        address = urlsplit(backend.url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(
            f"POST {EXTRACT} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {API_KEY}\r\n"
            f"Content-Length: {32 * 1024 * 1024 + 1}\r\n\r\n".encode()
        )
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        writer.close()
        assert head.startswith(b"HTTP/1.1 413")
        assert b"application/problem+json" in head

    async def test_just_below_the_limit_passes(self, api: httpx2.AsyncClient, upstream: Upstream) -> None:
        body = b"x" * (32 * 1024 * 1024)
        assert (await api.post(EXTRACT, content=body)).status_code == 200
        assert len(upstream.requests[0]["body"]) == len(body)


class TestStreams:
    async def test_events_pass_as_they_are_made(self, api: httpx2.AsyncClient, upstream: Upstream) -> None:
        upstream.headers = [(b"content-type", b"text/event-stream")]
        upstream.chunks = [b"event: delta\ndata: 1\n\n", b"event: listing\ndata: 2\n\n"]
        async with api.stream("POST", EXTRACT, json=PAGE) as answer:
            assert answer.headers["content-type"] == "text/event-stream"
            chunks = answer.aiter_bytes()
            # The second one is not made before the first has come through.
            assert await anext(chunks) == upstream.chunks[0]
            upstream.gate.set()
            assert await anext(chunks) == upstream.chunks[1]

    async def test_a_client_that_leaves_before_the_answer(self, api: httpx2.AsyncClient, upstream: Upstream) -> None:
        upstream.answer_at_all = False
        asked = asyncio.create_task(api.post(EXTRACT, json=PAGE))
        await eventually(lambda: bool(upstream.requests))
        asked.cancel()
        await asyncio.wait_for(upstream.left.wait(), 10)

    async def test_a_client_that_leaves_in_the_middle(self, api: httpx2.AsyncClient, upstream: Upstream) -> None:
        upstream.chunks = [b"data: 1\n\n", b"data: 2\n\n"]
        async with api.stream("POST", EXTRACT, json=PAGE) as answer:
            await anext(answer.aiter_bytes())
        await asyncio.wait_for(upstream.left.wait(), 10)

    async def test_an_upstream_that_breaks_off(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        upstream = Upstream(chunks=[b"data: 1\n\n", b"data: 2\n\n"])
        port = free_port()
        server = HttpServer(upstream, port)
        await server.start()
        async with (
            routed(backend, extract_webcontent_service_url=f"http://127.0.0.1:{port}"),
            api.stream("POST", EXTRACT, json=PAGE) as answer,
        ):
            chunks = answer.aiter_bytes()
            await anext(chunks)
            await server.stop()
            with pytest.raises(httpx2.TransportError):
                await anext(chunks)


class TestDeadline:
    async def test_a_service_that_does_not_answer_in_time(self, api: httpx2.AsyncClient, upstream: Upstream) -> None:
        upstream.answer_at_all = False
        answer = await api.post(EXTRACT, json=PAGE, headers={"X-Deadline-Ms": "300"})
        assert answer.status_code == 504
        assert answer.headers["content-type"] == "application/problem+json"
        await asyncio.wait_for(upstream.left.wait(), 10)

    async def test_an_answer_that_begins_and_never_ends(self, api: httpx2.AsyncClient, upstream: Upstream) -> None:
        """Broken off, so that nobody takes it for complete."""
        upstream.chunks = [b'{"half": ', b'"an answer"}']
        with pytest.raises(httpx2.TransportError):
            await api.post(EXTRACT, json=PAGE, headers={"X-Deadline-Ms": "300"})
        await asyncio.wait_for(upstream.left.wait(), 10)

    async def test_the_service_learns_how_long_there_is(self, api: httpx2.AsyncClient, upstream: Upstream) -> None:
        await api.post(EXTRACT, json=PAGE, headers={"X-Deadline-Ms": "5000"})
        assert 0 < int(upstream.requests[0]["headers"]["x-deadline-ms"]) <= 5000


class TestServiceDown:
    async def test_the_others_answer_as_before(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, stubs: StubServices
    ) -> None:
        await stubs.describe.down()
        answer = await api.post(DESCRIBE, json={"image_base64": "AAAA"})
        problem = assert_problem(answer, 503, "service-unavailable")
        assert problem["service"] == "describe-image"
        assert int(answer.headers["retry-after"]) > 0
        assert (await api.post(EXTRACT, json=PAGE)).status_code == 200
        assert (await api.post(GENERATE, json={"product": {"name": "Mug"}, "facts": []})).status_code == 200

        async def reported(status: str, of_service: str) -> bool:
            answer = await anonymous.get("/api/v1/services/health")
            assert answer.status_code == 200
            report = answer.json()
            statuses = {service["name"]: service["status"] for service in report["services"]}
            return (report["status"], statuses["describe-image"]) == (status, of_service) and (
                statuses["extract-webcontent"] == statuses["generate-description"] == "ok"
            )

        await eventually(lambda: reported("degraded", "down"))
        detail = (await anonymous.get("/api/v1/services/health")).json()["services"][0]
        assert detail["detail"].startswith("describe-image does not answer")
        assert detail["replicas"][0]["url"] == stubs.describe.url
        await stubs.describe.up()
        await eventually(lambda: reported("ok", "ok"))
        answer = await api.post(DESCRIBE, json={"image_base64": "AAAA"})
        assert answer.status_code == 200
        assert DescribeResponse.model_validate(answer.json())

    async def test_all_down(self, anonymous: httpx2.AsyncClient, stubs: StubServices) -> None:
        await stubs.down()

        async def all_down() -> bool:
            answer = await anonymous.get("/api/v1/services/health")
            return answer.status_code == 200 and answer.json()["status"] == "down"

        await eventually(all_down)
        assert (await anonymous.get("/health")).json()["status"] == "ok", "the backend itself is well"

    async def test_a_full_service_says_when_to_come_again(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        stubs.extract.fails_with(ServiceBusy("Full.", retry_after_s=7))
        answer = await api.post(EXTRACT, json=PAGE)
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "7"
        assert answer.json()["type"] == "/problems/service-busy"
        assert len(stubs.extract.calls) == 1, "seven seconds are left to the caller"

    async def test_a_short_pause_is_waited_for(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        stubs.extract.fails_with(ServiceBusy("Full.", retry_after_s=0), times=1)
        assert (await api.post(EXTRACT, json=PAGE)).status_code == 200
        assert len(stubs.extract.calls) == 2

    async def test_other_errors_are_not_tried_again(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        stubs.extract.fails_with(InternalError("Broken."))
        assert (await api.post(EXTRACT, json=PAGE)).status_code == 500
        assert len(stubs.extract.calls) == 1


class TestBreaker:
    async def breaker(self, backend: Backend) -> str:
        return str(backend.app.state.services.extract_webcontent.replicas[0].breaker.state)

    async def test_it_opens_after_failures_in_a_row_and_closes_again(
        self, api: httpx2.AsyncClient, backend: Backend, stubs: StubServices
    ) -> None:
        stubs.extract.fails_with(InternalError("Broken."))
        for _ in range(5):
            assert (await api.post(EXTRACT, json=PAGE)).status_code == 500
        assert await self.breaker(backend) == "open"
        answer = await api.post(EXTRACT, json=PAGE)
        assert_problem(answer, 503, "service-unavailable")
        assert len(stubs.extract.calls) == 5, "it is left alone"
        # After the pause one request may try: it fails, and the pause begins again.
        await eventually(lambda: backend.app.state.services.extract_webcontent.replicas[0].breaker.state == "half-open")
        assert (await api.post(EXTRACT, json=PAGE)).status_code == 500
        assert await self.breaker(backend) == "open"
        stubs.extract.behaviour = None
        await eventually(lambda: backend.app.state.services.extract_webcontent.replicas[0].breaker.state == "half-open")
        assert (await api.post(EXTRACT, json=PAGE)).status_code == 200
        assert await self.breaker(backend) == "closed"

    async def test_refusals_do_not_open_it(
        self, api: httpx2.AsyncClient, backend: Backend, stubs: StubServices
    ) -> None:
        for _ in range(8):
            assert (await api.post(EXTRACT, json={})).status_code == 422
        assert await self.breaker(backend) == "closed"

    async def test_clients_that_leave_do_not_open_it(
        self, api: httpx2.AsyncClient, backend: Backend, upstream: Upstream
    ) -> None:
        upstream.answer_at_all = False
        for number in range(6):
            asked = asyncio.create_task(api.post(EXTRACT, json=PAGE))
            await eventually(lambda wanted=number + 1: len(upstream.requests) == wanted)
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)
        assert await self.breaker(backend) == "closed"


class TestReplicas:
    async def test_a_dead_one_is_passed_over(
        self, api: httpx2.AsyncClient, backend: Backend, stubs: StubServices
    ) -> None:
        dead = f"http://127.0.0.1:{free_port()}"
        async with routed(backend, extract_webcontent_service_url=f"{dead},{stubs.extract.url}"):
            answers = [await api.post(EXTRACT, json=PAGE) for _ in range(12)]
            keyed = [
                await api.post(EXTRACT, json=PAGE, headers={"Idempotency-Key": f"key-{number}"}) for number in range(12)
            ]
        assert {answer.status_code for answer in answers + keyed} == {200}

    async def test_a_key_stays_with_its_replica(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        replicas = [Upstream(), Upstream(), Upstream()]
        async with contextlib.AsyncExitStack() as stack:
            urls = [await stack.enter_async_context(serving(each)) for each in replicas]
            await stack.enter_async_context(routed(backend, extract_webcontent_service_url=",".join(urls)))
            for number in range(24):
                for _ in range(2):
                    await api.post(EXTRACT, json=PAGE, headers={"Idempotency-Key": f"key-{number}"})
        seen = [{request["headers"]["idempotency-key"] for request in each.requests} for each in replicas]
        assert all(seen), "the keys are spread"
        assert sum(map(len, seen)) == 24, "none was asked for at two places"

    async def test_the_least_busy_one_is_asked(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        slow, quick = Upstream(answer_at_all=False), Upstream()
        async with (
            serving(slow) as slow_url,
            serving(quick) as quick_url,
            routed(backend, extract_webcontent_service_url=f"{slow_url},{quick_url}"),
        ):
            hanging = asyncio.create_task(api.post(EXTRACT, json=PAGE))
            await eventually(lambda: bool(slow.requests))
            for _ in range(3):
                assert (await api.post(EXTRACT, json=PAGE)).status_code == 200
            hanging.cancel()
            await asyncio.gather(hanging, return_exceptions=True)
        assert len(quick.requests) == 3


class TestManyAtOnce:
    async def test_hundreds_of_waiting_requests(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        stubs.extract.hang()
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
        headers = {"Authorization": f"Bearer {API_KEY}"}
        async with httpx2.AsyncClient(
            base_url=str(api.base_url), headers=headers, limits=limits, timeout=60, trust_env=False
        ) as client:
            asked = [asyncio.create_task(client.post(EXTRACT, json=PAGE)) for _ in range(300)]
            await stubs.extract.called(300)
            stubs.extract.release()
            answers = await asyncio.gather(*asked)
        assert {answer.status_code for answer in answers} == {200}


class TestHealth:
    @pytest.mark.parametrize(
        "content", [b"", b"not json", b'{"service": "x"}', b"[]", json.dumps({"status": "fine"}).encode()]
    )
    async def test_nonsense_is_down(self, content: bytes) -> None:
        class Nonsense(Upstream):
            async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
                if scope["type"] == "lifespan":
                    await Upstream.__call__(self, scope, receive, send)
                else:
                    await Response(content)(scope, receive, send)

        async with serving(Nonsense()) as url, make_http_session() as http:
            monitor = HealthMonitor([ServiceClient("one", url, http, None, 10.0)], http, 1.0)
            assert monitor.report().services[0].status == "starting", "nobody has asked yet"
            await monitor.check()
            assert monitor.report().services[0].status == "down"
