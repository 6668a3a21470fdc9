"""Run as a file: become the command, and die when the process that started us dies, however it died (Linux).

`guard.py PARENT_PID COMMAND…`. A program of its own, and not a `preexec_fn`, since code between fork and exec may
deadlock in a process with threads. Standard library only, for a start within milliseconds.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent = int(sys.argv[1])
    if sys.platform == "linux":
        # Tied to the thread that forked us: the supervisor forks from its main thread only.
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the supervisor is gone")
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606


if __name__ == "__main__":
    main()
