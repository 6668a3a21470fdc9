"""Start, watch and stop the embedded model's process."""

import asyncio
import contextlib
import json
import os
import secrets
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from generate_description.engines.llama_process import LlamaOptions
from generate_description.engines.model_engine import EngineFailed

log = structlog.get_logger(__name__)

START_TIMEOUT_S = 120.0


@dataclass(slots=True)
class Running:
    process: asyncio.subprocess.Process
    address: str
    api_key: str


class LlamaServer:
    """Loaded by the first call, ended after `idle_s` without one. `parallel` calls at a time; the rest wait."""

    def __init__(self, path: Path, *, threads: int, context: int, idle_s: float, parallel: int = 1) -> None:
        self.path = path
        self.threads = threads
        self.context = context
        self.parallel = parallel
        self.idle_s = idle_s
        self.turns = asyncio.Semaphore(parallel)
        self.changing = asyncio.Lock()
        self.users = 0
        self.running: Running | None = None
        self.idle_task: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def use(self) -> AsyncGenerator[Running, None]:
        async with self.turns:
            self.users += 1
            self.cancel_idle()
            try:
                yield await self.ensure()
            finally:
                self.users -= 1
                if not self.users:
                    self.idle_task = asyncio.create_task(self.unload_when_idle())

    async def ensure(self) -> Running:
        async with self.changing:
            if self.running is None or self.running.process.returncode is not None:
                self.running = await self.start()
            return self.running

    async def start(self) -> Running:
        started = time.monotonic()
        options = LlamaOptions(
            str(self.path), self.threads or usable_cores(), self.context, self.parallel, secrets.token_urlsafe(24)
        )
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "generate_description.engines.llama_process",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            address = await asyncio.wait_for(self.greet(process, options), START_TIMEOUT_S)
        except BaseException as error:
            await end(process)
            if isinstance(error, TimeoutError):
                raise EngineFailed("the embedded model did not load in time") from error
            raise
        log.info("embedded_model_loaded", seconds=round(time.monotonic() - started, 2), pid=process.pid)
        return Running(process, address, options.api_key)

    async def greet(self, process: asyncio.subprocess.Process, options: LlamaOptions) -> str:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(options.to_line())
        with contextlib.suppress(ConnectionError):
            await process.stdin.drain()
        # The model's libraries may print lines of their own.
        async for line in process.stdout:
            with contextlib.suppress(ValueError):
                answer = json.loads(line)
                if isinstance(answer, dict) and "address" in answer:
                    return str(answer["address"])
                if isinstance(answer, dict) and "error" in answer:
                    raise EngineFailed(f"the embedded model cannot be loaded: {answer['error']}")
        raise EngineFailed("the embedded model's process ended while loading")

    async def unload_when_idle(self) -> None:
        await asyncio.sleep(self.idle_s)
        async with self.changing:
            if not self.users:
                await self.stop()

    def cancel_idle(self) -> None:
        if self.idle_task is not None:
            self.idle_task.cancel()
            self.idle_task = None

    async def stop(self) -> None:
        running, self.running = self.running, None
        if running is not None:
            await end(running.process)
            log.info("embedded_model_unloaded", pid=running.process.pid)

    async def close(self) -> None:
        self.cancel_idle()
        await self.stop()


def usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


async def end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    await process.wait()
