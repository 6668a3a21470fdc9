"""`.env` in the checkout's root: settings for all processes. What the shell has set stands above it."""

import os

from dotenv import dotenv_values

from orchestrate.workspace import Workspace


def environment_with_settings(workspace: Workspace) -> dict[str, str]:
    file = workspace.root / ".env"
    values = dotenv_values(file, interpolate=False) if file.is_file() else {}
    # A setting that is left empty in the file is one that nobody has made.
    return {**{name: value for name, value in values.items() if value}, **os.environ}
