"""A service over real HTTP, one set of loaded models for all tests, and packs rendered on the spot."""

import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from io import BytesIO
from pathlib import Path

import httpx2
import numpy as np
import pytest
import uvicorn
import zxingcpp
from fastapi import FastAPI
from PIL import Image, ImageDraw, ImageFont

from describe_image.api import create_app
from describe_image.label_reader.engine import LabelReader
from describe_image.label_reader.text_reader import TextReader
from describe_image.settings import Settings
from describe_image.worker_pool import WorkerPool
from shared.models.describe import DescribeOptions, DescribeResponse
from shared.models.facts import Fact

FORMATS = {
    "EAN-13": zxingcpp.BarcodeFormat.EAN13,
    "EAN-8": zxingcpp.BarcodeFormat.EAN8,
    "UPC-A": zxingcpp.BarcodeFormat.UPCA,
    "UPC-E": zxingcpp.BarcodeFormat.UPCE,
}

LINES = ("NORDIKA", "Enamel Mug", "330 ml", "Material: Enamelled steel", "Made in Poland")
GTIN = "2004100330171"


class Pack:
    """Renders packs: lines of text, a barcode, on a colour."""

    @staticmethod
    def barcode(number: str, kind: str = "EAN-13", scale: int = 3) -> Image.Image:
        code = zxingcpp.create_barcode(number, FORMATS[kind])
        return Image.fromarray(np.asarray(code.to_image(scale=scale, add_quiet_zones=True))).convert("RGB")

    @classmethod
    def render(
        cls,
        lines: tuple[str, ...] = LINES,
        *,
        gtin: str | None = GTIN,
        printed: str | None = None,
        color: str = "white",
        size: tuple[int, int] = (900, 900),
        font_size: float = 44,
        ink: str = "black",
    ) -> Image.Image:
        image = Image.new("RGB", size, "white")
        draw = ImageDraw.Draw(image)
        draw.rectangle((size[0] * 0.1, size[1] * 0.05, size[0] * 0.9, size[1] * 0.95), fill=color)
        font = ImageFont.load_default(font_size)
        y = size[1] * 0.1
        for line in lines:
            draw.text((size[0] * 0.16, y), line, fill=ink, font=font)
            y += font_size * 1.6
        if gtin is not None:
            bars = cls.barcode(gtin, "EAN-8" if len(gtin) == 8 else "EAN-13")
            image.paste(bars, (round(size[0] * 0.16), round(y)))
            y += bars.height
        if printed is not None:
            draw.text((size[0] * 0.18, y), printed, fill=ink, font=ImageFont.load_default(30))
        return image

    @staticmethod
    def encode(image: Image.Image, image_format: str = "PNG", **options: object) -> bytes:
        buffer = BytesIO()
        image.save(buffer, image_format, **options)
        return buffer.getvalue()


@pytest.fixture(scope="session")
def pack() -> type[Pack]:
    return Pack


@pytest.fixture(scope="session")
def text_reader() -> TextReader:
    return TextReader()


@pytest.fixture(scope="session")
def read(text_reader: TextReader) -> Callable[..., DescribeResponse]:
    reader = LabelReader(text_reader, WorkerPool(1, 0), max_side=3072)

    def read_image(image: Image.Image | bytes, language: str = "en") -> DescribeResponse:
        content = image if isinstance(image, bytes) else Pack.encode(image)
        return reader.read(content, DescribeOptions(language=language))

    return read_image


def values(facts: list[Fact]) -> dict[str, tuple[str, str | None]]:
    return {fact.name: (fact.value, fact.unit) for fact in facts if fact.name != "pack_text"}


@pytest.fixture(scope="session")
def by_name() -> Callable[[list[Fact]], dict[str, tuple[str, str | None]]]:
    return values


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serve(app: FastAPI, port: int | None = None) -> Iterator[str]:
    """Run `app` under uvicorn in a thread, as it is run for real."""
    port = port or free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture(scope="session")
def serving() -> Callable[..., contextlib.AbstractContextManager[str]]:
    return serve


@pytest.fixture(scope="session")
def unused_port() -> Callable[[], int]:
    return free_port


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("cache")
    with serve(create_app(Settings(cache_dir=folder, workers=1, queue_limit=8))) as url:
        yield url


@pytest.fixture
async def client(service: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=service, timeout=60) as client:
        yield client


@pytest.fixture(scope="session")
def start_seeing(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., contextlib.AbstractContextManager[str]]:
    """Start a service that has a vision model."""

    def start(base_url: str | None, **settings: object) -> contextlib.AbstractContextManager[str]:
        folder: Path = tmp_path_factory.mktemp("cache")
        options = {"cache_dir": folder, "workers": 1, "queue_limit": 8, "qwen_base_url": base_url, **settings}
        return serve(create_app(Settings(**options)))

    return start
