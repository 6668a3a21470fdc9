"""Runs the parts one after the other, goes on after failures, and sums up."""

import asyncio
import signal
import time
from dataclasses import dataclass
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from orchestrate.console import out, say
from orchestrate.errors import INTERRUPTED, CommandError
from orchestrate.stack.reaping import Reaper
from orchestrate.testing.parts import PARTS, Context, Skipped, in_ci
from orchestrate.workspace import Workspace

STYLES = {"passed": "green", "failed": "bold red", "skipped": "yellow"}


class WrongUsage(CommandError):
    exit_code = 2


@dataclass(frozen=True, slots=True)
class PartResult:
    name: str
    result: Literal["passed", "failed", "skipped"]
    seconds: float
    summaries: list[str]


async def run_part(name: str, context: Context) -> PartResult:
    out.print(Rule(Text(name, style="bold"), align="left"))
    began = time.monotonic()
    try:
        outcomes = await PARTS[name](context)
    except Skipped as reason:
        say(f"skipped: {reason}", "yellow")
        # In CI a test that did not run must not look like one that passed.
        return PartResult(name, "failed" if in_ci() else "skipped", time.monotonic() - began, [str(reason)])
    except CommandError as error:
        say(error.message, "red")
        return PartResult(name, "failed", time.monotonic() - began, [error.message.splitlines()[0]])
    passed = all(outcome.returncode == 0 for outcome in outcomes)
    summaries = [outcome.summary for outcome in outcomes if outcome.summary]
    return PartResult(name, "passed" if passed else "failed", time.monotonic() - began, summaries)


def results_table(results: list[PartResult]) -> Table:
    table = Table(box=SIMPLE_HEAD, header_style="bold")
    table.add_column("Part")
    table.add_column("Result")
    table.add_column("Seconds", justify="right")
    table.add_column("In the runners' own words", overflow="fold")
    for each in results:
        result = Text(each.result, style=STYLES[each.result])
        table.add_row(Text(each.name), result, f"{each.seconds:.0f}", Text("\n".join(each.summaries)))
    return table


async def run_tests(workspace: Workspace, *, full: bool, only: list[str]) -> int:
    unknown = [name for name in only if name not in PARTS]
    if unknown:
        raise WrongUsage(f"There is no part {', '.join(unknown)}.", f"Parts are {', '.join(PARTS)}.")
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    reaper = Reaper()
    results: list[PartResult] = []
    interrupted = False
    try:
        context = Context.create(workspace, reaper, full=full)
        for name in PARTS:
            if not only or name in only:
                results.append(await run_part(name, context))
    except asyncio.CancelledError:
        interrupted = True
    finally:
        reaper.close()
    out.print(results_table(results))
    if interrupted:
        say("Interrupted.", "yellow")
        return INTERRUPTED
    failed = [each.name for each in results if each.result == "failed"]
    if failed:
        say(f"Failed: {', '.join(failed)}.", "bold red")
        return 1
    say(f"All of it passed in {sum(each.seconds for each in results):.0f} s.", "green")
    return 0
