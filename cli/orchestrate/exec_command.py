"""`./orchestrate exec CMD…`: this process becomes the command, so its signals and exit code are its own."""

import os
import shutil
import sys

from orchestrate.errors import CommandError, RequirementMissing
from orchestrate.workspace import Workspace


class WrongUsage(CommandError):
    exit_code = 2


def execute_in_environment(workspace: Workspace, arguments: list[str]) -> None:
    if arguments[:1] == ["--"]:
        arguments = arguments[1:]
    if not arguments or arguments[0] in {"-h", "--help"}:
        raise WrongUsage("exec needs a command.", "For example: ./orchestrate exec pytest shared/tests -q")
    environment = workspace.tool_environment()
    program = shutil.which(arguments[0], path=environment["PATH"])
    if program is None:
        raise RequirementMissing(f"There is no program {arguments[0]!r}, neither in the environment nor outside it.")
    sys.stdout.flush()
    os.execve(program, arguments, environment)  # noqa: S606
