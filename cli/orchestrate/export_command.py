"""`./orchestrate export FILE`: what the shop would refuse, then the file, as it comes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.progress import DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.text import Text

from orchestrate.api_client import ApiClient, find_endpoint
from orchestrate.console import err, out, say
from orchestrate.errors import CommandError
from orchestrate.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ExportOptions:
    format: str
    language: str
    scope: str
    name: str | None
    currency: str | None
    product_url_template: str | None
    newest_texts: bool
    legacy_header: bool
    overwrite: bool

    def body(self) -> dict[str, Any]:
        options: dict[str, Any] = {
            "texts": "newest" if self.newest_texts else "approved",
            "legacy_header": self.legacy_header,
        }
        if self.currency:
            options["currency"] = self.currency
        if self.product_url_template:
            options["product_url_template"] = self.product_url_template
        body: dict[str, Any] = {
            "format": self.format,
            "language": self.language,
            "scope": self.scope,
            "options": options,
        }
        if self.name:
            body["name"] = self.name
        return body


def refuse_to_overwrite(target: Path, options: ExportOptions) -> None:
    if target.exists() and not options.overwrite:
        raise CommandError(f"{target} is there already.", "Give another name, or --overwrite.")


async def export_table(workspace: Workspace, target: Path, options: ExportOptions) -> int:
    refuse_to_overwrite(target, options)
    async with ApiClient(find_endpoint(workspace), timeout_s=600.0) as client:
        preflight = await client.post("/api/v1/exports/preflight", json=options.body())
        for problem in preflight["general"]:
            say(f"{problem['severity']}: {problem['message']}", "red" if problem["severity"] == "error" else "yellow")
        for problem in preflight["summary"]:
            style = "red" if problem["severity"] == "error" else "yellow"
            say(f"{problem['severity']}, {problem['products']} products: {problem['message']}", style)
        export = await client.post("/api/v1/exports", json=options.body())
        # Under another name until it is whole: a file that broke off must not be taken for one that did not.
        partial = target.with_name(target.name + ".part")
        try:
            with (
                Progress(TextColumn("{task.description}"), DownloadColumn(), TransferSpeedColumn(), console=err) as bar,
                partial.open("wb") as file,
            ):
                task = bar.add_task(target.name, total=None)
                async for chunk in client.stream(f"/api/v1/exports/{export['id']}/file"):
                    file.write(chunk)
                    bar.update(task, advance=len(chunk))
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        done = await client.get(f"/api/v1/exports/{export['id']}")
    if done["finished_at"] is None:
        raise CommandError("The file broke off before its end.", "Export it again.")
    out.print(Text(f"{done['products']} products in {done['rows']} rows: {target}"))
    return 0
