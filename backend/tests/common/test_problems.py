"""Every error of the API has one shape, whoever noticed it."""

import asyncio
import contextlib
import re
from urllib.parse import urlsplit

import httpx2
import pytest

from backend.tests.support.backend import API_KEY, Backend, assert_problem

JSON = {"Content-Type": "application/json"}


class TestShape:
    @pytest.mark.parametrize("path", ["/api/v1/nothing", "/media/nothing", "/assets/x.js", "/robots.txt", "/.env"])
    async def test_an_unknown_path(self, api: httpx2.AsyncClient, path: str) -> None:
        assert_problem(await api.get(path), 404, "not-found")

    @pytest.mark.parametrize(
        ("method", "path"), [("PUT", "/api/v1/products"), ("DELETE", "/health"), ("POST", "/api/v1/auth/me")]
    )
    async def test_a_wrong_method(self, api: httpx2.AsyncClient, method: str, path: str) -> None:
        answer = await api.request(method, path)
        assert_problem(answer, 405, "method-not-allowed")
        assert "GET" in answer.headers["allow"]

    @pytest.mark.parametrize(
        "body", [b"{", b"", b"null", b"[]", b'"text"', b"\xff\xfe", b'{"sku": "A", "name": NaN}', b"[" * 100_000]
    )
    async def test_a_body_that_is_no_json_object(self, api: httpx2.AsyncClient, body: bytes) -> None:
        answer = await api.post("/api/v1/products", content=body, headers=JSON)
        problem = assert_problem(answer, 422, "invalid-request")
        assert problem["detail"]

    async def test_a_body_of_another_type(self, api: httpx2.AsyncClient) -> None:
        answer = await api.post("/api/v1/products", content=b"sku=A", headers={"Content-Type": "text/plain"})
        assert_problem(answer, 422, "invalid-request")

    async def test_broken_multipart(self, api: httpx2.AsyncClient) -> None:
        product = (await api.post("/api/v1/products", json={"sku": "A", "name": "A"})).json()
        answer = await api.post(
            f"/api/v1/products/{product['id']}/images",
            content=b"--x\r\nnonsense",
            headers={"Content-Type": "multipart/form-data; boundary=x"},
        )
        assert_problem(answer, 422, "invalid-request")

    async def test_all_wrong_fields_are_told_at_once(self, api: httpx2.AsyncClient) -> None:
        answer = await api.post("/api/v1/products", json={"sku": "", "gtin": "1", "x/y~z": 1})
        problem = assert_problem(answer, 422, "invalid-request")
        assert {error["pointer"] for error in problem["errors"]} == {"#/sku", "#/name", "#/gtin", "#/x~1y~0z"}
        assert all(error["detail"] and not error["detail"].startswith("Value error") for error in problem["errors"])

    async def test_what_was_sent_is_not_sent_back(self, api: httpx2.AsyncClient) -> None:
        answer = await api.post("/api/v1/products", json={"sku": "A", "name": "A", "gtin": "secret-value"})
        assert "secret-value" not in answer.text


class TestBodySize:
    """By hand on the socket: an ordinary client would go on sending, and miss an answer that comes early."""

    async def head_of_answer(self, backend: Backend, framing: str, chunks: int) -> bytes:
        address = urlsplit(backend.url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(
            f"POST /api/v1/products HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {API_KEY}\r\n"
            f"Content-Type: application/json\r\n{framing}\r\n\r\n".encode()
        )
        answer = asyncio.create_task(reader.readuntil(b"\r\n\r\n"))
        with contextlib.suppress(ConnectionError):
            for _ in range(chunks):
                writer.write(b"100000\r\n" + b" " * 0x100000 + b"\r\n")
                await writer.drain()
        head = await asyncio.wait_for(answer, 20)
        writer.close()
        return head

    async def test_a_huge_body_is_refused_before_it_is_read(self, backend: Backend) -> None:
        """Only the head is sent: who waits for the body here would wait for ever."""
        head = await self.head_of_answer(backend, "Content-Length: 99999999999", 0)
        assert head.startswith(b"HTTP/1.1 413")
        assert b"application/problem+json" in head

    async def test_a_huge_body_of_unknown_length_too(self, backend: Backend) -> None:
        head = await self.head_of_answer(backend, "Transfer-Encoding: chunked", 33)
        assert head.startswith(b"HTTP/1.1 413")
        assert b"application/problem+json" in head


class TestRequestContext:
    async def test_ids_go_in_and_out(self, anonymous: httpx2.AsyncClient) -> None:
        trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        headers = {"X-Request-ID": "order-7", "traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
        answer = await anonymous.get("/ping", headers=headers)
        assert answer.headers["x-request-id"] == "order-7"
        assert re.fullmatch(rf"00-{trace}-[0-9a-f]{{16}}-01", answer.headers["traceparent"])

    @pytest.mark.parametrize("value", [b"a b", b"x" * 200, b"\xff", b"", b"<script>"])
    async def test_a_strange_id_is_replaced(self, anonymous: httpx2.AsyncClient, value: bytes) -> None:
        answer = await anonymous.get("/ping", headers=[(b"X-Request-ID", value)])
        assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])

    @pytest.mark.parametrize("value", [b"\xb2", b"-5", b"1.5", b"soon", b"9" * 400])
    async def test_a_strange_deadline_is_none(self, anonymous: httpx2.AsyncClient, value: bytes) -> None:
        answer = await anonymous.get("/ping", headers=[(b"X-Deadline-Ms", value)])
        assert answer.status_code == 200


class TestOpenApi:
    async def test_every_operation_documents_its_refusals(self, backend: Backend) -> None:
        undocumented = []
        public = {
            "/health",
            "/ping",
            "/api/v1/services/health",
            "/api/v1/auth/sign-in",
            "/api/v1/auth/password-resets",
            "/public-media/{signature}/{sha256}/{name}",
        }
        for path, item in backend.app.openapi()["paths"].items():
            for method, operation in item.items():
                responses = operation["responses"]
                if path not in public and "401" not in responses:
                    undocumented.append((method, path))
                for status, response in responses.items():
                    if status.startswith(("4", "5")) and path != "/health":
                        content = response["content"]
                        if "application/problem+json" not in content:
                            undocumented.append((method, path, status))
        assert undocumented == []

    async def test_the_gateway_documents_its_bodies(self, backend: Backend) -> None:
        document = backend.app.openapi()
        for name, model in [
            ("describe-image", "DescribeRequest"),
            ("extract-webcontent", "ExtractRequest"),
            ("generate-description", "GenerateRequest"),
            ("check-claims", "CheckRequest"),
        ]:
            body = document["paths"][f"/api/v1/services/{name}"]["post"]["requestBody"]
            assert body["content"]["application/json"]["schema"]["$ref"] == f"#/components/schemas/{model}"
            assert "properties" in document["components"]["schemas"][model]
        upload = document["paths"]["/api/v1/services/describe-image"]["post"]["requestBody"]["content"]
        assert "multipart/form-data" in upload

    async def test_every_reference_leads_somewhere(self, backend: Backend) -> None:
        document = backend.app.openapi()
        text = str(document)
        for reference in set(re.findall(r"#/components/schemas/([A-Za-z0-9_.-]+)", text)):
            assert reference in document["components"]["schemas"], reference
