"""`./orchestrate doctor`: what is installed, what is missing, and what that means."""

import platform
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

import psutil
from rich.table import Table
from rich.text import Text

from orchestrate.browser import CANNOT_INSTALL, can_install, find_browser, install_browser
from orchestrate.console import out, say
from orchestrate.frontend_build import FrontendBuild
from orchestrate.models_command import gigabytes, model_store
from orchestrate.stack import state
from orchestrate.stack.ports import PortBlock, is_free, owner
from orchestrate.workspace import Workspace
from shared.utils.embedded_postgres import EmbeddedPostgresError, binaries_below, wheel_folder

NEEDED_DISK_GB = 5
DEFAULT_PORT = 8000
STYLES = {"ok": "green", "note": "yellow", "missing": "red"}
MAIN_PACKAGES = ("fastapi", "sqlalchemy", "procrastinate", "rapidocr", "xllamacpp")


@dataclass(frozen=True, slots=True)
class Finding:
    """`note`: everything works, but something optional is not there. `missing`: something will fail."""

    status: Literal["ok", "note", "missing"]
    what: str
    detail: str


def output_of(command: list[str]) -> str | None:
    try:
        finished = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return finished.stdout.strip().splitlines()[0] if finished.returncode == 0 and finished.stdout.strip() else None


def examine(workspace: Workspace) -> Iterator[Finding]:
    memory = psutil.virtual_memory()
    cores = psutil.cpu_count() or 1
    machine = f"{platform.system()} {platform.machine()}, {cores} cores, {memory.total / 1e9:.1f} GB memory"
    yield Finding("ok" if memory.total > 3e9 else "note", "Machine", machine)
    yield Finding("ok", "Python", f"{platform.python_version()} in {workspace.python.parent.parent}")
    yield packages()
    yield postgresql()
    yield node(workspace)
    yield web_app(workspace)
    yield browser()
    yield from models()
    yield disk(workspace)
    yield from ports(workspace)


def packages() -> Finding:
    found = []
    for name in MAIN_PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            return Finding("missing", "Packages", f"{name} is not installed; delete .orchestrate/venv and try again")
    return Finding("ok", "Packages", ", ".join(found))


def postgresql() -> Finding:
    try:
        program = binaries_below(wheel_folder()) / "postgres"
    except EmbeddedPostgresError as error:
        return Finding("missing", "PostgreSQL", str(error))
    said = output_of([str(program), "--version"])
    return Finding("ok" if said else "missing", "PostgreSQL", said or f"{program} does not run here")


def node(workspace: Workspace) -> Finding:
    if workspace.node_bin is None:
        return Finding("note", "Node", "not installed: the web app cannot be built; API and demo work")
    said = output_of([str(workspace.node_bin / "node"), "--version"])
    return Finding("ok" if said else "note", "Node", f"{said}, from the environment" if said else "does not run here")


def web_app(workspace: Workspace) -> Finding:
    build = FrontendBuild(workspace)
    if build.is_built():
        return Finding("ok", "Web app", "built from the present sources")
    return Finding("note", "Web app", "not built from the present sources; ./orchestrate up does it")


def browser() -> Finding:
    found = find_browser()
    if found:
        return Finding("ok", "Browser", f"{output_of([str(found), '--version']) or 'Chromium'} at {found}")
    how = "./orchestrate doctor --fix installs one" if can_install() else CANNOT_INSTALL
    return Finding("note", "Browser", f"none: browser tests are skipped, pages are read without rendering. {how}")


def models() -> Iterator[Finding]:
    for status in model_store().status():
        size = gigabytes(status.spec.bytes)
        if status.installed:
            yield Finding("ok", f"Model {status.name}", f"{size} in {status.path.parent}")
        else:
            yield Finding("note", f"Model {status.name}", f"not here ({size}): ./orchestrate models pull {status.name}")


def disk(workspace: Workspace) -> Finding:
    free = shutil.disk_usage(workspace.root).free / 1e9
    return Finding("ok" if free > NEEDED_DISK_GB else "note", "Disk", f"{free:.1f} GB free")


def ports(workspace: Workspace) -> Iterator[Finding]:
    running = state.read(workspace)
    if running is not None:
        yield Finding("ok", "Stack", f"running at {running.url} (process {running.process})")
        return
    for name, port in PortBlock.from_first(DEFAULT_PORT).named().items():
        if not is_free(port):
            used = f"in use by {owner(port) or 'another process'}: ./orchestrate up --port 9000"
            yield Finding("note", f"Port {port}", f"for {name}, {used}")


def run_doctor(workspace: Workspace, *, fix: bool) -> int:
    if fix and find_browser() is None:
        say("Installing a browser …")
        if install_browser() is None:
            say(CANNOT_INSTALL, "yellow")
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    failed = False
    for finding in examine(workspace):
        failed = failed or finding.status == "missing"
        table.add_row(Text(finding.status, style=STYLES[finding.status]), Text(finding.what), Text(finding.detail))
    out.print(table)
    return 1 if failed else 0
