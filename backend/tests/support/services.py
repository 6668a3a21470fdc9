"""The three services as small real HTTP applications: their contracts, authentication and idempotency are the real
ones (`create_service`); what they answer, and how they fail, a test decides.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from pydantic import BaseModel, SecretStr

from backend.tests.support.servers import HttpServer, free_port
from shared.config.settings import BaseServiceSettings
from shared.models.base import Usage, now
from shared.models.describe import DescribeRequest, DescribeResponse, ImageInfo
from shared.models.extract import ExtractRequest, ExtractResponse, PageProduct
from shared.models.facts import Fact, ImageLocator, Source, WebLocator
from shared.models.generate import CheckRequest, CheckResponse, Claim, GenerateRequest, Grounding, Listing
from shared.models.health import EngineHealth
from shared.utils.errors import AppError, InvalidRequest
from shared.utils.service import create_service

SERVICE_TOKEN = "token-of-the-stub-services"

Behaviour = Callable[[Any], Awaitable[BaseModel | Response] | BaseModel | Response]


def image_fact(sha256: str, name: str, value: str, unit: str | None = None, confidence: float = 0.9) -> Fact:
    quote = f"{value} {unit}" if unit else value
    source = Source(kind="image", ref=f"sha256:{sha256}", quote=quote, locator=ImageLocator(box=(0.1, 0.1, 0.5, 0.1)))
    return Fact.create(name=name, value=value, unit=unit, source=source, confidence=confidence)


def web_fact(
    url: str, name: str, value: str, unit: str | None = None, confidence: float = 0.95, start: int = 0
) -> Fact:
    quote = f"{value} {unit}" if unit else value
    source = Source(kind="web", ref=url, quote=quote, locator=WebLocator(start=start, end=start + len(quote)))
    return Fact.create(name=name, value=value, unit=unit, source=source, confidence=confidence)


def described(request: DescribeRequest, facts: list[Fact] | None = None) -> DescribeResponse:
    try:
        content = request.image_bytes()
    except ValueError as error:
        raise InvalidRequest(str(error)) from error
    sha256 = hashlib.sha256(content).hexdigest()
    return DescribeResponse(
        description=f"A photo of {request.hint}.",
        alt_text=f"{request.hint}",
        facts=[image_fact(sha256, "Material", "Enamelled steel")] if facts is None else facts,
        image=ImageInfo(width=40, height=30, format="PNG", sha256=sha256, bytes=len(content)),
        engine="label-reader",
        usage=Usage(),
        elapsed_ms=1.0,
    )


def extracted(request: ExtractRequest, facts: list[Fact] | None = None, **changes: Any) -> ExtractResponse:
    url = request.url or "about:blank"
    snapshot = "8 cm\nEnamelled steel mug"
    fields: dict[str, Any] = {
        "url": url,
        "final_url": url,
        "status": 200,
        "title": "A supplier's page",
        "language": "en",
        "snapshot": snapshot,
        "product": PageProduct(name="Mug"),
        "facts": [web_fact(url, "Height", "8", "cm")] if facts is None else facts,
        "fetched_at": now(),
        "content_sha256": hashlib.sha256(snapshot.encode()).hexdigest(),
        "elapsed_ms": 1.0,
    }
    return ExtractResponse(**{**fields, **changes})


def written(request: GenerateRequest) -> Listing:
    title = f"{request.product.name} ({request.language})"
    ids = [fact.id for fact in request.facts]
    claim = Claim(
        id="c1",
        field="title",
        start=0,
        end=len(title),
        text=title,
        fact_ids=ids[:1],
        verdict="supported",
        reason_code="ok",
        reason="A fact says so.",
    )
    return Listing(
        language=request.language,
        title=title,
        description="; ".join(f"{fact.name}: {fact.value}" for fact in request.facts),
        claims=[claim],
        grounding=Grounding(supported=1, unsupported=0, style=0, coverage=1.0),
        engine="composer",
        prompt_version="test",
        usage=Usage(input_tokens=10, output_tokens=5, cost_usd=0.001),
        elapsed_ms=1.0,
    )


def checked(request: CheckRequest) -> CheckResponse:
    return CheckResponse(claims=[], grounding=Grounding(supported=0, unsupported=0, style=0, coverage=1.0))


@dataclass(frozen=True, slots=True)
class Call:
    """One execution of a route: an answer from the idempotency store is none."""

    key: str | None
    body: Any
    headers: dict[str, str]


@dataclass(slots=True, eq=False)
class StubService:
    name: str
    model: type[BaseModel]
    path: str
    default: Behaviour
    folder: Path
    port: int = field(default_factory=free_port)
    calls: list[Call] = field(default_factory=list)
    completed: int = 0
    behaviour: Behaviour | None = None
    checks: list[CheckRequest] = field(default_factory=list)
    check_behaviour: Callable[[CheckRequest], BaseModel] | None = None
    engines: list[EngineHealth] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    server: HttpServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def reset(self) -> None:
        self.calls = []
        self.completed = 0
        self.behaviour = None
        self.checks = []
        self.check_behaviour = None
        self.engines = [EngineHealth(name="stub", model="stub-1", ready=True)]
        self.release()

    def hang(self) -> None:
        """Calls begin, and wait until `release`."""
        self.gate.clear()

    def release(self) -> None:
        self.gate.set()

    def fails_with(self, error: AppError, *, times: int | None = None) -> None:
        """Answer with a problem, the first `times` calls or all of them."""
        left = times

        def fail(request: Any) -> BaseModel | Response | Awaitable[BaseModel | Response]:
            nonlocal left
            if left is not None:
                if left == 0:
                    return self.default(request)
                left -= 1
            raise error

        self.behaviour = fail

    def keys(self) -> list[str | None]:
        return [call.key for call in self.calls]

    async def called(self, times: int = 1) -> None:
        """Wait until so many calls have begun."""
        async with asyncio.timeout(20):
            while len(self.calls) < times:
                await asyncio.sleep(0.01)

    async def up(self) -> None:
        if self.server is None:
            self.server = HttpServer(self.make_app(), self.port)
            await self.server.start()

    async def down(self) -> None:
        if self.server is not None:
            await self.server.stop()
            self.server = None

    async def answer(self, body: BaseModel, request: Request) -> BaseModel | Response:
        key = request.headers.get("idempotency-key")
        self.calls.append(Call(key, body, dict(request.headers)))
        await self.gate.wait()
        outcome = (self.behaviour or self.default)(body)
        if not isinstance(outcome, BaseModel | Response):
            outcome = await outcome
        self.completed += 1
        return outcome

    def make_app(self) -> FastAPI:
        @contextlib.asynccontextmanager
        async def lifespan(_: FastAPI) -> AsyncIterator[None]:
            yield

        settings = BaseServiceSettings(
            service_token=SecretStr(SERVICE_TOKEN), cache_dir=self.folder, log_level="ERROR", log_format="json"
        )
        app = create_service(
            service=self.name,
            description="A stub.",
            settings=settings,
            engines=lambda: self.engines,
            lifespan=lifespan,
        )
        self.add_route(app, self.path, self.model)
        if self.name == "generate-description":
            self.add_route(app, "/api/v1/check", CheckRequest)
        return app

    def add_route(self, app: FastAPI, path: str, model: type[BaseModel]) -> None:
        async def route(body: Any, request: Request) -> Any:
            if isinstance(body, CheckRequest):
                self.checks.append(body)
                return (self.check_behaviour or checked)(body)
            return await self.answer(body, request)

        # The model is only known here, so that FastAPI must be told by hand.
        route.__annotations__.update(body=model, request=Request)
        route.__annotations__["return"] = None
        app.post(path, response_model=None)(route)


@dataclass(slots=True)
class StubServices:
    describe: StubService
    extract: StubService
    generate: StubService

    @classmethod
    def make(cls, folder: Path) -> "StubServices":
        return cls(
            StubService("describe-image", DescribeRequest, "/api/v1/describe", described, folder),
            StubService("extract-webcontent", ExtractRequest, "/api/v1/extract", extracted, folder),
            StubService("generate-description", GenerateRequest, "/api/v1/generate", written, folder),
        )

    @property
    def all(self) -> tuple[StubService, StubService, StubService]:
        return self.describe, self.extract, self.generate

    async def up(self) -> None:
        for service in self.all:
            await service.up()

    async def down(self) -> None:
        for service in self.all:
            await service.down()

    def reset(self) -> None:
        for service in self.all:
            service.reset()
