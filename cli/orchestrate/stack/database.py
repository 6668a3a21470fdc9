"""The stack's PostgreSQL: the embedded one, watched like the other processes, or one that the user names."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from orchestrate.stack.child import StartFailed
from orchestrate.stack.ports import free_ports, is_free
from orchestrate.stack.reaping import Reaper
from shared.utils.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError

START_ATTEMPTS = 5
WATCH_INTERVAL_S = 1.0


@dataclass
class EmbeddedDatabase:
    """`home` holds the data (or, as root, names the folder that does)."""

    home: Path
    preferred_port: int
    throw_away: bool = False
    server: EmbeddedPostgres = field(init=False)
    process: int | None = None

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.server = EmbeddedPostgres(self.home, self.choose_port())

    @property
    def port_file(self) -> Path:
        return self.home / "postgres-port"

    def choose_port(self) -> int:
        """That of a server of ours which still runs, else the preferred one, else the last one, else any free one."""
        running = EmbeddedPostgres(self.home, self.preferred_port).running()
        if running is not None:
            return running[1]
        candidates = [self.preferred_port]
        with contextlib.suppress(OSError, ValueError):
            candidates.append(int(self.port_file.read_text()))
        port = next((port for port in candidates if is_free(port)), None) or free_ports(1)[0]
        self.port_file.write_text(str(port))
        return port

    async def start(self, reaper: Reaper) -> str:
        for attempt in range(1, START_ATTEMPTS + 1):
            try:
                url = await asyncio.to_thread(self.server.start)
                break
            except EmbeddedPostgresError as error:
                # A server that is just shutting down, left by a supervisor that was killed, is gone in a moment.
                if attempt == START_ATTEMPTS:
                    raise StartFailed(f"PostgreSQL does not start: {error}") from error
                await asyncio.sleep(0.5 * attempt)
        running = self.server.running()
        if running is not None:
            self.process = running[0]
            reaper.watch_server(self.process)
        return url

    async def watch(self, reaper: Reaper, report: Callable[[str, str, bool], None]) -> None:
        """Start the server again whenever it is gone. Runs until it is cancelled."""
        while True:
            await asyncio.sleep(WATCH_INTERVAL_S)
            if self.server.running() is not None:
                continue
            report("postgres", "is gone; starting it again", True)
            if self.process is not None:
                reaper.forget(self.process)
            try:
                await self.start(reaper)
                report("postgres", "is back", False)
            except StartFailed as error:
                report("postgres", error.message, True)

    async def stop(self, reaper: Reaper) -> None:
        await asyncio.to_thread(self.server.remove if self.throw_away else self.server.stop)
        if self.process is not None:
            reaper.forget(self.process)
            self.process = None
