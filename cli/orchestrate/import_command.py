"""`./orchestrate import FILE`: upload a table, show how it is understood, import it with a progress bar."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from orchestrate.api_client import ApiClient, find_endpoint
from orchestrate.console import err, out, say
from orchestrate.errors import CommandError
from orchestrate.workspace import Workspace

POLL_S = 0.5
ACTIVE = frozenset({"queued", "running"})
SHOWN_PROBLEMS = 10


@dataclass(frozen=True, slots=True)
class ImportOptions:
    mode: str
    language: str
    currency: str | None
    dry_run: bool
    approve_texts: bool
    fetch_images: bool
    errors: Path | None


def require_file(table: Path) -> None:
    if not table.is_file():
        raise CommandError(f"There is no file {table}.")


async def import_table(workspace: Workspace, table: Path, options: ImportOptions) -> int:
    require_file(table)
    async with ApiClient(find_endpoint(workspace), timeout_s=600.0) as client:
        preview = await upload(client, table, options)
        show_columns(preview)
        started = await client.post(
            f"/api/v1/imports/{preview['id']}/start",
            json={
                "mode": options.mode,
                "dry_run": options.dry_run,
                "approve_texts": options.approve_texts,
                "fetch_images": options.fetch_images,
            },
        )
        ended = await follow(client, started)
        return await report(client, ended, table, options)


async def upload(client: ApiClient, table: Path, options: ImportOptions) -> dict[str, Any]:
    fields = {"language": options.language}
    if options.currency:
        fields["currency"] = options.currency
    with table.open("rb") as file:
        answer = await client.post("/api/v1/imports", files={"file": (table.name, file)}, data=fields)
    preview: dict[str, Any] = answer
    return preview


def show_columns(preview: dict[str, Any]) -> None:
    read_as = [preview["format"], preview["encoding"], preview["sheet"]]
    say(f"{preview['file_name']}: {', '.join(part for part in read_as if part)}")
    for note in preview["notes"]:
        say(note, "yellow")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("column", "becomes", "for example"):
        table.add_column(heading)
    for column in preview["columns"]:
        example = next((sample for sample in column["samples"] if sample), "")
        table.add_row(Text(column["name"]), Text(column["mapped_to"]), Text(example[:60]))
    err.print(table)


async def follow(client: ApiClient, started: dict[str, Any]) -> dict[str, Any]:
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn(), console=err
    ) as progress:
        bar = progress.add_task("rows", total=started["rows_estimated"] or None)
        current = started
        while current["status"] in ACTIVE:
            await asyncio.sleep(POLL_S)
            current = await client.get(f"/api/v1/imports/{started['id']}")
            progress.update(bar, completed=current["rows_read"])
        progress.update(bar, total=current["rows_read"], completed=current["rows_read"])
    return current


async def report(client: ApiClient, ended: dict[str, Any], table: Path, options: ImportOptions) -> int:
    counts = ("created", "updated", "unchanged", "skipped", "failed")
    prefix = "would be: " if options.dry_run else ""
    out.print(Text(prefix + ", ".join(f"{ended[name]} {name}" for name in counts)))
    if ended["problem"]:
        say(ended["problem"].get("detail") or ended["problem"]["title"], "red")
    if ended["failed"]:
        page = await client.get(f"/api/v1/imports/{ended['id']}/errors?limit={SHOWN_PROBLEMS}")
        for row in page["items"]:
            for problem in row["problems"]:
                say(f"row {problem['line']}, {problem['column'] or 'whole row'}: {problem['message']}", "red")
        target = options.errors or table.with_name(f"{table.stem}.errors.csv")
        target.write_bytes(await client.content(f"/api/v1/imports/{ended['id']}/errors.csv"))
        say(f"Correct the rows in {target}, and import that file.")
    return 0 if ended["status"] == "succeeded" else 1
