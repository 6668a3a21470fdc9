"""`create_service`: a FastAPI application with everything that DESIGN §4 asks of every service.

A service adds its domain routes and says how its engines are; health, ping, metrics, authentication, idempotency,
request context, problems and logging come from here.
"""

import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Literal

from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response

from shared import __version__
from shared.config.settings import BaseServiceSettings
from shared.models.health import EngineHealth, ServiceHealth
from shared.utils.idempotency import IdempotencyMiddleware, IdempotencyStore
from shared.utils.logging import configure_logging
from shared.utils.metrics import Metrics, MetricsMiddleware
from shared.utils.problems import add_problem_handlers
from shared.utils.request_context import RequestContextMiddleware
from shared.utils.service_auth import ServiceAuthMiddleware

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
EngineReport = Callable[[], list[EngineHealth]]


def overall_status(engines: list[EngineHealth], starting: bool) -> Literal["ok", "starting", "degraded"]:
    if starting:
        return "starting"
    return "ok" if any(engine.ready for engine in engines) else "degraded"


def cache_folder(settings: BaseServiceSettings, service: str) -> Path:
    """The service's folder for what it may lose: below CACHE_DIR, else below the system's temporary folder."""
    base = settings.cache_dir or Path(tempfile.gettempdir()) / "orchestrate-cache"
    return base / service


def create_service(
    *,
    service: str,
    description: str,
    settings: BaseServiceSettings,
    engines: EngineReport,
    lifespan: Lifespan,
    starting: Callable[[], bool] = lambda: False,
    max_body_bytes: int = 32 * 1024 * 1024,
) -> FastAPI:
    """`engines` and `starting` are asked on each health check, so they must be cheap."""
    configure_logging(service, settings.log_level, settings.log_format)
    started = time.monotonic()
    metrics = Metrics(service)
    app = FastAPI(title=service, description=description, version=__version__, lifespan=lifespan)
    app.state.metrics = metrics
    add_problem_handlers(app)

    @app.get(
        "/health",
        tags=["operations"],
        response_model=ServiceHealth,
        responses={503: {"model": ServiceHealth}},
    )
    async def health() -> Response:
        """200 when the service can work (also while an engine of several is missing), 503 when it can't."""
        report = engines()
        status = overall_status(report, starting())
        body = ServiceHealth(
            service=service,
            status=status,
            version=__version__,
            engines=report,
            uptime_s=round(time.monotonic() - started, 3),
        )
        can_work = status != "degraded" or any(engine.ready for engine in report)
        return JSONResponse(body.model_dump(mode="json"), status_code=200 if can_work else 503)

    @app.get("/ping", tags=["operations"], status_code=200, responses={204: {"description": "Still loading."}})
    async def ping() -> Response:
        """For load balancers: 204 while an engine loads, 200 when ready."""
        return Response(status_code=204 if starting() else 200)

    @app.get("/metrics", tags=["operations"], include_in_schema=False)
    async def prometheus() -> Response:
        return metrics.response()

    # The last one added is the outermost.
    store = IdempotencyStore(cache_folder(settings, service) / "answers.sqlite3")
    app.add_middleware(IdempotencyMiddleware, store=store, max_body_bytes=max_body_bytes)
    app.add_middleware(
        ServiceAuthMiddleware,
        token=settings.service_token,
        allow_unauthenticated=settings.allow_unauthenticated,
    )
    app.add_middleware(RequestContextMiddleware, default_deadline_s=settings.default_deadline_s)
    app.add_middleware(MetricsMiddleware, metrics=metrics)
    return app
