import asyncio
import base64
import struct
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
import numpy as np
import pytest
from PIL import Image

from describe_image.api import create_app
from describe_image.settings import Settings

URL = "/api/v1/describe"


def encoded(content: bytes) -> dict[str, str]:
    return {"image_base64": base64.b64encode(content).decode()}


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that unpacks to width x height pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(b"\0" * (width // 8 + 1) * height, 9)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def assert_problem(response: httpx2.Response, status: int, kind: str) -> dict:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["type"] == f"/problems/{kind}"
    assert body["status"] == status
    return body


class TestDescribe:
    async def test_json(self, client, pack, by_name):
        content = pack.encode(pack.render(printed="2 004100 330171"))
        response = await client.post(URL, json=encoded(content))
        assert response.status_code == 200, response.text
        body = response.json()
        assert body["engine"] == "label-reader"
        assert body["image"]["width"] == 900
        assert body["image"]["bytes"] == len(content)
        assert [code["value"] for code in body["barcodes"]] == ["2004100330171"]
        facts = {fact["name"]: fact for fact in body["facts"]}
        assert facts["volume"]["value"] == "330"
        assert facts["volume"]["source"]["ref"] == "sha256:" + body["image"]["sha256"]
        assert facts["volume"]["source"]["quote"] == "330 ml"
        assert "does not recognise objects" in body["notes"][0]

    async def test_multipart_gives_the_same_facts(self, client, pack):
        content = pack.encode(pack.render())
        from_json = await client.post(URL, json={**encoded(content), "language": "es"})
        from_form = await client.post(URL, files={"image": ("x.png", content)}, data={"language": "es"})
        assert from_form.status_code == 200, from_form.text
        assert from_form.json()["facts"] == from_json.json()["facts"]
        assert "Ningún modelo de visión" in from_form.json()["description"]

    async def test_data_url(self, client, pack):
        content = pack.encode(pack.render(gtin=None), "JPEG")
        text = "data:image/jpeg;base64," + base64.b64encode(content).decode()
        response = await client.post(URL, json={"image_base64": text})
        assert response.json()["image"]["format"] == "JPEG"

    async def test_the_type_is_that_of_the_bytes_not_of_the_name(self, client, pack):
        files = {"image": ("photo.txt", pack.encode(pack.render(gtin=None), "WEBP"), "text/plain")}
        response = await client.post(URL, files=files)
        assert response.json()["image"]["format"] == "WEBP"

    async def test_a_prompt_is_said_to_be_unused(self, client, pack):
        body = {**encoded(pack.encode(pack.render(gtin=None))), "prompt": "What is it?"}
        assert any("prompt was not used" in note for note in (await client.post(URL, json=body)).json()["notes"])

    async def test_a_repeat_has_the_same_fact_ids(self, client, pack):
        body = encoded(pack.encode(pack.render(("Height 80 mm",))))
        first, second = [(await client.post(URL, json=body)).json()["facts"] for _ in range(2)]
        assert first == second
        assert first


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "status", "kind"),
        [
            (b"", 415, "not-an-image"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "not-an-image"),
            (b"%PDF-1.7", 415, "not-an-image"),
            (png_bomb(10_000, 10_000), 413, "image-too-large"),
            (b"\xff\xd8\xff\xe0" + b"\0" * 20 * 1024 * 1024, 413, "image-too-large"),
        ],
        ids=["empty", "svg", "pdf", "100 megapixels", "over 20 MB"],
    )
    async def test_content(self, client, content, status, kind):
        assert_problem(await client.post(URL, files={"image": ("x.jpg", content)}), status, kind)

    async def test_truncated(self, client, pack):
        content = pack.encode(pack.render(), "JPEG")
        assert_problem(await client.post(URL, json=encoded(content[: len(content) // 2])), 422, "image-unreadable")

    async def test_too_much_base64_is_413(self, client):
        body = {"image_base64": "A" * (30 * 1024 * 1024)}
        assert_problem(await client.post(URL, json=body), 413, "image-too-large")

    async def test_unknown_field(self, client):
        body = assert_problem(
            await client.post(URL, json={"image_base64": "AAAA", "colour": "red"}), 422, "invalid-request"
        )
        assert body["errors"][0]["pointer"] == "#/colour"

    async def test_unknown_form_field(self, client):
        response = await client.post(URL, files={"image": ("x", b"x")}, data={"colour": "red"})
        assert assert_problem(response, 422, "invalid-request")["errors"][0]["pointer"] == "#/colour"

    async def test_form_without_image(self, client):
        response = await client.post(URL, files={"photo": ("x", b"x")})
        assert assert_problem(response, 422, "invalid-request")["errors"][0]["pointer"] == "#/photo"

    @pytest.mark.parametrize("body", [{}, {"image_url": "http://a.example/", "image_base64": "AAAA"}])
    async def test_exactly_one_image(self, client, body):
        assert_problem(await client.post(URL, json=body), 422, "invalid-request")

    async def test_broken_base64(self, client):
        assert_problem(await client.post(URL, json={"image_base64": "not base64!"}), 422, "invalid-request")

    async def test_broken_json(self, client):
        response = await client.post(URL, content=b"{", headers={"Content-Type": "application/json"})
        assert_problem(response, 422, "invalid-request")

    async def test_other_media_type(self, client):
        response = await client.post(URL, content=b"x", headers={"Content-Type": "image/png"})
        assert_problem(response, 415, "unsupported-media-type")

    async def test_a_vision_model_is_not_there(self, client):
        response = await client.post(URL, json={"image_base64": "AAAA", "engine": "qwen2.5-vl"})
        body = assert_problem(response, 503, "engine-unavailable")
        assert "label-reader" in body["detail"]
        # Waiting won't help: without Retry-After nobody tries again.
        assert "retry-after" not in response.headers


class TestImageUrl:
    @pytest.mark.parametrize(
        "url", ["http://127.0.0.1/x.png", "http://localhost/x.png", "http://169.254.169.254/latest/meta-data"]
    )
    async def test_private_targets_are_forbidden(self, client, url):
        assert_problem(await client.post(URL, json={"image_url": url}), 403, "forbidden-target")

    async def test_other_schemes(self, client):
        assert_problem(await client.post(URL, json={"image_url": "file:///etc/passwd"}), 422, "url-not-allowed")

    async def test_an_allowed_target_is_fetched(self, serving, unused_port, tmp_path, pack):
        content = pack.encode(pack.render(("Net weight 250 g",)))

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200 if self.path == "/x.png" else 404)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                """Quiet."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as site:
            threading.Thread(target=site.serve_forever, daemon=True).start()
            host = f"127.0.0.1:{site.server_port}"
            closed = f"127.0.0.1:{unused_port()}"
            settings = Settings(cache_dir=tmp_path, outbound_allow=f"{host},{closed}")
            with serving(create_app(settings)) as url:
                async with httpx2.AsyncClient(base_url=url, timeout=60) as client:
                    found = await client.post(URL, json={"image_url": f"http://{host}/x.png"})
                    assert "250" in [fact["value"] for fact in found.json()["facts"]]
                    missing = await client.post(URL, json={"image_url": f"http://{host}/nothing.png"})
                    assert assert_problem(missing, 502, "image-not-fetched")["upstream_status"] == 404
                    refused = await client.post(URL, json={"image_url": f"http://{closed}/x.png"})
                    assert_problem(refused, 502, "upstream-unreachable")
            site.shutdown()


class TestLoad:
    async def test_health_answers_while_images_are_read(self, client, pack):
        bodies = [encoded(pack.encode(pack.render((f"Item number {index}", "330 ml")))) for index in range(4)]
        reading = [asyncio.create_task(client.post(URL, json=body)) for body in bodies]
        answered = 0
        while not all(task.done() for task in reading):
            response = await client.get("/health")
            assert response.status_code == 200
            answered += 1
            await asyncio.sleep(0.02)
        assert [task.result().status_code for task in reading] == [200] * 4
        assert answered > 4

    async def test_more_than_the_queue_holds_is_refused_at_once(self, serving, tmp_path, pack):
        with serving(create_app(Settings(cache_dir=tmp_path, workers=1, queue_limit=1))) as url:
            async with httpx2.AsyncClient(base_url=url, timeout=60) as client:
                noise = np.random.default_rng(1).integers(0, 255, (6, 900, 900, 3), dtype=np.uint8)
                bodies = [encoded(pack.encode(Image.fromarray(image), "JPEG")) for image in noise]
                responses = await asyncio.gather(*(client.post(URL, json=body) for body in bodies))
        refused = [response for response in responses if response.status_code == 503]
        assert refused
        assert sum(response.status_code == 200 for response in responses) >= 2
        for response in refused:
            assert_problem(response, 503, "service-busy")
            assert int(response.headers["retry-after"]) >= 1


class TestOperations:
    async def test_health_names_both_engines(self, client):
        body = (await client.get("/health")).json()
        engines = {engine["name"]: engine for engine in body["engines"]}
        assert body["service"] == "describe-image"
        assert engines["label-reader"]["ready"]
        assert not engines["qwen2.5-vl"]["ready"]
        assert engines["qwen2.5-vl"]["detail"]

    async def test_health_is_degraded_without_models(self, serving, tmp_path):
        with serving(create_app(Settings(cache_dir=tmp_path, text_models_dir=tmp_path))) as url:
            async with httpx2.AsyncClient(base_url=url) as client:
                response = await client.get("/health")
                assert response.status_code == 503
                assert response.json()["status"] == "degraded"
                assert_problem(await client.post(URL, json={"image_base64": "AAAA"}), 503, "engine-unavailable")

    async def test_preload_reports_its_end(self, serving, tmp_path):
        with serving(create_app(Settings(cache_dir=tmp_path, preload=True))) as url:
            async with httpx2.AsyncClient(base_url=url) as client:
                while (await client.get("/ping")).status_code == 204:
                    await asyncio.sleep(0.05)
                engines = (await client.get("/health")).json()["engines"]
                assert any(engine["detail"] == "Loaded." for engine in engines)

    async def test_the_contract_lists_both_forms(self, client):
        operation = (await client.get("/openapi.json")).json()["paths"][URL]["post"]
        assert set(operation["requestBody"]["content"]) == {"application/json", "multipart/form-data"}
        assert {"403", "413", "415", "422", "502", "503", "504"} <= set(operation["responses"])
