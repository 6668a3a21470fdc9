"""`./orchestrate models`: the embedded language models."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table
from rich.text import Text

from orchestrate.console import err, out, say
from orchestrate.errors import CommandError
from orchestrate.settings_file import environment_with_settings
from orchestrate.workspace import find_workspace
from shared.config.settings import BaseServiceSettings
from shared.utils.model_store import ModelStore, ModelStoreError
from shared.utils.model_store import Progress as ReportProgress

PLAIN_INTERVAL_S = 10.0


def model_store() -> ModelStore:
    folder = environment_with_settings(find_workspace()).get("MODEL_CACHE_DIR")
    return ModelStore(Path(folder) if folder else BaseServiceSettings.model_fields["model_cache_dir"].default)


def gigabytes(count: int) -> str:
    return f"{count / 1e9:.2f} GB"


def list_models() -> None:
    store = model_store()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("name", "size", "licence", "here", "file"):
        table.add_column(heading)
    for status in store.status():
        here = "yes" if status.installed else "no"
        if not status.installed and status.partial_bytes:
            here = f"{status.partial_bytes * 100 // status.spec.bytes} %"
        spec = status.spec
        table.add_row(*map(Text, (spec.name, gigabytes(spec.bytes), spec.licence, here, spec.file)))
    out.print(table)
    out.print(Text(f"In {store.folder} (MODEL_CACHE_DIR)"))


@contextmanager
def download_progress(label: str) -> Iterator[ReportProgress]:
    """A bar on a terminal, a line every ten seconds elsewhere."""
    if not err.is_terminal:
        yield plain_progress(label)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(label, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def plain_progress(label: str) -> ReportProgress:
    last = time.monotonic()

    def report(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= PLAIN_INTERVAL_S:
            last = time.monotonic()
            say(f"{label}: {gigabytes(done)} of {gigabytes(total)}")

    return report


def pull(name: str) -> Path:
    """Raises ModelStoreError."""
    with download_progress(name) as progress:
        return model_store().pull(name, progress=progress)


def pull_model(name: str) -> None:
    try:
        path = pull(name)
    except ModelStoreError as error:
        raise CommandError(str(error)) from error
    out.print(Text(f"{name} is here: {path}"))


def remove_model(name: str) -> None:
    try:
        removed = model_store().remove(name)
    except ModelStoreError as error:
        raise CommandError(str(error)) from error
    out.print(Text(f"{name} is removed." if removed else f"{name} was not here."))
