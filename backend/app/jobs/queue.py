"""The durable queue: Procrastinate on our PostgreSQL. All that the rest of the code knows of it is here.

Jobs are deferred on the session's own connection, so a job exists exactly when the rows that it serves do.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any, Literal, Protocol

import procrastinate
import psycopg
import structlog
from procrastinate.types import TimeDeltaParams
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.ext.asyncio import AsyncSession

log = structlog.get_logger(__name__)

HEARTBEAT_S = 2.0
DEAD_AFTER_S = 10.0
WORKER_GRACE_S = 5.0
HANDLERS = "handlers"
MAX_JOB_ATTEMPTS = 10

Queue = Literal["interactive", "background"]
"""`interactive` is what somebody waits for; `background` has slots of its own, so that neither blocks the other."""

QUEUES: dict[str, Queue] = {
    "enrich": "interactive",
    "check-listing": "interactive",
    "password-reset-mail": "interactive",
    "import": "background",
    "fetch-image": "background",
    "photo-archive": "background",
    "collect-orphans": "background",
}
"""Each kind of job, and the queue that it waits in."""

queue_app = procrastinate.App(connector=procrastinate.PsycopgConnector())


class JobHandler(Protocol):
    """Does one kind of job. A job may be executed again after any kind of end, so it must know what it has done."""

    async def execute(self, arguments: dict[str, Any]) -> None: ...

    async def give_up(self, arguments: dict[str, Any]) -> None:
        """Told when the job failed for the last time, so that what it serves does not stay open for ever."""


async def perform(context: procrastinate.JobContext, /, **arguments: Any) -> None:
    handlers: Mapping[str, JobHandler] = context.additional_context[HANDLERS]
    handler = handlers[context.job.task_name]
    try:
        await handler.execute(arguments)
    except Exception:
        if context.job.attempts >= MAX_JOB_ATTEMPTS:
            await handler.give_up(arguments)
        raise


TASKS = {
    kind: queue_app.task(
        queue=queue,
        name=kind,
        pass_context=True,
        # Only for what nobody foresaw (and for a worker that is told to stop): handlers have retries of their own.
        retry=procrastinate.RetryStrategy(max_attempts=MAX_JOB_ATTEMPTS, linear_wait=2),
    )(perform)
    for kind, queue in QUEUES.items()
}

# Every few hours rather than once at night: not every machine is up then.
queue_app.periodic(cron="41 */6 * * *", periodic_id="media")(TASKS["collect-orphans"])  # type: ignore[arg-type]


async def defer_job(
    session: AsyncSession, kind: str, arguments: dict[str, Any], *, lock: str | None = None, delay_s: float = 0
) -> None:
    """Enqueue in the session's transaction: nothing starts before the commit, a rollback leaves no job.

    Jobs with one `lock` are done one after the other. `arguments` must be JSON.
    """
    connection = await session.connection()
    raw = (await connection.get_raw_connection()).driver_connection
    assert isinstance(raw, psycopg.AsyncConnection)
    schedule_in: TimeDeltaParams | None = {"seconds": int(delay_s)} if delay_s else None
    await TASKS[kind].configure(connection=raw, lock=lock, schedule_in=schedule_in).defer_async(**arguments)


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


async def run_worker(handlers: Mapping[str, JobHandler], *, name: str, queue: Queue, concurrency: int) -> None:
    """Take jobs until cancelled. A lost database ends the worker's loop, not the worker: it starts again."""
    while True:
        try:
            await queue_app.run_worker_async(
                name=name,
                queues=[queue],
                concurrency=concurrency,
                install_signal_handlers=False,
                update_heartbeat_interval=HEARTBEAT_S,
                stalled_worker_timeout=DEAD_AFTER_S,
                shutdown_graceful_timeout=WORKER_GRACE_S,
                delete_jobs="successful",
                additional_context={HANDLERS: handlers},
            )
        except (psycopg.Error, procrastinate.exceptions.ProcrastinateException, OSError) as error:
            log.warning("worker_restarts", error=str(error))
            await asyncio.sleep(1.0)


async def take_over_stalled_jobs(interval_s: float = HEARTBEAT_S) -> None:
    """Give the jobs of dead workers back to the queue, as long as this runs."""
    while True:
        try:
            for job in await queue_app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_S):
                log.info("job_taken_over", job=job.id, kind=job.task_name, arguments=job.task_kwargs)
                await queue_app.job_manager.retry_job(job)
        except (psycopg.Error, procrastinate.exceptions.ProcrastinateException, OSError) as error:
            log.warning("stalled_jobs_not_checked", error=str(error))
        await asyncio.sleep(interval_s)
