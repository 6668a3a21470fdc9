"""`./orchestrate demo`: start a stack of its own, enrich a catalogue, print and write what came of it, stop."""

import asyncio
import contextlib
import fcntl
import secrets
import shutil
import signal
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.text import Text

from orchestrate.api_client import ApiClient, Endpoint
from orchestrate.console import out, say
from orchestrate.demo.catalogue import CatalogueProduct, read_catalogue
from orchestrate.demo.enrichment import collect, create, enrich, rewrite
from orchestrate.demo.report import print_report
from orchestrate.demo.results import ProductResult, phrases_found, planted_phrases, write_results
from orchestrate.demo.site import serve_site
from orchestrate.errors import INTERRUPTED, RequirementMissing
from orchestrate.models_command import gigabytes, model_store, pull
from orchestrate.settings_file import environment_with_settings
from orchestrate.stack.plan import StackPlan
from orchestrate.stack.ports import HOST, PortBlock, free_ports
from orchestrate.stack.supervisor import Stack
from orchestrate.workspace import Workspace
from shared.utils.embedded_postgres import EmbeddedPostgres
from shared.utils.model_store import ModelStoreError

# The whole demo with a model stays below four minutes, however slow the machine is.
MODEL_ENDS_AFTER_S = 210
MODEL_BUDGET_AT_LEAST_S = 60
STACK_SETTINGS = ("DATABASE_URL", "BACKEND_DATA_DIR", "SERVICE_TOKEN", "CACHE_DIR", "OUTBOUND_ALLOW")


@dataclass(frozen=True, slots=True)
class DemoOptions:
    engine: str
    model: str
    languages: list[str] | None
    catalogue: Path | None
    output: Path | None
    keep: bool


@contextlib.contextmanager
def throw_away_folder(workspace: Workspace) -> Iterator[Path]:
    """A folder for data that goes with us; what a killed demo has left goes first."""
    parent = workspace.home / "demo-data"
    parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in parent.iterdir():
        with (left / "lock").open("w") if left.is_dir() else contextlib.nullcontext() as lock:
            try:
                if lock is not None:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            discard(left)
    folder = parent / secrets.token_hex(4)
    folder.mkdir(mode=0o700)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            discard(folder)


def discard(folder: Path) -> None:
    EmbeddedPostgres(folder / "database", 0).remove()
    shutil.rmtree(folder, ignore_errors=True)


def make_output_folder(workspace: Workspace, wanted: Path | None) -> Path:
    if wanted is not None:
        wanted.mkdir(parents=True, exist_ok=True)
        return wanted.resolve()
    parent = workspace.home / "demo"
    folder = parent / datetime.now().astimezone().strftime("%Y-%m-%dT%H-%M-%S")
    folder.mkdir(parents=True, exist_ok=True)
    link = parent / "latest"
    fresh = parent / f".latest-{secrets.token_hex(4)}"
    fresh.symlink_to(folder.name)
    fresh.replace(link)
    return folder


def prepare_model(options: DemoOptions) -> str:
    """The engine to ask for. The model is fetched the first time; without it the composer writes."""
    if options.engine not in {"auto", "embedded"}:
        return options.engine
    store = model_store()
    try:
        if not store.installed(options.model):
            size = gigabytes(store.spec(options.model).bytes)
            say(f"Fetching the language model {options.model} ({size}, once, into {store.folder}) …")
            pull(options.model)
    except ModelStoreError as error:
        if options.engine == "embedded":
            raise RequirementMissing(f"{error}", "./orchestrate demo --engine composer needs no model.") from error
        say(f"The language model cannot be had: {error}", "yellow")
        say("Going on with the composer, which writes from the facts alone, without any model.", "yellow")
        return "composer"
    return options.engine


def plan_for(workspace: Workspace, options: DemoOptions, folder: Path, logs: Path, site_port: int | None) -> StackPlan:
    environment = environment_with_settings(workspace)
    for name in STACK_SETTINGS:
        environment.pop(name, None)
    environment["GENERATE_DESCRIPTION_EMBEDDED_MODEL"] = options.model
    if site_port is not None:
        # Loopback is forbidden to the extractor, except for this one server.
        environment["OUTBOUND_ALLOW"] = f"{HOST}:{site_port}"
    return StackPlan(
        workspace=workspace,
        ports=PortBlock.free(),
        data=folder / "backend",
        database_home=folder / "database",
        logs=logs,
        service_token=secrets.token_urlsafe(32),
        api_key=secrets.token_urlsafe(32),
        environment=environment,
        postgres_port=free_ports(1)[0],
        throw_away=True,
        cache=folder / "cache",
    )


