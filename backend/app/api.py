"""The application: settings in, a FastAPI app out. Everything that lives as long as the process is made here."""

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import Response

from app.audit.routes import product_router as history_router
from app.audit.routes import router as audit_router
from app.audit.service import prune_for_ever
from app.auth.dependencies import Admin
from app.auth.first_administrator import ensure_first_administrator
from app.auth.housekeeping import keep_house
from app.auth.mail import Mailer
from app.auth.openapi import document_security
from app.auth.password_resets import JOB as PASSWORD_RESET_MAIL
from app.auth.password_resets import PasswordResetMailJob
from app.auth.routes import public_router as sign_in_router
from app.auth.routes import router as auth_router
from app.auth.user_routes import router as users_router
from app.catalogue.routes import router as catalogue_router
from app.comments.routes import router as comments_router
from app.database import add_database_handlers, make_engine, make_sessions, psycopg_conninfo
from app.enrichment.events import RunEventListener
from app.enrichment.job import RunJob
from app.enrichment.routes import product_router as enrichment_product_router
from app.enrichment.routes import router as runs_router
from app.enrichment.runner import Runner
from app.enrichment.steps import StepContext
from app.exports.delivery import ExportSender
from app.exports.routes import router as exports_router
from app.facts.routes import router as facts_router
from app.frontend import add_frontend
from app.gateway.client import make_http_session
from app.gateway.health import HealthMonitor
from app.gateway.routes import MAX_BODY_BYTES
from app.gateway.routes import router as gateway_router
from app.gateway.services import Services
from app.health.routes import router as health_router
from app.imports.job import ImportJob
from app.imports.routes import MULTIPART_BYTES
from app.imports.routes import PREFIX as IMPORTS_PATH
from app.imports.routes import router as imports_router
from app.imports.spool import Spool
from app.jobs.queue import WORKER_GRACE_S, JobHandler, Queue, open_queue, run_worker, take_over_stalled_jobs
from app.listings.bulk_routes import bulk_router as listings_bulk_router
from app.listings.check_job import CheckListingJob
from app.listings.routes import router as listings_router
from app.media import wiring as media
from app.migrations import upgrade_database
from app.openapi import document_gateway_bodies
from app.products.routes import router as products_router
from app.settings import Settings
from app.settings_store.routes import router as settings_router
from app.sources.routes import router as sources_router
from app.sources.routes import snapshots_router
from shared import __version__
from shared.utils.asgi import BodyLimitMiddleware
from shared.utils.embedded_postgres import EmbeddedPostgres
from shared.utils.logging import configure_logging
from shared.utils.metrics import Metrics, MetricsMiddleware
from shared.utils.problems import add_problem_handlers
from shared.utils.request_context import RequestContextMiddleware

log = structlog.get_logger(__name__)

ROUTERS = (
    health_router,
    sign_in_router,
    auth_router,
    users_router,
    audit_router,
    history_router,
    gateway_router,
    catalogue_router,
    products_router,
    comments_router,
    *media.ROUTERS,
    sources_router,
    snapshots_router,
    facts_router,
    listings_router,
    listings_bulk_router,
    settings_router,
    imports_router,
    exports_router,
    enrichment_product_router,
    runs_router,
)


