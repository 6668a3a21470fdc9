"""Real servers: started, found again, moved, stopped and removed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from shared.tests.support.servers import free_port
from shared.utils.embedded_postgres import EmbeddedPostgres, process_is_server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    made = EmbeddedPostgres(tmp_path, free_port())
    yield made
    made.remove()


def answers(url: str) -> bool:
    with psycopg.connect(url, connect_timeout=5) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


class TestLifecycle:
    def test_start_adopt_move_and_stop(self, server: EmbeddedPostgres) -> None:
        url = server.start()
        assert answers(url)
        running = server.running()
        assert running is not None
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept (id int)")

        # A second start finds the first one's server.
        assert EmbeddedPostgres(server.home, server.port).start() == url
        assert server.running() == running

        # Another port: the same data, elsewhere.
        moved = EmbeddedPostgres(server.home, free_port())
        moved_url = moved.start()
        assert answers(moved_url)
        with psycopg.connect(moved_url) as connection:
            connection.execute("SELECT * FROM kept")
        with pytest.raises(psycopg.OperationalError):
            answers(url)

        moved.stop()
        assert moved.running() is None
        moved.stop()

    def test_after_a_crash(self, server: EmbeddedPostgres) -> None:
        url = server.start()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept (id int)")
        running = server.running()
        assert running is not None
        os.kill(running[0], signal.SIGKILL)
        while process_is_server(running[0], server.data):
            time.sleep(0.02)
        assert (server.data / "postmaster.pid").exists()
        assert server.running() is None
        with psycopg.connect(server.start()) as connection:
            connection.execute("SELECT * FROM kept")

    def test_a_pid_file_that_names_somebody_else(self, server: EmbeddedPostgres) -> None:
        """The number was given to another process meanwhile: it must not be taken for the server, or stopped."""
        server.start()
        server.stop()
        other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        try:
            pid_file = server.data / "postmaster.pid"
            pid_file.write_text(f"{other.pid}\n{server.data}\n0\n{server.port}\n\n127.0.0.1\n")
            pid_file.chmod(0o644)
            assert server.running() is None
            server.stop()
            assert other.poll() is None
            assert answers(server.start())
            assert other.poll() is None
        finally:
            other.kill()
            other.wait()

    @pytest.mark.parametrize("content", ["", "x", "1\n2\n", "-1\na\nb\nc\n"])
    def test_a_pid_file_of_rubbish(self, tmp_path: Path, content: str) -> None:
        server = EmbeddedPostgres(tmp_path, 1)
        try:
            server.data.mkdir(parents=True)
            (server.data / "postmaster.pid").write_text(content)
            assert server.running() is None
        finally:
            server.remove()

    def test_several_processes_at_once(self, server: EmbeddedPostgres) -> None:
        code = (
            "import sys; from pathlib import Path; from shared.utils.embedded_postgres import EmbeddedPostgres;"
            "print(EmbeddedPostgres(Path(sys.argv[1]), int(sys.argv[2])).start())"
        )
        command = [sys.executable, "-c", code, str(server.home), str(server.port)]
        processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
        urls = {process.communicate(timeout=90)[0].strip() for process in processes}
        assert {process.returncode for process in processes} == {0}
        assert len(urls) == 1
        assert answers(urls.pop())

    def test_remove_leaves_nothing(self, server: EmbeddedPostgres) -> None:
        url = server.start()
        server.remove()
        assert not server.root.exists()
        assert not server.password_file.exists()
        with pytest.raises(psycopg.OperationalError):
            answers(url)


class TestSafety:
    def test_only_this_machine_and_only_with_the_password(self, server: EmbeddedPostgres) -> None:
        url = server.start()
        assert oct(server.password_file.stat().st_mode & 0o777) == "0o600"
        password = server.password_file.read_text()
        assert len(password) >= 24
        with pytest.raises(psycopg.OperationalError, match="password"):
            answers(url.replace(password, "wrong"))
        with psycopg.connect(url) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
            assert connection.execute("SHOW unix_socket_directories").fetchone() == ("",)
