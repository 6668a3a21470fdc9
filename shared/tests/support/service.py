"""A service with routes that show what the plumbing of `create_service` does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, StreamingResponse

from shared.config.settings import BaseServiceSettings
from shared.models.base import RequestModel
from shared.models.health import EngineHealth
from shared.utils.errors import ServiceBusy
from shared.utils.request_context import outgoing_headers, remaining_seconds
from shared.utils.service import create_service


class Body(RequestModel):
    number: int = 0


class Work:
    """What the routes did, and the gate that they wait at."""

    def __init__(self) -> None:
        self.calls = 0
        self.finished = 0
        self.status = 200
        self.gate = asyncio.Event()
        self.gate.set()
        self.engines = [EngineHealth(name="one", ready=True)]
        self.starting = False


def make_service(work: Work, folder: Path, **settings: Any) -> FastAPI:
    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield

    app = create_service(
        service="sample",
        description="A sample.",
        settings=BaseServiceSettings(cache_dir=folder, log_level="ERROR", log_format="json", **settings),
        engines=lambda: work.engines,
        starting=lambda: work.starting,
        lifespan=lifespan,
        max_body_bytes=1000,
    )

    @app.post("/work")
    async def do_work(body: Body) -> JSONResponse:
        work.calls += 1
        await work.gate.wait()
        work.finished += 1
        if work.status == 503:
            raise ServiceBusy("Full.")
        answer = {"call": work.calls, "number": body.number}
        return JSONResponse(answer, status_code=work.status, headers={"X-Extra": "1"})

    @app.post("/stream")
    async def stream(body: Body) -> StreamingResponse:
        work.calls += 1

        async def chunks() -> AsyncIterator[bytes]:
            yield b"data: 1\n\n"
            await work.gate.wait()
            yield b"data: 2\n\n"
            work.finished += 1

        return StreamingResponse(chunks(), media_type="text/event-stream")

    @app.post("/crash")
    async def crash() -> None:
        work.calls += 1
        raise RuntimeError("a secret detail")

    @app.get("/context")
    async def context(request: Request) -> dict[str, Any]:
        return {"remaining": remaining_seconds(1000.0), "outgoing": outgoing_headers()}

    @app.get("/wait")
    async def wait() -> None:
        await work.gate.wait()

    return app
