"""Run as a file: outlive the supervisor by a moment, and end what it had started when it is gone.

`guard.py` ends the children themselves; this ends what they had started in turn (workers, model servers, browsers),
and the database server, which is no child of anybody. Works without Linux's help, too. Standard library only.

Lines on stdin, whose end says that the supervisor is gone: `group PGID`, `server PID`, `forget PID`.
"""

import contextlib
import os
import signal
import sys


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    watched: dict[int, str] = {}
    for line in sys.stdin:
        word, _, number_text = line.strip().partition(" ")
        if word == "forget":
            watched.pop(int(number_text), None)
        else:
            watched[int(number_text)] = word
    for process, kind in watched.items():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if kind == "group":
                os.killpg(process, signal.SIGKILL)
    for process, kind in watched.items():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if kind == "server":
                os.kill(process, signal.SIGINT)  # PostgreSQL's fast shutdown


if __name__ == "__main__":
    main()
