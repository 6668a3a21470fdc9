"""`frontend/src/api/generated/`: the typed client, made from `backend/openapi.json` by the frontend's own generator."""

import shutil
import tempfile
from pathlib import Path

from orchestrate.frontend_build import BuildFailed, FrontendBuild
from orchestrate.generate.outputs import Output
from orchestrate.workspace import Workspace


async def client_output(workspace: Workspace) -> Output:
    """Raises BuildFailed where the frontend's tools are not installed."""
    frontend = FrontendBuild(workspace)
    frontend.require()
    if not (frontend.folder / "node_modules" / ".bin" / "openapi-ts").exists():
        raise BuildFailed("The frontend's tools are not installed: ./orchestrate up installs them.")
    target = frontend.folder / "src" / "api" / "generated"
    # Beside the real one, so that the generator finds the same configuration files on its way up.
    made = Path(
        tempfile.mkdtemp(prefix=".generated-", dir=target.parent if target.parent.is_dir() else frontend.folder)
    )
    try:
        await frontend.npm("run", "generate", "--", "--output", str(made))
        files = {target / path: content for path, content in contents(made).items()}
    finally:
        shutil.rmtree(made, ignore_errors=True)
    if not files:
        raise BuildFailed("The generator of the client wrote nothing.")
    return Output(files, target)


def contents(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