@contextlib.contextmanager
def database_url(settings: Settings) -> Iterator[str]:
    """The configured database, or an embedded one that lives as long as this process."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    server = EmbeddedPostgres(settings.data_dir, settings.embedded_postgres_port)
    log.info("embedded_postgres_starts", folder=str(settings.data_dir), port=settings.embedded_postgres_port)
    try:
        yield server.start()
    finally:
        server.stop()


async def stop(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel until all have ended: a cancellation that arrives just as a wait is over can be lost in a library."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        # Longer than the worker takes to put its jobs back.
        _, pending = await asyncio.wait(pending, timeout=WORKER_GRACE_S + 2)


def create_app(settings: Settings | None = None) -> FastAPI:
    settings = settings or Settings()
    configure_logging("backend", settings.log_level, settings.log_format)
    metrics = Metrics("backend")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            url = stack.enter_context(database_url(settings))
            await asyncio.to_thread(upgrade_database, url)
            engine = make_engine(url, settings.database_pool_size)
            stack.push_async_callback(engine.dispose)
            http = await stack.enter_async_context(make_http_session())
            services = Services.from_settings(settings, http)
            monitor = HealthMonitor(services.all, http, settings.health_interval_s)
            storage = media.open_storage(settings)
            conninfo = psycopg_conninfo(url)
            listener = RunEventListener(conninfo)
            await stack.enter_async_context(open_queue(conninfo))
            app.state.sessions = make_sessions(engine)
            app.state.mailer = Mailer.from_settings(settings)
            await ensure_first_administrator(app.state.sessions, settings)
            app.state.services = services
            app.state.health_monitor = monitor
            app.state.storage = storage
            await media.attach(app, settings)
            app.state.export_sender = ExportSender(app.state.sessions, app.state.public_media)
            app.state.run_event_listener = listener
            # Which engines there are is part of what a step is about: it must be known before a run is taken up again.
            await monitor.check()
            tasks = [asyncio.create_task(monitor.run()), asyncio.create_task(listener.run())]
            tasks.append(asyncio.create_task(keep_house(app.state.sessions)))
            if settings.audit_retention_days:
                tasks.append(asyncio.create_task(prune_for_ever(app.state.sessions, settings.audit_retention_days)))
            if settings.embedded_worker:
                runner = Runner(
                    app.state.sessions,
                    StepContext(services, storage, monitor),
                    bulkheads(settings),
                    settings.service_patience_s,
                )
                handlers: dict[str, JobHandler] = {
                    "enrich": RunJob(runner),
                    "check-listing": CheckListingJob(app.state.sessions, services),
                    "import": ImportJob(app.state.sessions, Spool(settings.data_dir), settings.import_max_rows),
                }
                handlers[PASSWORD_RESET_MAIL] = PasswordResetMailJob(app.state.sessions, app.state.mailer)
                handlers |= media.job_handlers(app, settings)
                slots: dict[Queue, int] = {
                    "interactive": settings.worker_concurrency,
                    "background": settings.background_concurrency,
                }
                tasks.append(asyncio.create_task(take_over_stalled_jobs()))
                tasks += [
                    asyncio.create_task(run_worker(handlers, name=worker_name(), queue=queue, concurrency=concurrency))
                    for queue, concurrency in slots.items()
                ]
            stack.push_async_callback(stop, tasks)
            yield

    app = FastAPI(
        title="Orchestrating AI Models",
        description="API gateway, catalogue, enrichment runs and review.",
        version=__version__,
        lifespan=lifespan,
    )
    app.state.settings = settings
    add_problem_handlers(app)
    add_database_handlers(app)
    for router in ROUTERS:
        app.include_router(router)

    @app.get("/metrics", include_in_schema=False)
    async def prometheus(_: Admin, request: Request) -> Response:
        return metrics.response()

    add_frontend(app, settings.frontend_dir)
    document_gateway_bodies(app)
    document_security(app, ROUTERS)
    app.add_middleware(
        BodyLimitMiddleware,
        max_bytes=MAX_BODY_BYTES,
        larger={IMPORTS_PATH: settings.import_max_bytes + MULTIPART_BYTES, **media.larger_bodies(settings)},
    )
    # No deadline here: streams of progress stay open; calls to services have their own.
    app.add_middleware(RequestContextMiddleware, default_deadline_s=None)
    app.add_middleware(MetricsMiddleware, metrics=metrics)
    return app


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


def bulkheads(settings: Settings) -> dict[str, asyncio.Semaphore]:
    """How many calls to each service this worker has under way at most, over all its runs."""
    return {
        "describe": asyncio.Semaphore(settings.describe_concurrency),
        "extract": asyncio.Semaphore(settings.extract_concurrency),
        "merge": asyncio.Semaphore(settings.worker_concurrency),
        "generate": asyncio.Semaphore(settings.generate_concurrency),
    }
