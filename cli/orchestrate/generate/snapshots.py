"""`vendor/shared/`: the sources of `shared/` inside each build context, which cannot see the folder itself."""

from pathlib import Path

from orchestrate.generate.outputs import Output
from orchestrate.workspace import MEMBERS, Workspace

LEFT_OUT = {"tests", "__pycache__", "build", "dist", "vendor"}


def snapshot_members() -> list[str]:
    return [member for member in MEMBERS if member not in {"shared", "cli"}]


def sources(folder: Path) -> dict[Path, bytes]:
    """Relative paths and contents of what a build needs."""
    found = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        ignored = any(part in LEFT_OUT or part.startswith(".") or part.endswith(".egg-info") for part in relative.parts)
        if path.is_file() and not ignored and path.suffix != ".pyc":
            found[relative] = path.read_bytes()
    return found


def snapshot_outputs(workspace: Workspace) -> dict[str, Output]:
    content = sources(workspace.root / "shared")
    outputs = {}
    for member in snapshot_members():
        target = workspace.root / member / "vendor" / "shared"
        outputs[f"{member}/vendor/shared"] = Output({target / path: data for path, data in content.items()}, target)
    return outputs
