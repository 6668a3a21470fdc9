"""The merchant's part, played through the API: make products, add photos, start the runs, watch them, fetch results."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from orchestrate.api_client import ApiClient
from orchestrate.console import err, say
from orchestrate.demo.catalogue import CatalogueProduct
from orchestrate.demo.results import ProductResult
from orchestrate.errors import CommandError

ACTIVE = {"queued", "running", "waiting", "paused"}
DONE_STEPS = {"succeeded", "reused", "skipped", "failed"}
POLL_S = 0.5

Watch = Callable[[ProductResult, dict[str, object]], None]


async def create(client: ApiClient, product: CatalogueProduct) -> ProductResult:
    result = ProductResult(product)
    try:
        made = await client.post("/api/v1/products", json=product.fields)
        result.id = made["id"]
        for photo in product.photos:
            content = await asyncio.to_thread(photo.read_bytes)
            await client.post(f"/api/v1/products/{result.id}/images", files={"image": (photo.name, content)})
    except CommandError as error:
        # The other products go on; this one is reported, and the exit code says so.
        result.problem = error.message
    return result


async def enrich(
    client: ApiClient, results: list[ProductResult], engine: str, languages: Callable[[ProductResult], list[str]]
) -> None:
    """Start a run for each product, and watch all of them to their end."""
    started = []
    for result in results:
        wanted = languages(result)
        if not result.id or not wanted:
            continue
        try:
            body = {"engine": engine, "languages": wanted}
            result.runs.append(await client.post(f"/api/v1/products/{result.id}/enrich", json=body))
            started.append(result)
        except CommandError as error:
            result.problem = error.message
    with watching(started) as watch:
        await asyncio.gather(*(follow(client, result, watch) for result in started))


async def follow(client: ApiClient, result: ProductResult, watch: Watch) -> None:
    while result.runs[-1]["status"] in ACTIVE:
        await asyncio.sleep(POLL_S)
        result.runs[-1] = await client.get(f"/api/v1/runs/{result.runs[-1]['id']}")
        watch(result, result.runs[-1])


async def rewrite(client: ApiClient, results: list[ProductResult], engine: str, budget_s: float) -> tuple[int, int]:
    """Let a slow engine write again, one listing at a time, until the time is over.

    Languages come one after the other, so that every product has its turn in the first one. Returns how many were
    rewritten, and how many there are.
    """
    ready = [result for result in results if result.id and not result.problem]
    turns = [(result, language) for language in unique_languages(ready) for result in ready]
    turns = [(result, language) for result, language in turns if language in result.languages]
    deadline = time.monotonic() + budget_s
    done = 0
    with rewriting(len(turns)) as advance:
        for result, language in turns:
            if time.monotonic() > deadline:
                break
            body = {"engine": engine, "languages": [language]}
            result.runs.append(await client.post(f"/api/v1/products/{result.id}/enrich", json=body))
            try:
                async with asyncio.timeout_at(asyncio.get_running_loop().time() + deadline - time.monotonic()):
                    await follow(client, result, lambda *_: None)
            except TimeoutError:
                await client.post(f"/api/v1/runs/{result.runs.pop()['id']}/cancel")
                break
            done += engine_of(result) == engine
            advance(result, language)
    return done, len(turns)


def engine_of(result: ProductResult) -> str | None:
    """What wrote the listing of the newest run: where the asked one failed, another one stood in."""
    steps = [step for step in result.runs[-1]["steps"] if step["key"].startswith("generate:")]
    return steps[-1]["engine"] if steps else None


def unique_languages(results: list[ProductResult]) -> list[str]:
    return list(dict.fromkeys(language for result in results for language in result.languages))


@contextmanager
def rewriting(total: int) -> Iterator[Callable[[ProductResult, str], None]]:
    if not err.is_terminal:
        began = time.monotonic()
        yield lambda result, language: say(
            f"  {time.monotonic() - began:5.1f} s  {result.product.name} ({language}): by {engine_of(result)}"
        )
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
    )
    with Progress(*columns, TimeElapsedColumn(), console=err) as progress:
        task = progress.add_task("language model", total=total)
        yield lambda result, language: progress.update(
            task, advance=1, description=f"language model: {result.product.name} ({language})"
        )


@contextmanager
def watching(results: list[ProductResult]) -> Iterator[Watch]:
    if not err.is_terminal:
        yield plain_watch(len(results))
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[doing]}", style="dim", markup=False),
    )
    with Progress(*columns, console=err) as progress:
        tasks: dict[str, TaskID] = {}
        for result in results:
            steps = len(result.runs[-1]["steps"])
            tasks[result.id] = progress.add_task(result.product.name[:28].ljust(28), total=steps or 1, doing="waiting")
        yield lambda result, run: update(progress, tasks[result.id], result)


def update(progress: Progress, task: TaskID, result: ProductResult) -> None:
    run = result.runs[-1]
    steps = run["steps"]
    done = sum(step["status"] in DONE_STEPS for step in steps)
    running = [step["label"] for step in steps if step["status"] == "running"]
    doing = ", ".join(running)[:60] if run["status"] in ACTIVE else run["status"]
    progress.update(task, total=len(steps) or 1, completed=done, doing=doing or run["detail"] or run["status"])
    if run["status"] not in ACTIVE:
        progress.stop_task(task)


def plain_watch(total: int) -> Watch:
    began = time.monotonic()
    finished = 0

    def watch(result: ProductResult, run: dict[str, object]) -> None:
        nonlocal finished
        if run["status"] not in ACTIVE:
            finished += 1
            say(f"  {finished}/{total}  {time.monotonic() - began:5.1f} s  {result.product.name}: {run['status']}")

    return watch


async def collect(client: ApiClient, result: ProductResult) -> None:
    """Everything that the API knows about the product now."""
    if not result.id:
        return
    parts = ("images", "sources", "facts", "conflicts", "listings")
    answers = await asyncio.gather(*(client.get(f"/api/v1/products/{result.id}/{part}") for part in parts))
    for part, answer in zip(parts, answers, strict=True):
        setattr(result, part, answer)
    order = {language: position for position, language in enumerate(result.languages)}
    result.listings.sort(key=lambda listing: order.get(listing["language"], len(order)))
