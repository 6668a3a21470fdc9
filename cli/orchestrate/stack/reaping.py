"""Our side of the reaper (see reaper.py): tells it what to end if we should die."""

import contextlib
import subprocess
import sys
from pathlib import Path
from typing import IO

PROGRAM = Path(__file__).with_name("reaper.py")


class Reaper:
    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
            cwd="/",
        )
        assert self.process.stdin is not None
        self.pipe: IO[str] = self.process.stdin

    def tell(self, line: str) -> None:
        with contextlib.suppress(BrokenPipeError, ValueError):
            self.pipe.write(line + "\n")
            self.pipe.flush()

    def watch_group(self, group: int) -> None:
        self.tell(f"group {group}")

    def watch_server(self, process: int) -> None:
        self.tell(f"server {process}")

    def forget(self, process: int) -> None:
        self.tell(f"forget {process}")

    def close(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self.pipe.close()
        self.process.wait(timeout=10)
