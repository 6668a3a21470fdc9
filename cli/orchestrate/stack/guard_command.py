"""The command line that makes a program die with us (see guard.py)."""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from orchestrate.errors import RequirementMissing

GUARD = Path(__file__).with_name("guard.py")


def guarded(program: str, *arguments: str, environment: Mapping[str, str] | None = None) -> list[str]:
    found = shutil.which(program, path=(environment or os.environ).get("PATH"))
    if found is None:
        raise RequirementMissing(f"{program} is not installed.")
    return [sys.executable, "-I", "-S", str(GUARD), str(os.getpid()), found, *arguments]
