"""uv's resolver: the one lock of the workspace, and each member's share of it."""

import re
import subprocess
import tomllib
from pathlib import Path

from orchestrate.errors import RequirementMissing
from orchestrate.workspace import MEMBERS, Workspace

PYTHON_VERSION = "3.11"
LOCK = "requirements.lock"
WITHOUT_HOSTS = ("--no-emit-index-url", "--no-emit-find-links", "--no-annotate", "--no-emit-package", "shared")
HEADER = "# Made by ./orchestrate generate out of pyproject.toml and requirements.lock.\n"


class IndexUnreachable(RequirementMissing):
    """The resolver needs the package index, and it does not answer."""


class ResolutionFailed(RequirementMissing):
    pass


def compile_requirements(workspace: Workspace, arguments: list[str]) -> str:
    """What `uv pip compile` prints: from its cache alone where that is enough, else with the index."""
    uv = workspace.python.parent / "uv"
    command = [str(uv), "pip", "compile", "--quiet", "--universal", "--python-version", PYTHON_VERSION, *WITHOUT_HOSTS]
    offline = run(workspace, [*command, "--offline", *arguments])
    if offline.returncode == 0:
        return offline.stdout
    finished = run(workspace, [*command, *arguments])
    if finished.returncode == 0:
        return finished.stdout
    if re.search(r"error sending request|dns error|connect|timed out|Failed to fetch", finished.stderr):
        raise IndexUnreachable("The package index cannot be reached.")
    raise ResolutionFailed(f"The requirements do not resolve:\n{finished.stderr.strip()[-3000:]}")


def run(workspace: Workspace, command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=workspace.root,
        env=workspace.tool_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def lock_arguments(workspace: Workspace) -> list[str]:
    members = [
        "shared/pyproject.toml",
        "--all-extras",
        *(f"{name}/pyproject.toml" for name in MEMBERS if name != "shared"),
    ]
    command = ["--custom-compile-command", "./orchestrate generate", "--generate-hashes"]
    return [*command, "--group", "pyproject.toml:dev", *members]


def resolve_lock(workspace: Workspace, scratch: Path, *, upgrade: bool) -> str:
    """The lock as it should be. Versions of the present one stay unless the inputs forbid them, or on `upgrade`."""
    proposal = scratch / LOCK
    present = workspace.root / LOCK
    if present.is_file():
        proposal.write_bytes(present.read_bytes())
    options = ["--output-file", str(proposal)]
    if upgrade:
        # Without the network an upgrade would silently be none.
        options += ["--upgrade", "--refresh"]
    compile_requirements(workspace, [*lock_arguments(workspace), *options])
    return proposal.read_text()


def pins(lock: str) -> list[str]:
    """Names, versions and markers. Hashes are left out: new files of an old release are no change of ours."""
    lines = (line.rstrip("\\ ") for line in lock.splitlines())
    return [line for line in lines if line and not line.startswith(("#", " "))]


def shared_requirement(pyproject: str) -> str:
    """`shared` with the extras that the member asks for: `shared[images]`."""
    for requirement in tomllib.loads(pyproject)["project"]["dependencies"]:
        if re.fullmatch(r"shared(\[[a-z, -]+\])?", requirement.strip()):
            return str(requirement).replace(" ", "")
    raise ResolutionFailed("a member does not depend on shared")


def resolve_member(workspace: Workspace, member: str) -> str:
    """A member's requirements.txt: shared as a folder, and every other package pinned as in the lock."""
    requirement = shared_requirement((workspace.root / member / "pyproject.toml").read_text())
    extras = requirement.removeprefix("shared")
    levels = "../" * len(Path(member).parts)
    pinned = compile_requirements(workspace, ["--no-header", "--constraint", LOCK, f"{member}/pyproject.toml"])
    return f"{HEADER}-e {levels}shared{extras}\n" + "".join(f"{line}\n" for line in pins(pinned))
