"""Which stack runs in this checkout: a lock that dies with its holder, and a file that says where it answers."""

import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from orchestrate.errors import AlreadyRunning
from orchestrate.workspace import Workspace, write_private


@dataclass(frozen=True, slots=True)
class RunningStack:
    process: int
    url: str


def state_file(workspace: Workspace) -> Path:
    return workspace.home / "up.json"


def acquire(workspace: Workspace) -> IO[str]:
    """The right to be this checkout's stack, for as long as the file is open. Raises AlreadyRunning."""
    workspace.home.mkdir(mode=0o700, exist_ok=True)
    lock = (workspace.home / "up.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        running = read(workspace)
        where = f" at {running.url} (process {running.process})" if running else " and is just starting"
        raise AlreadyRunning(
            f"It is running already{where}.", "A new sign-in link: ./orchestrate sign-in. Stop it with Ctrl-C there."
        ) from None
    state_file(workspace).unlink(missing_ok=True)
    return lock


def write(workspace: Workspace, url: str) -> None:
    write_private(state_file(workspace), json.dumps(asdict(RunningStack(os.getpid(), url))))


def read(workspace: Workspace) -> RunningStack | None:
    """The running stack, if there is one: a file that a killed one has left does not count."""
    try:
        with (workspace.home / "up.lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return None
    except BlockingIOError:
        pass
    except OSError:
        return None
    try:
        return RunningStack(**json.loads(state_file(workspace).read_text()))
    except (OSError, ValueError, TypeError):
        return None
