"""`./orchestrate status`: what runs, and how the services are."""

from rich.table import Table
from rich.text import Text

from orchestrate.api_client import ApiClient, find_endpoint
from orchestrate.console import out
from orchestrate.workspace import Workspace

STYLES = {"ok": "green", "starting": "yellow", "degraded": "yellow", "down": "red"}


async def show_status(workspace: Workspace) -> int:
    endpoint = find_endpoint(workspace)
    async with ApiClient(endpoint, timeout_s=10.0) as client:
        health = await client.get("/api/v1/services/health")
    out.print(Text(f"{endpoint.url}: {health['status']}", style=STYLES.get(health["status"], "")))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("service", "status", "engines"):
        table.add_column(heading)
    for service in health["services"]:
        engines = ", ".join(
            engine["name"] + ("" if engine["ready"] else f" (not ready: {engine['detail'] or 'no reason given'})")
            for engine in service["engines"]
        )
        status = Text(service["status"], style=STYLES.get(service["status"], ""))
        table.add_row(Text(service["name"]), status, Text(engines or service.get("detail") or ""))
    out.print(table)
    return 0 if health["status"] == "ok" else 1
