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


def run(command: list[str], root: Path) -> None:
    finished = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if finished.returncode:
        sys.stderr.write(finished.stdout + finished.stderr)
        sys.exit(f"orchestrate: making the environment failed: {' '.join(command[:4])} … (exit {finished.returncode})")


def install(root: Path, environment: Path) -> None:
    python = environment / "bin" / "python"
    if not python.exists() or subprocess.run([python, "-c", ""], check=False).returncode:
        shutil.rmtree(environment, ignore_errors=True)
        venv.create(environment, with_pip=True)
    uv = environment / "bin" / "uv"
    if (
        not uv.exists()
        or UV_VERSION not in subprocess.run([uv, "--version"], capture_output=True, text=True, check=False).stdout
    ):
        run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"uv=={UV_VERSION}"], root)
    # `sync` would remove uv and pip themselves, so uv is asked to install exactly what the lock names.
    lock = ["--require-hashes", "--requirement", "requirements.lock"]
    run([str(uv), "pip", "install", "--quiet", "--python", str(python), "--no-deps", *lock], root)
    editable = [argument for member in MEMBERS for argument in ("--editable", f"./{member}")]
    run(
        [str(uv), "pip", "install", "--quiet", "--python", str(python), "--no-deps", "--no-build-isolation", *editable],
        root,
    )


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
