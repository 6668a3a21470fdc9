"""One supervised process: started in its own process group, watched, and started again when it ends unasked."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx2

from orchestrate.errors import CommandError
from orchestrate.stack.guard_command import guarded
from orchestrate.stack.logs import RotatingLog, important
from orchestrate.stack.ports import HOST
from orchestrate.stack.reaping import Reaper
from orchestrate.stack.spawning import copy_output, spawn

RESTART_DELAYS_S = (0.2, 1.0, 2.0, 5.0, 10.0, 20.0)
STEADY_AFTER_S = 30.0
START_ATTEMPTS = 3
STOP_GRACE_S = 12.0
HEALTH_INTERVAL_S = 0.1
REPEAT_AFTER_S = 30.0

Report = Callable[[str, str, bool], None]
"""Told the process's name, a line about it, and whether the line is about trouble."""


class StartFailed(CommandError):
    """A process of the stack does not come up."""


@dataclass(frozen=True, slots=True)
class ChildSpec:
    name: str
    command: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str]
    port: int

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


def ending(returncode: int) -> str:
    if returncode < 0:
        try:
            return f"was killed by {signal.Signals(-returncode).name}"
        except ValueError:
            return f"was killed by signal {-returncode}"
    return f"ended with exit code {returncode}"


class Child:
    def __init__(self, spec: ChildSpec, reaper: Reaper, log: RotatingLog, report: Report) -> None:
        self.spec = spec
        self.reaper = reaper
        self.log = log
        self.report = report
        self.process: asyncio.subprocess.Process | None = None
        self.ready = asyncio.Event()
        self.stopping = asyncio.Event()
        self.failed_starts = 0
        self.last_shown = ""
        self.shown_at = 0.0
        self.task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.task = asyncio.create_task(self.keep_running(), name=self.spec.name)

    async def keep_running(self) -> None:
        failures = 0
        while not self.stopping.is_set():
            started = time.monotonic()
            self.ready.clear()
            returncode = await self.run_once(announce=failures > 0)
            if self.stopping.is_set():
                return
            if not self.ready.is_set():
                self.failed_starts += 1
            failures = 1 if time.monotonic() - started > STEADY_AFTER_S else failures + 1
            delay = RESTART_DELAYS_S[min(failures, len(RESTART_DELAYS_S)) - 1]
            self.report(self.spec.name, f"{ending(returncode)}; starting it again in {delay:g} s", True)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(delay):
                    await self.stopping.wait()

    async def run_once(self, *, announce: bool) -> int:
        began = time.monotonic()
        command = guarded(*self.spec.command)
        process, reader = await spawn(command, self.spec.folder, self.spec.environment)
        self.process = process
        self.reaper.watch_group(process.pid)
        output = asyncio.create_task(copy_output(reader, self.take))
        health = asyncio.create_task(self.await_health(began, announce=announce))
        try:
            returncode = await process.wait()
        finally:
            health.cancel()
            # What it had started itself must neither live on nor keep the port.
            kill_group(process.pid)
            self.reaper.forget(process.pid)
            with contextlib.suppress(TimeoutError, asyncio.CancelledError):
                await asyncio.wait_for(output, 1.0)
        return returncode

    def take(self, line: bytes) -> None:
        self.log.write(line + b"\n")
        # What it says about being told to stop is no news.
        shown = None if self.stopping.is_set() else important(line.decode(errors="replace"))
        # What repeats itself while something is down is said once in a while; the file has every line.
        if shown is None or (shown == self.last_shown and time.monotonic() - self.shown_at < REPEAT_AFTER_S):
            return
        self.last_shown, self.shown_at = shown, time.monotonic()
        self.report(self.spec.name, shown, True)

    async def await_health(self, began: float, *, announce: bool) -> None:
        async with httpx2.AsyncClient(timeout=5.0, trust_env=False) as client:
            while True:
                with contextlib.suppress(httpx2.HTTPError):
                    answer = await client.get(f"{self.spec.url}/health")
                    break
                await asyncio.sleep(HEALTH_INTERVAL_S)
        self.ready.set()
        if answer.status_code != 200:
            self.report(self.spec.name, f"runs, but says that it cannot work: {answer.text[:300]}", True)
        elif announce:
            self.report(self.spec.name, f"is back after {time.monotonic() - began:.1f} s", False)

    async def await_ready(self, timeout_s: float) -> None:
        """Raises StartFailed when it ends again and again, or does not answer in time."""
        deadline = time.monotonic() + timeout_s
        while not self.ready.is_set():
            if self.failed_starts >= START_ATTEMPTS or time.monotonic() > deadline:
                why = "ends at once" if self.failed_starts else f"does not answer within {timeout_s:g} s"
                raise StartFailed(
                    f"{self.spec.name} {why}. The end of its log, {self.log.path}:\n" + "\n".join(self.log.tail(15))
                )
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.2):
                    await self.ready.wait()

    async def stop(self) -> None:
        self.stopping.set()
        if self.task is None:
            return
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.terminate()
        done, _ = await asyncio.wait({self.task}, timeout=STOP_GRACE_S)
        if not done:
            self.report(self.spec.name, f"did not stop within {STOP_GRACE_S:g} s; it is killed", True)
            self.kill()
            await asyncio.wait({self.task}, timeout=5.0)
        self.log.close()

    def kill(self) -> None:
        self.stopping.set()
        if self.process is not None and self.process.returncode is None:
            kill_group(self.process.pid)


def kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