@contextlib.asynccontextmanager
async def running_stack(plan: StackPlan, frontend: Path | None = None) -> AsyncIterator[Stack]:
    """A stack that says only what goes wrong."""

    async def folder() -> Path | None:
        return frontend

    def report(name: str, line: str, trouble: bool) -> None:
        if trouble:
            say(f"{name}: {line}", "yellow")

    stack = Stack(plan, report)
    await stack.start(folder)
    try:
        yield stack
    finally:
        await stack.stop()


async def run_demo(workspace: Workspace, options: DemoOptions) -> int:
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        return await demonstrate(workspace, options)
    except asyncio.CancelledError:
        say("Interrupted; everything is stopped.", "yellow")
        return INTERRUPTED


async def demonstrate(workspace: Workspace, options: DemoOptions) -> int:
    table = (options.catalogue or workspace.root / "samples" / "catalogue.csv").resolve()
    site = table.parent / "site"
    output = make_output_folder(workspace, options.output)
    with contextlib.ExitStack() as opened:
        site_port = opened.enter_context(serve_site(site)) if site.is_dir() else None
        products = read_catalogue(table, f"http://{HOST}:{site_port}" if site_port else None)
        if options.languages:
            for product in products:
                product.fields["languages"] = options.languages
        engine = prepare_model(options)
        began = time.monotonic()
        folder = opened.enter_context(throw_away_folder(workspace))
        plan = plan_for(workspace, options, folder, output / "logs", site_port)
        say("Starting PostgreSQL, the three services and the backend …")
        async with running_stack(plan), ApiClient(Endpoint(plan.url, plan.api_key)) as client:
            say(f"Running after {time.monotonic() - began:.1f} s. Enriching {len(products)} products …")
            results = await enrich_all(client, products, engine, began)
            seconds = time.monotonic() - began
            failed = show(table, output, results, engine, seconds)
            if options.keep:
                await wait_until_interrupted(client, plan)
    return 1 if failed else 0


async def enrich_all(
    client: ApiClient, products: list[CatalogueProduct], engine: str, began: float
) -> list[ProductResult]:
    """With `auto` the composer writes everything first, and the model rewrites what fits into its time."""
    results = [await create(client, product) for product in products]
    await enrich(client, results, "composer" if engine == "auto" else engine, lambda result: result.languages)
    if engine == "auto":
        budget_s = max(MODEL_BUDGET_AT_LEAST_S, MODEL_ENDS_AFTER_S - (time.monotonic() - began))
        say(f"Rewriting with the language model, for at most {budget_s:.0f} s (--engine embedded sets no limit) …")
        rewritten, wanted = await rewrite(client, results, "embedded", budget_s)
        say(f"The model wrote {rewritten} of {wanted} listings; the others stay as the composer wrote them.")
    for result in results:
        await collect(client, result)
    return results


def show(table: Path, output: Path, results: list[ProductResult], engine: str, seconds: float) -> bool:
    """Print and write everything; returns whether something is missing."""
    planted = planted_phrases(table)
    for result in results:
        result.planted_found = phrases_found(result.listings, planted.get(result.product.sku, []))
    print_report(out, results, planted)
    listings = sum(len(result.listings) for result in results)
    summary = {
        "catalogue": table.name,
        "engine": engine,
        "seconds": round(seconds, 1),
        "listings": listings,
        "supported_claims": sum(result.supported for result in results),
        "removed_claims": sum(result.removed for result in results),
        "conflicts": sum(len(result.conflicts) for result in results),
    }
    write_results(output, results, summary)
    out.print(Text(f"{listings} listings of {len(results)} products in {seconds:.1f} s, from start to here."))
    out.print(Text(f"Results: {output}/results.json, listings.csv, products/*.json"), soft_wrap=True)
    failed = [result for result in results if not result.complete]
    for result in failed:
        reason = "obeyed a planted instruction" if result.planted_found else "lacks a listing"
        out.print(Text(f"{result.product.name} {reason}.", style="bold red"))
    return bool(failed)


async def wait_until_interrupted(client: ApiClient, plan: StackPlan) -> None:
    url = f"http://localhost:{plan.ports.backend}"
    out.print(
        Text(f"\nStill running. Sign in once: {url}{await client.sign_in_path()}\nCtrl-C stops and forgets it."),
        soft_wrap=True,
    )
    await asyncio.Event().wait()
