"""Execute one run: images and pages side by side, then the merge, then the listings.

Whoever executes holds an attempt number. Every write checks it, so that a worker that was frozen or cut off, and
whose run another one has taken over, can no longer change anything.
"""

import asyncio
import random
import time
import uuid
from collections.abc import Callable, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import Sessions
from app.enrichment.ending import end_run
from app.enrichment.models import ACTIVE, DONE, GOOD, Run, RunStep
from app.enrichment.reading import step_read
from app.enrichment.repository import RunRepository
from app.enrichment.steps import Outcome, StepContext, kind_of
from app.gateway.errors import ServiceTimeout, ServiceUnavailable
from app.gateway.services import ServiceProblem
from shared.models.base import now
from shared.models.problems import Problem
from shared.utils.errors import AppError

log = structlog.get_logger(__name__)

CANCEL_POLL_S = 0.5
MAX_TRANSIENT_TRIES = 4
LONGEST_PAUSE_S = 15.0
TRANSIENT_STATUSES = frozenset({429, 500, 502, 504})
# The far end of the world failed, not our service: asking twice is enough before a person should know.
PERMANENT_TYPES = frozenset({"/problems/page-unavailable", "/problems/upstream-unreachable"})


class RunTakenOver(Exception):
    """Another worker has the run now; this one stops without a word."""


class Runner:
    def __init__(
        self,
        sessions: Sessions,
        context: StepContext,
        bulkheads: dict[str, asyncio.Semaphore],
        patience_s: float,
        pause: Callable[[float], Any] = asyncio.sleep,
    ) -> None:
        self.sessions = sessions
        self.context = context
        self.bulkheads = bulkheads
        self.patience_s = patience_s
        self.pause = pause

    async def execute(self, run_id: uuid.UUID) -> None:
        """Do what is left of the run. Safe to call again after any kind of end."""
        async with self.sessions.begin() as session:
            repository = RunRepository(session)
            attempt = await repository.take(run_id)
            if attempt is None:
                return
            await repository.add_event(run_id, "run", {"status": "running", "attempt": attempt})
        work = asyncio.create_task(RunExecution(self, run_id, attempt).go())
        watch = asyncio.create_task(self._wait_for_cancel(run_id))
        try:
            await asyncio.wait({work, watch}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)
                await self._finish_cancelled(run_id, attempt)
                return
            await work
        except RunTakenOver:
            log.info("run_taken_over", run=str(run_id), attempt=attempt)
        finally:
            # Also when this worker itself is told to stop: what is in flight is asked for again by the next one.
            for task in (work, watch):
                task.cancel()
            await asyncio.gather(work, watch, return_exceptions=True)

    async def give_up(self, run_id: uuid.UUID) -> None:
        """The run failed in a way that nobody foresaw, again and again: end it, so that a person can act."""
        async with self.sessions.begin() as session:
            run = await RunRepository(session).find(run_id, lock=True)
            if run is not None and run.status in ACTIVE:
                run.attempt += 1
                await end_run(session, run, "failed", ["An unexpected error stopped the run; the log has the details."])

    async def _wait_for_cancel(self, run_id: uuid.UUID) -> None:
        while True:
            try:
                async with self.sessions() as session:
                    if await RunRepository(session).cancel_requested(run_id):
                        return
            except (SQLAlchemyError, OSError) as error:
                # A database that is away for a moment has cancelled nothing.
                log.warning("cancellation_not_checked", run=str(run_id), error=str(error))
            await asyncio.sleep(CANCEL_POLL_S)

    async def _finish_cancelled(self, run_id: uuid.UUID, attempt: int) -> None:
        async with self.sessions.begin() as session:
            repository = RunRepository(session)
            run = await repository.find(run_id, lock=True)
            if run is None or run.attempt != attempt:
                return
            await end_run(session, run, "cancelled", [])


