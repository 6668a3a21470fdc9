"""50,000 rows of a file into the catalogue: `./orchestrate exec python benchmarks/catalogue_import.py [--rows N]`.

Everything is real: the file goes over HTTP to a backend process with its own worker, on an embedded PostgreSQL with
its usual durability. At first all is new, then all is unchanged. Exits 1 above 60 s, or 400 MB of memory of the backend
and the process that reads the file for it together. Photos are not downloaded: that measures somebody else's network.
"""

import argparse
import asyncio
import contextlib
import csv
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import psutil
import xlsxwriter

from orchestrate.stack.ports import free_ports
from shared.utils.embedded_postgres import EmbeddedPostgres
from shared.utils.gtin import gtin_check_digit

BACKEND = Path(__file__).resolve().parents[1] / "backend"
KEY = "benchmark-key"
MAX_SECONDS = 60.0
MAX_MEGABYTES = 400.0
HEADER = [
    "Title", "URL handle", "Description", "Vendor", "Product category", "Type", "Tags", "Published on online store",
    "Status", "SKU", "Barcode", "Price", "Compare-at price", "Charge tax", "Inventory tracker", "Inventory quantity",
    "Continue selling when out of stock", "Weight value (grams)", "Weight unit for display", "Requires shipping",
    "Fulfillment service", "Product image URL", "Image position", "Image alt text", "Gift card", "SEO title",
    "SEO description",
]  # fmt: skip
WORDS = [
    "enamel", "mug", "steel", "bowl", "oak", "board", "linen", "apron", "copper", "kettle", "glass", "jar", "cork",
    "coaster", "wool", "blanket", "camping", "kitchen", "classic", "robust", "light", "dishwasher", "safe", "white",
    "blue", "rim", "handle", "litre", "set", "hand", "made", "durable", "everyday", "outdoor",
]  # fmt: skip


def text(source: random.Random, words: int) -> str:
    return " ".join(source.choices(WORDS, k=words)).capitalize()


def make_row(source: random.Random, number: int) -> list[str]:
    body = f"400638{number:06d}"
    title = f"{text(source, 4)} {number}"
    description = "".join(f"<p>{text(source, 30)}.</p>\n" for _ in range(3)) + "<ul><li>Robust</li><li>Light</li></ul>"
    return [
        title, f"product-{number}", description, source.choice(("Nordwald", "Ofenstein", "Küstenglas")),
        "Home & Garden > Kitchen & Dining", "Mugs", "camping, kitchen, enamel", "TRUE", "active", f"SKU-{number:06d}",
        f"{body}{gtin_check_digit(body)}", f"{source.randint(300, 9900) / 100:.2f}", "99.00", "TRUE", "shopify",
        str(source.randint(0, 500)), "DENY", str(source.randint(100, 3000)), "g", "TRUE", "manual",
        f"https://cdn.example/{number}.jpg", "1", title, "FALSE", title[:70], text(source, 18),
    ]  # fmt: skip


def write_files(folder: Path, rows: int) -> dict[str, Path]:
    source = random.Random(7)
    files = {"CSV": folder / "catalogue.csv", "XLSX": folder / "catalogue.xlsx"}
    workbook = xlsxwriter.Workbook(files["XLSX"], {"constant_memory": True, "strings_to_urls": False})
    sheet = workbook.add_worksheet("Products")
    sheet.write_row(0, 0, HEADER)
    with files["CSV"].open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(1, rows + 1):
            row = make_row(source, number)
            writer.writerow(row)
            sheet.write_row(number, 0, row)
    workbook.close()
    return files


