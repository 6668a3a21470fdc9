"""Facts and requests for the tests, and the service over real HTTP."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn

from generate_description.api import create_app
from generate_description.settings import GenerateDescriptionSettings
from shared.models.facts import Fact, Source
from shared.models.generate import GenerateRequest, ProductContext

Values = dict[str, str | tuple[str, str]]

MUG: Values = {
    "name": "Bruma enamel mug",
    "brand": "Bruma",
    "material": "enamelled steel",
    "volume": ("330", "ml"),
    "weight": ("150", "g"),
    "colour": "dark blue",
    "care": "dishwasher safe",
    "origin": "Made in Poland",
    "height": "8,5 cm",
    "BPA": "free",
    "pieces": "2",
    "handle": "oak",
}


def build_facts(values: Values, kind: str = "merchant") -> list[Fact]:
    facts = []
    for position, (name, given) in enumerate(values.items()):
        value, unit = given if isinstance(given, tuple) else (given, None)
        source = Source(kind=kind, ref=name)  # type: ignore[arg-type]
        facts.append(Fact(id=f"f{position}", name=name, value=value, unit=unit, source=source))
    return facts


@pytest.fixture(scope="session")
def facts_of() -> Callable[..., list[Fact]]:
    """Facts named `f0`, `f1`, … from names and values."""
    return build_facts


@pytest.fixture(scope="session")
def request_for() -> Callable[..., GenerateRequest]:
    def build(values: Values, *, name: str, brand: str | None = None, **options: Any) -> GenerateRequest:
        return GenerateRequest(product=ProductContext(name=name, brand=brand), facts=build_facts(values), **options)

    return build


@pytest.fixture(scope="session")
def mug() -> Values:
    return dict(MUG)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Served:
    def __init__(self, settings: GenerateDescriptionSettings) -> None:
        self.port = free_port()
        self.server = uvicorn.Server(
            uvicorn.Config(create_app(settings), host="127.0.0.1", port=self.port, log_level="warning")
        )
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def __enter__(self) -> httpx2.Client:
        self.thread.start()
        while not self.server.started:
            assert self.thread.is_alive()
            time.sleep(0.02)
        self.client = httpx2.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=200)
        return self.client

    def __exit__(self, *error: object) -> None:
        self.client.close()
        self.server.should_exit = True
        self.thread.join(20)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    """No provider key and no model file: what every installation has."""
    folder = tmp_path_factory.mktemp("service")
    settings = GenerateDescriptionSettings(
        cache_dir=folder / "cache",
        model_cache_dir=folder / "models",
        openai_api_key=None,
        anthropic_api_key=None,
        service_token=None,
    )
    with Served(settings) as client:
        yield client


@pytest.fixture
def serve(tmp_path: Path):
    """Starts the service with other settings."""
    opened: list[Served] = []

    def start(**values: object) -> httpx2.Client:
        defaults = {"cache_dir": tmp_path / "cache", "model_cache_dir": tmp_path / "models", "service_token": None}
        served = Served(GenerateDescriptionSettings(**{**defaults, **values}))  # type: ignore[arg-type]
        opened.append(served)
        return served.__enter__()

    yield start
    for served in opened:
        served.__exit__()
