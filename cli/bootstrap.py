"""Make `.orchestrate/venv` match `requirements.lock`. Standard library only: it runs before anything is installed.

A stamp of everything that decides the environment's content makes the usual start a single hash comparison.
A file lock lets several commands start at once; the first installs, the others wait.
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path

UV_VERSION = "0.13.9"
MEMBERS = (
    "shared",
    "backend",
    "services/describe-image",
    "services/extract-webcontent",
    "services/generate-description",
    "cli",
)


def environment_stamp(root: Path) -> str:
    digest = hashlib.sha256(f"{UV_VERSION}|{sys.version}|{root}".encode())
    for name in ("requirements.lock", "cli/bootstrap.py", *(f"{member}/pyproject.toml" for member in MEMBERS)):
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def output(command: list[str]) -> str | None:
    """What the command prints, or None when it fails or is not there."""
    try:
        finished = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return finished.stdout if finished.returncode == 0 else None


def run(command: list[str], root: Path) -> None:
    """On a terminal the installer shows its own progress; elsewhere only what went wrong is shown."""
    shown = sys.stderr.isatty()
    if not shown:
        command = [*command, "--quiet"]
    finished = subprocess.run(command, cwd=root, capture_output=not shown, text=True, check=False)
    if finished.returncode:
        sys.stderr.write((finished.stdout or "") + (finished.stderr or ""))
        sys.exit(f"orchestrate: making the environment failed: {' '.join(command[:4])} … (exit {finished.returncode})")


def install(root: Path, environment: Path) -> None:
    python = str(environment / "bin" / "python")
    # Also when an earlier attempt was interrupted half-way.
    if output([python, "-m", "pip", "--version"]) is None:
        shutil.rmtree(environment, ignore_errors=True)
        venv.create(environment, with_pip=True)
    uv = str(environment / "bin" / "uv")
    if UV_VERSION not in (output([uv, "--version"]) or "").split():
        run([python, "-m", "pip", "install", "--disable-pip-version-check", f"uv=={UV_VERSION}"], root)
    # `sync` would remove uv and pip themselves, so uv is asked to install exactly what the lock names.
    into = [uv, "pip", "install", "--python", python, "--no-deps"]
    run([*into, "--require-hashes", "--requirement", "requirements.lock"], root)
    editable = [argument for member in MEMBERS for argument in ("--editable", f"./{member}")]
    run([*into, "--no-build-isolation", *editable], root)


def main() -> None:
    root = Path(sys.argv[1])
    home = root / ".orchestrate"
    stamp_file = home / "venv" / ".stamp"
    stamp = environment_stamp(root)
    if stamp_file.is_file() and stamp_file.read_text() == stamp:
        return
    home.mkdir(mode=0o700, exist_ok=True)
    with (home / "bootstrap.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp_file.is_file() and stamp_file.read_text() == stamp:
            return
        print("orchestrate: preparing the environment (once per lock file) …", file=sys.stderr, flush=True)
        environment = home / "venv"
        stamp_file.unlink(missing_ok=True)
        install(root, environment)
        temporary = stamp_file.with_suffix(".new")
        temporary.write_text(stamp)
        temporary.replace(stamp_file)


if __name__ == "__main__":
    main()
