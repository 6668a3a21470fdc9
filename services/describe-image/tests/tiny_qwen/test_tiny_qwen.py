"""A real Qwen2.5-VL, tiny and untrained, behind the service: loading, preprocessing, template, constrained decoding.

It needs torch and transformers in an environment of their own, which it installs on first use, so it only runs with
`./orchestrate test --full`. TINY_QWEN_PYTHON names an interpreter that has them already.
"""

import asyncio
import base64
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import httpx2
import pytest
from PIL import Image

FOLDER = Path(__file__).parent
REPOSITORY = FOLDER.parents[3]
ENVIRONMENT = REPOSITORY / ".orchestrate" / "tiny-qwen"
INSTALL_LIMIT_S = 900
PHOTOS = REPOSITORY / "samples" / "photos"
URL = "/api/v1/describe"

pytestmark = pytest.mark.full


def install() -> Path:
    """The interpreter of an environment that has exactly what requirements.txt names."""
    given = os.environ.get("TINY_QWEN_PYTHON")
    if given:
        return Path(given)
    requirements = (FOLDER / "requirements.txt").read_text()
    python, stamp = ENVIRONMENT / "bin" / "python", ENVIRONMENT / "requirements.txt"
    if not stamp.exists() or stamp.read_text() != requirements:
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        # torch alone first: resolved together with torchvision, its build for CUDA would be chosen.
        torch = next(line for line in requirements.splitlines() if line.startswith("torch=="))
        subprocess.run([*pip, torch], check=True, timeout=INSTALL_LIMIT_S)
        subprocess.run([*pip, "-r", FOLDER / "requirements.txt"], check=True, timeout=INSTALL_LIMIT_S)
        stamp.write_text(requirements)
    return python


@pytest.fixture(scope="module")
def tiny_qwen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    try:
        python = install()
    except (subprocess.SubprocessError, OSError) as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"torch and transformers could not be installed: {error}")
    folder = tmp_path_factory.mktemp("tiny-qwen")
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    subprocess.run([python, FOLDER / "build.py", folder], check=True, env=environment, timeout=120)
    server = subprocess.Popen(
        [python, FOLDER / "server.py", folder], stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        assert address, "the server of the tiny model did not start"
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


def wait_until_ready(url: str) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if httpx2.get(f"{url}/ping").status_code == 200:
            return
        time.sleep(0.05)
    raise AssertionError(httpx2.get(f"{url}/health").text)


@pytest.fixture(scope="module")
def service(tiny_qwen: str, start_seeing: object) -> Iterator[str]:
    with start_seeing(tiny_qwen, qwen_api_key="tiny", qwen_max_image_tokens=256, answers_cached=0) as url:
        wait_until_ready(url)
        yield url


def photo(image_format: str) -> bytes:
    buffer = BytesIO()
    image = Image.open(PHOTOS / "olive-oil.jpg").convert("RGB")
    image.thumbnail((900, 900))
    image.save(buffer, image_format)
    return buffer.getvalue()


async def describe(service: str, content: bytes, **options: object) -> httpx2.Response:
    body = {"image_base64": base64.b64encode(content).decode(), "engine": "qwen2.5-vl", **options}
    async with httpx2.AsyncClient(base_url=service, timeout=180) as client:
        return await client.post(URL, json=body)


class TestTinyQwen:
    @pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "HEIF"])
    async def test_it_answers_in_the_schema(self, service: str, image_format: str) -> None:
        response = await describe(service, photo(image_format))
        assert response.status_code == 200, response.text
        body = response.json()
        assert body["engine"] == "qwen2.5-vl"
        assert body["model"] == "tiny-qwen2.5-vl"
        assert body["description"]
        assert len(body["alt_text"]) <= 125
        # The pixel budget: at most 256 visual tokens, and the question's own.
        assert 256 < body["usage"]["input_tokens"] < 4096
        assert body["usage"]["output_tokens"] > 20

    async def test_the_label_reader_and_the_model_together(self, service: str) -> None:
        response = await describe(service, photo("JPEG"), engine="auto")
        assert response.json()["engine"] == "qwen2.5-vl+label-reader"
        assert response.json()["visible_text"]

    async def test_confidences_are_those_of_the_tokens(self, service: str) -> None:
        body = (await describe(service, photo("JPEG"))).json()
        sure = [fact["confidence"] for fact in body["facts"]] + [each["confidence"] for each in body["attributes"]]
        assert all(0 <= each <= 0.9 for each in sure)

    async def test_the_same_photo_gives_the_same_answer(self, service: str) -> None:
        first, second = [(await describe(service, photo("JPEG"))).json() for _ in range(2)]
        assert first["description"] == second["description"]
        assert first["usage"] == second["usage"]

    async def test_the_photo_is_what_costs(self, service: str) -> None:
        buffer = BytesIO()
        Image.open(PHOTOS / "olive-oil.jpg").convert("RGB").resize((112, 112)).save(buffer, "PNG")
        small = (await describe(service, buffer.getvalue())).json()["usage"]["input_tokens"]
        large = (await describe(service, photo("PNG"))).json()["usage"]["input_tokens"]
        assert large > small

    async def test_photos_asked_about_at_once(self, service: str) -> None:
        answers = await asyncio.gather(*(describe(service, photo(each)) for each in ("JPEG", "PNG", "WEBP")))
        assert [answer.status_code for answer in answers] == [200, 200, 200]

    async def test_too_many_tokens(self, service: str) -> None:
        response = await describe(service, photo("JPEG"), prompt="ñandú " * 600)
        assert response.status_code == 502, response.text
        assert response.json()["type"] == "/problems/vision-model-failed"

    async def test_a_damaged_photo_never_reaches_it(self, service: str) -> None:
        response = await describe(service, photo("JPEG")[:2000])
        assert response.status_code == 422
        assert response.json()["type"] == "/problems/image-unreadable"

    async def test_a_key_that_it_does_not_know(self, tiny_qwen: str, start_seeing: object) -> None:
        with start_seeing(tiny_qwen, qwen_api_key="wrong") as url:
            wait_until_ready(url)
            assert "QWEN_API_KEY" in httpx2.get(f"{url}/health").json()["engines"][0]["detail"]
