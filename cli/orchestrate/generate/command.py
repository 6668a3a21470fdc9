"""`./orchestrate generate [--check]`."""

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from orchestrate.console import say
from orchestrate.frontend_build import BuildFailed
from orchestrate.generate.client import client_output
from orchestrate.generate.openapi import openapi_document
from orchestrate.generate.outputs import Output
from orchestrate.generate.resolution import LOCK, IndexUnreachable, pins, resolve_lock, resolve_member
from orchestrate.generate.snapshots import snapshot_members, snapshot_outputs
from orchestrate.workspace import Workspace

Part = tuple[str, Callable[[], Output]]


def lock_output(workspace: Workspace, *, upgrade: bool) -> Output:
    with tempfile.TemporaryDirectory() as folder:
        resolved = resolve_lock(workspace, Path(folder), upgrade=upgrade)
    path = workspace.root / LOCK
    if path.is_file() and pins(path.read_text()) == pins(resolved):
        return Output({path: path.read_bytes()})
    return Output({path: resolved.encode()})


def requirements_output(workspace: Workspace, member: str) -> Output:
    path = workspace.root / member / "requirements.txt"
    return Output({path: resolve_member(workspace, member).encode()})


def parts(workspace: Workspace, *, upgrade_lock: bool) -> Iterator[Part]:
    """In the order in which they need each other."""
    yield LOCK, lambda: lock_output(workspace, upgrade=upgrade_lock)
    for member in snapshot_members():
        yield f"{member}/requirements.txt", lambda member=member: requirements_output(workspace, member)  # type: ignore[misc]
    for name, output in snapshot_outputs(workspace).items():
        yield name, lambda output=output: output  # type: ignore[misc]
    document = workspace.root / "backend" / "openapi.json"
    yield "backend/openapi.json", lambda: Output({document: openapi_document(workspace)})


def run_generate(workspace: Workspace, *, check: bool, upgrade_lock: bool = False) -> int:
    differing = 0
    for name, make in parts(workspace, upgrade_lock=upgrade_lock):
        try:
            output = make()
        except IndexUnreachable as error:
            say(f"skipped      {name}: {error.message}", "yellow")
            continue
        differing += settle(workspace, name, output, check=check)
    try:
        differing += settle(workspace, "frontend client", asyncio.run(client_output(workspace)), check=check)
    except BuildFailed as error:
        say(f"skipped      frontend client: {error.message}", "yellow")
    if check and differing:
        say(f"{differing} generated files are not what ./orchestrate generate makes of their sources. Run it.", "red")
        return 1
    say("All generated files are up to date." if check or not differing else f"{differing} files written.", "green")
    return 0


def settle(workspace: Workspace, name: str, output: Output, *, check: bool) -> int:
    """Say (and, unless it is a check, repair) what differs; returns how many files do."""
    lines = [line.replace(f"{workspace.root}/", "") for line in output.differences()]
    if not check:
        output.write()
    if not lines:
        say(f"ok           {name}")
    for line in lines:
        say(line if check else line.replace("out of date", "rewritten  ").replace("missing", "written"), "yellow")
    return len(lines)