async def all_or_none(steps: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Side by side; when one ends the attempt (taken over, database lost) the others stop with it."""
    tasks = [asyncio.create_task(step) for step in steps]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def is_unavailable(error: ServiceProblem | AppError) -> bool:
    """The service is down or full: it did nothing, so waiting for it costs nothing but time."""
    if isinstance(error, ServiceProblem):
        return error.problem.status in {429, 503} and error.retry_after_s is not None
    return isinstance(error, ServiceUnavailable)


class RunExecution:
    """One attempt at one run."""

    def __init__(self, runner: Runner, run_id: uuid.UUID, attempt: int) -> None:
        self.runner = runner
        self.sessions = runner.sessions
        self.run_id = run_id
        self.attempt = attempt
        # Steps that wait for a service, with what they say; the run waits while any of them does.
        self.waiting: dict[str, str] = {}

    async def go(self) -> None:
        async with self.sessions() as session:
            keys = [step.key for step in await RunRepository(session).steps(self.run_id)]
        reading = [key for key in keys if key.startswith(("describe:", "extract:"))]
        await all_or_none(self.step(key) for key in reading)
        await self.step("merge")
        await all_or_none(self.step(key) for key in keys if key.startswith("generate:"))
        await self.finish()

    def write(self) -> AbstractAsyncContextManager[tuple[AsyncSession, Run]]:
        return FencedWrite(self.sessions, self.run_id, self.attempt)

    async def step(self, key: str) -> None:
        async with self.sessions() as session:
            repository = RunRepository(session)
            step = await repository.step(self.run_id, key)
            if step.status in DONE:
                return
            run = await session.get_one(Run, self.run_id)
            kind = kind_of(step)
            try:
                prepared = await kind.prepare(session, run, step, self.runner.context)
            except AppError as error:
                await self.fail(key, error.to_problem())
                return
        input_hash = kind.input_hash(prepared)
        if await self.reuse(key, input_hash):
            return
        first_try = time.monotonic()
        tries = 0
        while True:
            # Asking again whether a service is back is not a try.
            if key not in self.waiting:
                tries += 1
                await self.begin(key, input_hash)
            try:
                async with self.runner.bulkheads[key.partition(":")[0]]:
                    outcome = await kind.call(prepared, f"{self.run_id}:{key}:{input_hash}", self.runner.context)
            except (ServiceProblem, AppError) as error:
                pause = self.pause_after(error, tries, time.monotonic() - first_try)
                await self.set_waiting(key, str(error) if pause is not None and is_unavailable(error) else None)
                if pause is None:
                    await self.fail(key, error.problem if isinstance(error, ServiceProblem) else error.to_problem())
                    return
                await self.runner.pause(pause)
            else:
                await self.set_waiting(key, None)
                await self.succeed(key, outcome)
                return

    def pause_after(self, error: ServiceProblem | AppError, tries: int, waited_s: float) -> float | None:
        """Seconds until the next try, or None when it would be in vain."""
        backoff = min(LONGEST_PAUSE_S, 0.5 * 2 ** min(tries, 6)) * random.uniform(0.75, 1.25)  # noqa: S311
        if is_unavailable(error):
            if waited_s >= self.runner.patience_s:
                return None
            asked = error.retry_after_s if isinstance(error, ServiceProblem) else None
            return min(backoff, 5.0) if asked is None else max(asked, 0.2) * random.uniform(1.0, 1.5)  # noqa: S311
        if isinstance(error, ServiceProblem):
            transient = error.problem.status in TRANSIENT_STATUSES
            limit = 2 if error.problem.type in PERMANENT_TYPES else MAX_TRANSIENT_TRIES
            return backoff if transient and tries < limit else None
        return backoff if isinstance(error, ServiceTimeout) and tries < 2 else None

    async def reuse(self, key: str, input_hash: str) -> bool:
        async with self.write() as (session, run):
            repository = RunRepository(session)
            if run.options.get("force") or not key.startswith(("describe:", "generate:")):
                return False
            before = await repository.previous_success(run, key, input_hash)
            if before is None:
                return False
            step = await repository.step(self.run_id, key)
            step.status, step.input_hash, step.engine = "reused", input_hash, before.engine
            step.usage, step.result = before.usage, before.result
            step.started_at = step.finished_at = now()
            await self.tell(session, step)
        return True

    async def begin(self, key: str, input_hash: str) -> None:
        async with self.write() as (session, _):
            step = await RunRepository(session).step(self.run_id, key)
            step.status, step.input_hash, step.problem = "running", input_hash, None
            step.attempts += 1
            step.started_at = step.started_at or now()
            await self.tell(session, step)

    async def set_waiting(self, key: str, reason: str | None) -> None:
        """The run waits while any of its steps waits for a service; it says for which."""
        if self.waiting.get(key) == reason:
            return
        if reason is None:
            del self.waiting[key]
        else:
            self.waiting[key] = reason
        status = "waiting" if self.waiting else "running"
        detail = next(iter(self.waiting.values()), None)
        async with self.write() as (session, run):
            if (run.status, run.detail) != (status, detail):
                run.status, run.detail = status, detail
                await RunRepository(session).add_event(run.id, "run", {"status": status, "detail": detail})

    async def succeed(self, key: str, outcome: Outcome) -> None:
        async with self.write() as (session, run):
            step = await RunRepository(session).step(self.run_id, key)
            try:
                await kind_of(step).store(session, run, step, outcome)
            except AppError as error:
                # Deleted meanwhile: there is nothing to write to any more.
                step.status, step.problem = "failed", error.to_problem().model_dump(mode="json", exclude_none=True)
            else:
                step.status, step.problem = "succeeded", None
                if outcome.problem is not None:
                    step.status = "failed"
                    step.problem = outcome.problem.model_dump(mode="json", exclude_none=True)
            step.engine, step.result = outcome.engine, outcome.result
            step.usage = outcome.usage.model_dump(mode="json")
            step.finished_at = now()
            await self.tell(session, step)

    async def fail(self, key: str, problem: Problem) -> None:
        async with self.write() as (session, run):
            step = await RunRepository(session).step(self.run_id, key)
            step.status, step.finished_at = "failed", now()
            step.problem = problem.model_dump(mode="json", exclude_none=True)
            try:
                await kind_of(step).store_problem(session, run, step, problem)
            except AppError:
                log.info("step_subject_gone", run=str(self.run_id), step=key)
            await self.tell(session, step)

    async def tell(self, session: AsyncSession, step: RunStep) -> None:
        await session.flush()
        await RunRepository(session).add_event(self.run_id, "step", step_read(step).model_dump(mode="json"))

    async def finish(self) -> None:
        async with self.write() as (session, run):
            steps = await RunRepository(session).steps(self.run_id)
            missing = [describe_missing(step) for step in steps if step.status not in GOOD]
            written = [step for step in steps if step.key.startswith("generate:") and step.status in GOOD]
            status = "failed" if not written else "partial" if missing else "succeeded"
            await end_run(session, run, status, missing)


def describe_missing(step: RunStep) -> str:
    problem = step.problem or {}
    reason = problem.get("detail") or problem.get("title") or "not done"
    return f"{step.label or step.key}: {reason}"


class FencedWrite:
    """A transaction that holds the run's row, and gives up when the run belongs to another attempt."""

    def __init__(self, sessions: Sessions, run_id: uuid.UUID, attempt: int) -> None:
        self._transaction = sessions.begin()
        self._run_id = run_id
        self._attempt = attempt

    async def __aenter__(self) -> tuple[AsyncSession, Run]:
        session = await self._transaction.__aenter__()
        try:
            run = await RunRepository(session).find(self._run_id, lock=True)
            if run is None or run.attempt != self._attempt:
                raise RunTakenOver
        except BaseException as error:
            await self._transaction.__aexit__(type(error), error, error.__traceback__)
            raise
        return session, run

    async def __aexit__(self, *error: Any) -> None:
        await self._transaction.__aexit__(*error)
