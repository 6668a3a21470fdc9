"""What can go wrong in a command, and the exit codes that tell scripts what did.

CommandError            something did not succeed (1)
├── NotRunning          no stack answers where one is needed (3)
├── PortInUse           a port of the block belongs to somebody else (4)
├── AlreadyRunning      `up` runs in this checkout already (5)
├── RequestRefused      the API answered something other than 2xx (22)
└── RequirementMissing  a tool, a browser or the network that this needs is not there (69)
"""

EXIT_CODES = """
Exit codes: 0 success · 1 something did not succeed · 2 wrong usage · 3 no running stack answers · 4 a port is in use ·
5 already running · 22 the API refused the request (curl) · 69 something that is needed is missing · 130 interrupted.
`exec` hands on the exit code of what it ran.
"""

INTERRUPTED = 130


class CommandError(Exception):
    """`hint` says what to do about it."""

    exit_code = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class NotRunning(CommandError):
    exit_code = 3


class PortInUse(CommandError):
    exit_code = 4


class AlreadyRunning(CommandError):
    exit_code = 5


class RequestRefused(CommandError):
    exit_code = 22


class RequirementMissing(CommandError):
    exit_code = 69
