"""Reading processes. One which hangs, crashes or grows is killed and replaced; its page fails alone."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path

import structlog

from extract_webcontent.errors import PageTooComplex, ReadingTimeout, UnsupportedPage
from extract_webcontent.workers.frames import LENGTH, MAX_FRAME_BYTES, ReadJob, ReadResult
from shared.utils.errors import InternalError, ServiceBusy
from shared.utils.request_context import remaining_seconds

log = structlog.get_logger(__name__)

START_TIMEOUT_S = 60.0
# The reader of hostile pages gets no secrets: only what Python needs to start.
KEPT_ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    memory_mb: int
    cpu_s: int
    timeout_s: float
    max_pages: int
    site_rules: Path | None = None


class WorkerDied(Exception):
    """The process ended while it read a page."""


class Worker:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.pages = 0

    @classmethod
    async def start(cls, limits: WorkerLimits) -> "Worker":
        environment = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "extract_webcontent.workers.main",
            str(limits.memory_mb),
            str(limits.cpu_s),
            *([str(limits.site_rules)] if limits.site_rules is not None else []),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**environment, "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"},
        )
        worker = cls(process)
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                await worker.receive()
        except BaseException:
            await worker.kill()
            raise
        return worker

    async def receive(self) -> bytes:
        assert self.process.stdout is not None
        try:
            size = LENGTH.unpack(await self.process.stdout.readexactly(LENGTH.size))[0]
            if size > MAX_FRAME_BYTES:
                raise WorkerDied("the answer is too large")
            return await self.process.stdout.readexactly(size)
        except asyncio.IncompleteReadError:
            raise WorkerDied("the process ended") from None

    async def read(self, job: ReadJob, body: bytes) -> ReadResult:
        assert self.process.stdin is not None
        self.pages += 1
        header = job.model_dump_json().encode()
        try:
            self.process.stdin.write(LENGTH.pack(len(header)) + header + LENGTH.pack(len(body)))
            self.process.stdin.write(body)
            await self.process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            raise WorkerDied("the process ended") from None
        return ReadResult.model_validate_json(await self.receive())

    @property
    def is_alive(self) -> bool:
        return self.process.returncode is None

    async def kill(self) -> None:
        if self.process.stdin is not None:
            self.process.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()


class WorkerPool:
    """`read` waits for a free process. `ready` says whether at least one can take pages."""

    def __init__(self, size: int, limits: WorkerLimits, queue_limit: int) -> None:
        self.size = size
        self.limits = limits
        self.queue_limit = queue_limit
        self.waiting = 0
        self._idle: asyncio.Queue[Worker] = asyncio.Queue()
        self._alive: set[Worker] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False
        # Stays true when processes are being replaced: the service is degraded then, not starting.
        self.has_started = False

    @property
    def ready(self) -> bool:
        return bool(self._alive)

    def open(self) -> None:
        """Start the processes in the background; the first takes about a second."""
        for _ in range(self.size):
            self._spawn(self._add_worker())

    async def close(self) -> None:
        self._closing = True
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(worker.kill() for worker in self._alive))
        self._alive.clear()

    async def read(self, job: ReadJob, body: bytes) -> ReadResult:
        """Raises UnsupportedPage, PageTooComplex, ReadingTimeout, ServiceBusy or InternalError."""
        worker = await self._take()
        healthy = False
        try:
            seconds = remaining_seconds(self.limits.timeout_s)
            async with asyncio.timeout(seconds):
                result = await worker.read(job, body)
            healthy = True
        except TimeoutError:
            raise ReadingTimeout(f"Reading the page took more than {seconds:.0f} seconds.") from None
        except WorkerDied:
            log.warning("reading_process_ended", ref=job.ref[:200])
            raise PageTooComplex("Reading the page cost more than the allowed computing time or memory.") from None
        finally:
            # Also on cancellation: a process in the middle of a page cannot take the next one.
            self._give_back(worker, healthy)
        if result.failure == "broken":
            raise InternalError(f"The page could not be read ({result.detail}). The log has the details.")
        if result.failure == "unsupported":
            raise UnsupportedPage(result.detail)
        if result.failure is not None:
            raise PageTooComplex(f"The page cannot be read safely: {result.detail}.")
        return result

    async def _take(self) -> Worker:
        if self.waiting >= self.queue_limit:
            raise ServiceBusy("Too many pages wait to be read.", retry_after_s=2)
        self.waiting += 1
        try:
            while True:
                worker = await self._idle.get()
                if worker.is_alive:
                    return worker
                self._retire(worker)
        finally:
            self.waiting -= 1

    def _give_back(self, worker: Worker, healthy: bool) -> None:
        if self._closing:
            return
        if healthy and worker.is_alive and worker.pages < self.limits.max_pages:
            self._idle.put_nowait(worker)
        else:
            self._retire(worker)

    def _retire(self, worker: Worker) -> None:
        self._alive.discard(worker)
        self._spawn(self._replace(worker))

    async def _replace(self, worker: Worker) -> None:
        await worker.kill()
        await self._add_worker()

    async def _add_worker(self) -> None:
        delay = 1.0
        while True:
            try:
                worker = await Worker.start(self.limits)
            except (OSError, WorkerDied, TimeoutError) as error:
                log.error("reading_process_did_not_start", error=str(error) or type(error).__name__)
                await asyncio.sleep(delay)
                delay = min(30.0, delay * 2)
            else:
                self._alive.add(worker)
                self.has_started = True
                self._idle.put_nowait(worker)
                return

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
