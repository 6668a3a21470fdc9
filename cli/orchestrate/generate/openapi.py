"""`backend/openapi.json`, asked of the backend itself, in a process of its own without this shell's settings."""

import subprocess

from orchestrate.errors import CommandError
from orchestrate.workspace import Workspace

PROGRAM = """
import json, sys
from app.api import create_app
from app.settings import Settings
json.dump(create_app(Settings(_env_file=None)).openapi(), sys.stdout, indent=2, ensure_ascii=False)
sys.stdout.write("\\n")
"""
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")


def openapi_document(workspace: Workspace) -> bytes:
    tools = workspace.tool_environment()
    environment = {name: tools[name] for name in KEPT_VARIABLES if name in tools} | {"PYTHONUTF8": "1"}
    finished = subprocess.run(
        [str(workspace.python), "-c", PROGRAM],
        cwd=workspace.root / "backend",
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if finished.returncode:
        raise CommandError(f"The backend does not give its OpenAPI document:\n{finished.stderr.decode()[-3000:]}")
    return finished.stdout
