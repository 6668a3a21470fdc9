"""A browser as the operating system sees it: many processes that end together, with a limit on their memory."""

import asyncio
import contextlib
import os
import signal

import psutil

MEBIBYTE = 1024 * 1024
WATCH_EVERY_S = 0.2


class ProcessTree:
    """A process with all that descend from it."""

    def __init__(self, pid: int) -> None:
        self.root = psutil.Process(pid)
        try:
            group = os.getpgid(pid)
        except OSError:
            group = 0
        # Ours is not to be killed where the browser has no group of its own.
        self.group = group if group != os.getpgid(0) else 0

    def members(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.Error):
            return [self.root, *self.root.children(recursive=True)]
        return []

    def memory_bytes(self) -> int:
        """What each has for itself, and the largest share of what they have together."""
        private, shared = 0, 0
        for member in self.members():
            with contextlib.suppress(psutil.Error):
                memory = member.memory_info()
                mapped = getattr(memory, "shared", 0)
                private += memory.rss - mapped
                shared = max(shared, mapped)
        return private + shared

    def limit_each(self, mebibytes: int) -> None:
        """A limit that the kernel keeps, for those that are and those that they start. Linux only."""
        if not hasattr(psutil, "RLIMIT_DATA"):
            return
        size = mebibytes * MEBIBYTE
        for member in self.members():
            with contextlib.suppress(psutil.Error, OSError, ValueError):
                member.rlimit(psutil.RLIMIT_DATA, (size, size))
                member.rlimit(psutil.RLIMIT_CORE, (0, 0))

    def kill(self) -> None:
        members = self.members()
        if self.group:
            with contextlib.suppress(OSError):
                os.killpg(self.group, signal.SIGKILL)
        for member in members:
            with contextlib.suppress(psutil.Error):
                member.kill()

    @property
    def is_alive(self) -> bool:
        with contextlib.suppress(psutil.Error):
            return self.root.is_running() and self.root.status() != psutil.STATUS_ZOMBIE
        return False


class MemoryWatch:
    """Kills the browser when it grows beyond the limit. `exceeded` tells why it is gone."""

    def __init__(self, tree: ProcessTree, limit_mb: int) -> None:
        self.tree = tree
        self.limit_mb = limit_mb
        self.exceeded = False
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "MemoryWatch":
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *exception: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_EVERY_S)
            if await asyncio.to_thread(self.tree.memory_bytes) > self.limit_mb * MEBIBYTE:
                self.exceeded = True
                await asyncio.to_thread(self.tree.kill)
                return
