"""The durable queue: Procrastinate on our PostgreSQL. All that the rest of the code knows of it is here.

Jobs are deferred on the session's own connection, so a job exists exactly when the rows that it serves do.
"""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from typing import Any, Protocol

import procrastinate
import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.ext.asyncio import AsyncSession

log = structlog.get_logger(__name__)

HEARTBEAT_S = 2.0
DEAD_AFTER_S = 10.0
WORKER_GRACE_S = 5.0
QUEUE = "interactive"
RUNNER = "runner"
MAX_JOB_ATTEMPTS = 10

queue_app = procrastinate.App(connector=procrastinate.PsycopgConnector())


class RunExecutor(Protocol):
    async def execute(self, run_id: uuid.UUID) -> None: ...

    async def give_up(self, run_id: uuid.UUID) -> None:
        """Told when the job failed for the last time, so that the run does not stay active for ever."""


@queue_app.task(
    queue=QUEUE,
    name="enrich",
    pass_context=True,
    # Only for what nobody foresaw (and for a worker that is told to stop): steps have retries of their own.
    retry=procrastinate.RetryStrategy(max_attempts=MAX_JOB_ATTEMPTS, linear_wait=2),
)
async def enrich(context: procrastinate.JobContext, run_id: str) -> None:
    runner: RunExecutor = context.additional_context[RUNNER]
    try:
        await runner.execute(uuid.UUID(run_id))
    except Exception:
        if context.job.attempts >= MAX_JOB_ATTEMPTS:
            await runner.give_up(uuid.UUID(run_id))
        raise


async def defer_run(session: AsyncSession, run_id: uuid.UUID) -> None:
    """Enqueue the run in the session's transaction: nothing starts before the commit, a rollback leaves no job."""
    connection = await session.connection()
    raw = (await connection.get_raw_connection()).driver_connection
    assert isinstance(raw, psycopg.AsyncConnection)
    await enrich.configure(connection=raw, lock=f"run:{run_id}").defer_async(run_id=str(run_id))


@contextlib.asynccontextmanager
async def open_queue(conninfo: str) -> AsyncIterator[None]:
    pool: AsyncConnectionPool[Any] = AsyncConnectionPool(
        conninfo, min_size=1, max_size=5, open=False, check=AsyncConnectionPool.check_connection, name="queue"
    )
    await pool.open()
    try:
        async with queue_app.open_async(pool):
            yield
    finally:
        await pool.close()


async def run_worker(runner: RunExecutor, *, name: str, concurrency: int) -> None:
    """Take jobs until cancelled. A lost database ends the worker's loop, not the worker: it starts again."""
    while True:
        try:
            await queue_app.run_worker_async(
                name=name,
                queues=[QUEUE],
                concurrency=concurrency,
                install_signal_handlers=False,
                update_heartbeat_interval=HEARTBEAT_S,
                stalled_worker_timeout=DEAD_AFTER_S,
                shutdown_graceful_timeout=WORKER_GRACE_S,
                delete_jobs="successful",
                additional_context={RUNNER: runner},
            )
        except (psycopg.Error, procrastinate.exceptions.ProcrastinateException, OSError) as error:
            log.warning("worker_restarts", error=str(error))
            await asyncio.sleep(1.0)


async def take_over_stalled_jobs(interval_s: float = HEARTBEAT_S) -> None:
    """Give the jobs of dead workers back to the queue, as long as this runs."""
    while True:
        try:
            for job in await queue_app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_S):
                log.info("job_taken_over", job=job.id, run=job.task_kwargs.get("run_id"))
                await queue_app.job_manager.retry_job(job)
        except (psycopg.Error, procrastinate.exceptions.ProcrastinateException, OSError) as error:
            log.warning("stalled_jobs_not_checked", error=str(error))
        await asyncio.sleep(interval_s)
