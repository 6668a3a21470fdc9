"""`./orchestrate up`: the whole system in the foreground."""

import asyncio
import contextlib
import signal
import time
from pathlib import Path

from rich.text import Text

from orchestrate.api_client import ApiClient, Endpoint
from orchestrate.console import err, out, say
from orchestrate.errors import INTERRUPTED, RequirementMissing
from orchestrate.frontend_build import FrontendBuild
from orchestrate.settings_file import environment_with_settings
from orchestrate.stack import state
from orchestrate.stack.plan import StackPlan
from orchestrate.stack.ports import PortBlock
from orchestrate.stack.supervisor import Stack
from orchestrate.workspace import Workspace, private_secret

NAME_WIDTH = 20


def report(name: str, line: str, trouble: bool) -> None:
    text = Text(f"{name:>{NAME_WIDTH}} │ ", style="cyan")
    text.append(line, style="yellow" if trouble else "default")
    err.print(text, soft_wrap=True)


def plan_for(workspace: Workspace, port: int) -> StackPlan:
    environment = environment_with_settings(workspace)
    return StackPlan(
        workspace=workspace,
        ports=PortBlock.from_first(port),
        data=Path(environment.get("BACKEND_DATA_DIR") or workspace.home / "backend").resolve(),
        database_home=workspace.home / "database",
        logs=workspace.logs,
        service_token=environment.get("SERVICE_TOKEN") or private_secret(workspace.home / "secrets" / "service-token"),
        api_key=private_secret(workspace.home / "cli-key"),
        environment=environment,
        database_url=environment.get("DATABASE_URL") or None,
        postgres_port=port + 4,
    )


async def frontend_folder(workspace: Workspace, *, wanted: bool) -> Path | None:
    """The built web app, or None: without it the API works all the same."""
    build = FrontendBuild(workspace)
    if not wanted:
        return None
    if await asyncio.to_thread(build.is_built):
        return build.dist
    try:
        build.require()
        report("frontend", "building the web app (once for each state of its sources) …", False)
        began = time.monotonic()
        folder = await build.build()
    except RequirementMissing as error:
        report("frontend", f"The web app cannot be built; the API starts without it. {error.message}", True)
        return build.dist if (build.dist / "index.html").is_file() else None
    report("frontend", f"built in {time.monotonic() - began:.0f} s", False)
    return folder


class Interrupts:
    """The first signal asks to stop, the second does not ask."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.insisted = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.on_signal)

    def on_signal(self) -> None:
        (self.insisted if self.asked.is_set() else self.asked).set()


async def ended_before_interrupt(work: asyncio.Task[None], interrupts: Interrupts) -> bool:
    """Whether the work came to its end. An interrupt cancels it, and does not wait for it."""
    asked = asyncio.create_task(interrupts.asked.wait())
    await asyncio.wait({work, asked}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    if work.done():
        work.result()
        return True
    work.cancel()
    return False


async def up(workspace: Workspace, port: int, *, ui: bool) -> int:
    began = time.monotonic()
    with state.acquire(workspace):
        plan = plan_for(workspace, port)
        stack = Stack(plan, report)
        interrupts = Interrupts()
        say("Starting PostgreSQL, the three services and the backend …")
        starting = asyncio.create_task(stack.start(lambda: frontend_folder(workspace, wanted=ui)))
        stopping = starting
        if await ended_before_interrupt(starting, interrupts):
            state.write(workspace, plan.url)
            await announce(plan, time.monotonic() - began, ui=ui)
            await interrupts.asked.wait()
            stopping = asyncio.create_task(stack.stop())
        say("Stopping … (Ctrl-C again does not wait)")
        return await finish(stopping, stack, interrupts)


async def announce(plan: StackPlan, seconds: float, *, ui: bool) -> None:
    url = f"http://localhost:{plan.ports.backend}"
    async with ApiClient(Endpoint(plan.url, plan.api_key)) as client:
        link = url + await client.sign_in_path()
    out.print(f"\nReady after {seconds:.1f} s.", style="bold green")
    if ui:
        out.print(Text(f"Web app       {url}"))
    out.print(Text(f"Sign in once  {link}"))
    out.print(Text(f"API           {url}/docs   (./orchestrate curl /api/v1/products)"))
    services = " · ".join(f"{name} :{port}" for name, port in plan.ports.services.items())
    out.print(Text(f"Services      {services}"))
    with contextlib.suppress(ValueError):
        out.print(Text(f"Logs          {plan.logs.relative_to(Path.cwd())}/"))
    out.print(Text("Ctrl-C stops everything.\n"))


async def finish(stopping: asyncio.Task[None], stack: Stack, interrupts: Interrupts) -> int:
    insisted = asyncio.create_task(interrupts.insisted.wait())
    await asyncio.wait({stopping, insisted}, return_when=asyncio.FIRST_COMPLETED)
    insisted.cancel()
    killed = not stopping.done()
    if killed:
        stack.kill()
    with contextlib.suppress(asyncio.CancelledError):
        await stopping
    if killed:
        return INTERRUPTED
    say("Stopped.")
    return 0
