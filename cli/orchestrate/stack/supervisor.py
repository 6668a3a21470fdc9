"""Starts all processes of a plan side by side, keeps them running, and stops them in order."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

from orchestrate.stack.child import Child, ChildSpec, Report
from orchestrate.stack.database import EmbeddedDatabase
from orchestrate.stack.logs import RotatingLog
from orchestrate.stack.plan import StackPlan
from orchestrate.stack.ports import require_free
from orchestrate.stack.reaping import Reaper

START_TIMEOUT_S = 120.0


async def no_frontend() -> Path | None:
    return None


class Stack:
    def __init__(self, plan: StackPlan, report: Report) -> None:
        self.plan = plan
        self.report = report
        self.children: list[Child] = []
        self.database: EmbeddedDatabase | None = None
        self.reaper: Reaper | None = None
        self.watcher: asyncio.Task[None] | None = None

    async def start(self, frontend: Callable[[], Awaitable[Path | None]] = no_frontend) -> None:
        """Returns when every process answers. What was started is stopped again if one does not come up."""
        require_free(self.plan.ports.named())
        self.reaper = Reaper()
        try:
            for spec in self.plan.services():
                self.add(spec)
            url, folder = await asyncio.gather(self.start_database(), frontend())
            self.add(self.plan.backend(url, folder))
            await asyncio.gather(*(child.await_ready(START_TIMEOUT_S) for child in self.children))
        except BaseException:
            await self.stop()
            raise

    def add(self, spec: ChildSpec) -> None:
        assert self.reaper is not None
        child = Child(spec, self.reaper, RotatingLog(self.plan.logs / f"{spec.name}.log"), self.report)
        self.children.append(child)
        child.start()

    async def start_database(self) -> str:
        if self.plan.database_url is not None:
            return self.plan.database_url
        assert self.reaper is not None
        self.database = EmbeddedDatabase(
            self.plan.database_home, self.plan.postgres_port, throw_away=self.plan.throw_away
        )
        url = await self.database.start(self.reaper)
        self.watcher = asyncio.create_task(self.database.watch(self.reaper, self.report))
        return url

    async def stop(self) -> None:
        """The servers first, at the same time; then the database that they use."""
        if self.watcher is not None:
            self.watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.watcher
            self.watcher = None
        await asyncio.gather(*(child.stop() for child in self.children))
        self.children.clear()
        if self.reaper is None:
            return
        if self.database is not None:
            await self.database.stop(self.reaper)
            self.database = None
        await asyncio.to_thread(self.reaper.close)
        self.reaper = None

    def kill(self) -> None:
        """Do not wait for anybody. `stop`, which is under way, then has little left to do."""
        for child in self.children:
            child.kill()
