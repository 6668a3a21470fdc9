"""The supervisor with real processes: small HTTP servers in place of the services."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest

from orchestrate.errors import PortInUse
from orchestrate.stack import state
from orchestrate.stack.child import Child, ChildSpec, StartFailed
from orchestrate.stack.logs import RotatingLog, important
from orchestrate.stack.ports import HOST, PortBlock, free_ports, is_free, owner, require_free
from orchestrate.stack.reaping import Reaper
from orchestrate.workspace import Workspace

SERVER = textwrap.dedent(
    """
    import http.server, subprocess, sys, os

    helper = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"])
    open(sys.argv[2], "a").write(f"{os.getpid()} {helper.pid}\\n")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

    http.server.HTTPServer.allow_reuse_address = True
    http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
    """
)
PATIENCE_S = 20.0


def alive(process: int) -> bool:
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def eventually(condition: object) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.05)


@pytest.fixture
def reaper() -> Iterator[Reaper]:
    reaper = Reaper()
    yield reaper
    reaper.close()


class Server:
    """A supervised server, and what it has said about itself."""

    def __init__(self, folder: Path, reaper: Reaper, program: str = SERVER) -> None:
        self.pids = folder / "pids"
        self.said: list[str] = []
        (folder / "server.py").write_text(program)
        port = free_ports(1)[0]
        command = (sys.executable, "-S", str(folder / "server.py"), str(port), str(self.pids))
        spec = ChildSpec("server", command, folder, dict(os.environ), port)
        log = RotatingLog(folder / "server.log")
        self.child = Child(spec, reaper, log, lambda name, line, trouble: self.said.append(line))

    def runs(self) -> list[list[int]]:
        lines = self.pids.read_text().splitlines() if self.pids.exists() else []
        return [[int(each) for each in line.split()] for line in lines]


@pytest.fixture
async def server(tmp_path: Path, reaper: Reaper) -> AsyncIterator[Server]:
    server = Server(tmp_path, reaper)
    server.child.start()
    await server.child.await_ready(PATIENCE_S)
    yield server
    await server.child.stop()


class TestChild:
    async def test_killed_server_comes_back_on_its_port_and_leaves_nothing_behind(self, server: Server) -> None:
        process, helper = server.runs()[0]
        os.kill(process, signal.SIGKILL)
        await eventually(lambda: len(server.runs()) == 2 and server.child.ready.is_set())
        assert not alive(process)
        assert not alive(helper)
        assert any("killed by SIGKILL" in line for line in server.said)
        await eventually(lambda: any("is back" in line for line in server.said))

    async def test_stop_ends_it_with_all_that_it_started(self, server: Server) -> None:
        process, helper = server.runs()[0]
        await server.child.stop()
        assert not alive(process)
        await eventually(lambda: not alive(helper))
        assert len(server.runs()) == 1

    async def test_kill_does_not_wait_for_a_server_that_ignores_sigterm(self, tmp_path: Path, reaper: Reaper) -> None:
        stubborn = SERVER.replace(
            "import http", "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\nimport http"
        )
        server = Server(tmp_path, reaper, stubborn)
        server.child.start()
        await server.child.await_ready(PATIENCE_S)
        stopping = asyncio.create_task(server.child.stop())
        await asyncio.sleep(0.2)
        assert not stopping.done()
        server.child.kill()
        await stopping
        assert not alive(server.runs()[0][0])

    async def test_server_that_ends_at_once_fails_the_start_with_its_last_words(
        self, tmp_path: Path, reaper: Reaper
    ) -> None:
        server = Server(tmp_path, reaper, "raise SystemExit('the settings make no sense')")
        server.child.start()
        with pytest.raises(StartFailed, match="the settings make no sense"):
            await server.child.await_ready(PATIENCE_S)
        await server.child.stop()


class TestKilledSupervisor:
    def test_takes_everything_with_it(self, tmp_path: Path) -> None:
        (tmp_path / "server.py").write_text(SERVER)
        supervisor = textwrap.dedent(
            """
            import asyncio, os, sys
            from pathlib import Path
            from orchestrate.stack.child import Child, ChildSpec
            from orchestrate.stack.logs import RotatingLog
            from orchestrate.stack.reaping import Reaper

            async def main():
                folder, port = Path(sys.argv[1]), int(sys.argv[2])
                command = (sys.executable, "-S", str(folder / "server.py"), str(port), str(folder / "pids"))
                spec = ChildSpec("server", command, folder, dict(os.environ), port)
                child = Child(spec, Reaper(), RotatingLog(folder / "log"), lambda *_: None)
                child.start()
                await child.await_ready(20)
                print("ready", flush=True)
                await asyncio.sleep(600)

            asyncio.run(main())
            """
        )
        port = free_ports(1)[0]
        command = [sys.executable, "-c", supervisor, str(tmp_path), str(port)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            started = [int(each) for each in (tmp_path / "pids").read_text().split()]
            assert len(started) == 2
            assert all(map(alive, started))
            process.kill()
        deadline = time.monotonic() + PATIENCE_S
        while any(map(alive, started)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not any(map(alive, started))
        assert is_free(port)


class TestPorts:
    def test_port_in_use_names_its_owner(self) -> None:
        with socket.socket() as listener:
            listener.bind((HOST, 0))
            listener.listen()
            port = listener.getsockname()[1]
            assert not is_free(port)
            assert str(os.getpid()) in (owner(port) or "")
            with pytest.raises(PortInUse, match=rf"port {port} \(for backend\) is in use by .*{os.getpid()}"):
                require_free({"backend": port}, patience_s=0)

    def test_port_that_becomes_free_in_time_is_taken(self) -> None:
        with socket.socket() as listener:
            listener.bind((HOST, 0))
            listener.listen()
            port = listener.getsockname()[1]
        require_free({"backend": port}, patience_s=0)

    def test_block_follows_its_first_port(self) -> None:
        assert sorted(PortBlock.from_first(9000).named().values()) == [9000, 9001, 9002, 9003]

    def test_free_block_has_no_port_twice(self) -> None:
        assert len(set(PortBlock.free().named().values())) == 4


class TestState:
    def test_second_stack_is_told_where_the_first_one_is(self, tmp_path: Path) -> None:
        workspace = Workspace(tmp_path)
        with state.acquire(workspace):
            state.write(workspace, "http://127.0.0.1:9000")
            assert state.read(workspace) == state.RunningStack(os.getpid(), "http://127.0.0.1:9000")
            with pytest.raises(state.AlreadyRunning, match=r"http://127\.0\.0\.1:9000"):
                state.acquire(workspace)

    def test_what_a_killed_stack_has_left_does_not_count(self, tmp_path: Path) -> None:
        workspace = Workspace(tmp_path)
        with state.acquire(workspace):
            state.write(workspace, "http://127.0.0.1:9000")
        assert state.read(workspace) is None
        with state.acquire(workspace):
            pass


class TestRotatingLog:
    def test_rotates_by_size_and_keeps_a_few(self, tmp_path: Path) -> None:
        log = RotatingLog(tmp_path / "a.log", max_bytes=10, kept=2)
        for number in range(5):
            log.write(f"line {number}\n".encode())
        log.close()
        files = {path.name: path.read_text() for path in tmp_path.iterdir()}
        assert files == {"a.log": "line 4\n", "a.log.1": "line 3\n", "a.log.2": "line 2\n"}


class TestImportant:
    def test_warning_is_shown_in_one_line(self) -> None:
        line = '{"event": "pool\\nfull", "level": "warning", "timestamp": "now", "size": 3}'
        assert important(line) == "WARNING pool full size=3"

    @pytest.mark.parametrize("line", ['{"event": "started", "level": "info"}', "no JSON", "[1]", ""])
    def test_the_rest_is_not(self, line: str) -> None:
        assert important(line) is None