def peak_megabytes(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6


def megabytes_together(process: int) -> float:
    """Of the backend and of the processes that read files for it, at this moment; what they share counts once (PSS)."""
    own = psutil.Process(process)
    total = 0.0
    for each in (own, *own.children(recursive=True)):
        with contextlib.suppress(psutil.Error):
            total += each.memory_full_info().pss / 1e6
    return total


def cpu_seconds(process: int, database_port: int) -> tuple[float, float]:
    """Of the backend, and of the database: what the wall clock says only of a machine with nothing else to do."""
    own = psutil.Process(process).cpu_times()
    database = 0.0
    for each in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if "postgres" in each.name() and str(database_port) in " ".join(
                [*each.cmdline(), *each.parent().cmdline()]
            ):
                database += each.cpu_times().user + each.cpu_times().system
    return own.user + own.system + own.children_user + own.children_system, database


async def answers(client: httpx2.AsyncClient, path: str) -> None:
    while True:
        try:
            if (await client.get(path)).status_code == 200:
                return
        except httpx2.HTTPError:
            await asyncio.sleep(0.1)


async def probe(client: httpx2.AsyncClient, seconds: list[float]) -> None:
    """How long a small request takes meanwhile: an import must not block the others."""
    while True:
        began = time.perf_counter()
        await client.get("/api/v1/imports", params={"limit": 1})
        seconds.append(time.perf_counter() - began)
        await asyncio.sleep(0.05)


async def watch(process: int, megabytes: list[float]) -> None:
    while True:
        megabytes.append(megabytes_together(process))
        await asyncio.sleep(0.25)


@dataclass(frozen=True)
class Measured:
    seconds: float
    megabytes: float
    state: dict[str, Any]


async def import_file(client: httpx2.AsyncClient, path: Path, label: str, process: int, database_port: int) -> Measured:
    before = cpu_seconds(process, database_port)
    waits: list[float] = []
    together: list[float] = []
    watching = asyncio.create_task(watch(process, together))
    began = time.perf_counter()
    with path.open("rb") as file:
        answer = await client.post("/api/v1/imports", files={"file": (path.name, file)}, data={"currency": "EUR"})
    assert answer.status_code == 201, answer.text
    identifier = answer.json()["id"]
    understood = time.perf_counter() - began
    probing = asyncio.create_task(probe(client, waits))
    await client.post(f"/api/v1/imports/{identifier}/start", json={"fetch_images": False})
    while (state := (await client.get(f"/api/v1/imports/{identifier}")).json())["status"] in {"queued", "running"}:
        await asyncio.sleep(0.2)
    seconds = time.perf_counter() - began
    probing.cancel()
    watching.cancel()
    assert state["status"] == "succeeded", state
    waits.sort()
    after = cpu_seconds(process, database_port)
    print(
        f"{label}: {seconds:.1f} s ({understood:.1f} s until the preview), {state['rows_read'] / seconds:,.0f} rows/s, "
        f"created {state['created']:,}, updated {state['updated']:,}, unchanged {state['unchanged']:,}; "
        f"CPU {after[0] - before[0]:.0f} s, in the database {after[1] - before[1]:.0f} s; "
        f"peak {peak_megabytes(process):.0f} MB, with its reader {max(together):.0f} MB; "
        f"a small request meanwhile {statistics.median(waits) * 1000:.0f} ms, 99 % in "
        f"{waits[int(len(waits) * 0.99)] * 1000:.0f} ms"
    )
    return Measured(seconds, max(together), state)


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=50_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = write_files(folder, rows)
        print(f"{rows:,} rows, {len(HEADER)} columns, CSV of {files['CSV'].stat().st_size / 1e6:.0f} MB")
        database_port, port = free_ports(2)
        database = EmbeddedPostgres(folder / "database", database_port)
        environment = {
            **os.environ,
            "DATABASE_URL": database.start(),
            "BACKEND_DATA_DIR": str(folder / "data"),
            "BACKEND_LOCAL_API_KEY": KEY,
            "LOG_LEVEL": "WARNING",
        }
        command = [sys.executable, "-m", "uvicorn", "app.main:app", "--port", str(port), "--log-level", "warning"]
        process = subprocess.Popen(command, cwd=BACKEND, env=environment)
        try:
            headers = {"Authorization": f"Bearer {KEY}"}
            async with httpx2.AsyncClient(
                base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=120, trust_env=False
            ) as client:
                await answers(client, "/health")
                print(f"idle backend: {peak_megabytes(process.pid):.0f} MB")
                first, *again = [
                    await import_file(client, files[kind], f"{kind}, {what}", process.pid, database_port)
                    for kind, what in (("CSV", "new"), ("CSV", "again"), ("XLSX", "again"))
                ]
        finally:
            process.terminate()
            process.wait()
            database.remove()
    good = (
        first.state["created"] == rows
        and all(each.state["unchanged"] == rows for each in again)
        and all(each.seconds <= MAX_SECONDS and each.megabytes <= MAX_MEGABYTES for each in (first, *again))
    )
    print(f"{'within' if good else 'OVER'} the bar: {MAX_SECONDS:.0f} s and {MAX_MEGABYTES:.0f} MB for each")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
