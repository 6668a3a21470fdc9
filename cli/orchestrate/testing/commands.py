"""Run a checker, hand on all that it prints, and keep its own summary line."""

import asyncio
import contextlib
import os
import re
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestrate.console import out
from orchestrate.stack.child import kill_group
from orchestrate.stack.guard_command import guarded
from orchestrate.stack.reaping import Reaper
from orchestrate.stack.spawning import copy_output, spawn

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
SUMMARY = re.compile(
    r"\d+ (passed|failed|skipped|error)|^Success: |^Found \d+|All checks passed|already formatted|reformatted"
    r"|^Contracts: |generated files|built in|All matched files|✖ \d+ problem|no tests ran"
)
STOP_GRACE_S = 10.0


@dataclass(frozen=True, slots=True)
class Outcome:
    returncode: int
    seconds: float
    summary: str


def summary_line(line: str) -> str | None:
    """The line without colours and rulers, if it sums something up."""
    plain = ANSI.sub("", line).strip().strip("=─ ").strip()
    return plain[:120] if SUMMARY.search(plain) else None


async def run_command(arguments: list[str], folder: Path, environment: Mapping[str, str], reaper: Reaper) -> Outcome:
    began = time.monotonic()
    # Some runners have one line for what failed and another one for what passed.
    summaries: dict[bool, str] = {}

    def take(line: bytes) -> None:
        found = summary_line(line.decode(errors="replace"))
        if found is not None:
            summaries["failed" in found] = found

    process, reader = await spawn(guarded(*arguments, environment=environment), folder, environment)
    reaper.watch_group(process.pid)
    output = asyncio.create_task(copy_output(reader, take, show))
    try:
        returncode = await process.wait()
    except asyncio.CancelledError:
        await interrupt(process)
        raise
    finally:
        kill_group(process.pid)
        reaper.forget(process.pid)
        await asyncio.wait({output}, timeout=1.0)
    # A run that passed may well have printed the word in the course of its work.
    lines = [summaries[failed] for failed in (True, False) if failed in summaries and (returncode or not failed)]
    return Outcome(returncode, time.monotonic() - began, "; ".join(lines))


def show(chunk: bytes) -> None:
    sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()


async def interrupt(process: asyncio.subprocess.Process) -> None:
    """Let the runner clean up after itself, for a while."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(STOP_GRACE_S):
            await process.wait()


def colour_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The runners write into a pipe; on a terminal they may use colours all the same."""
    colours = {"FORCE_COLOR": "1", "PY_COLORS": "1", "CLICOLOR_FORCE": "1"} if out.is_terminal else {"NO_COLOR": "1"}
    return {**environment, **colours, "PYTHONUNBUFFERED": "1"}
