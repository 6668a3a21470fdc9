"""The catalogue with 100,000 products: `./orchestrate exec python benchmarks/catalogue.py [--rounds N] [--only list]`.

An embedded PostgreSQL on throw-away data, the real backend over HTTP, interleaved rounds, medians against the bar of
50 ms (facets: 150 ms). The Python CPU of a page is compared with psycopg alone: fetching the same products as rows and
dumping them as JSON, and fetching the JSON that the database has made. Then the import of 50,000 rows
(`catalogue_import.py`) is run. Exits 1 when a bar is missed.
"""

import argparse
import asyncio
import json
import os
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import psycopg
from catalogue_data import RARE_WORD, load
from psycopg.rows import dict_row

from app.catalogue.schemas import CatalogueFilter
from app.catalogue.service import CatalogueService
from app.database import make_engine, make_sessions
from app.migrations import upgrade_database
from orchestrate.stack.ports import free_ports
from shared.utils.embedded_postgres import EmbeddedPostgres

ROOT = Path(__file__).resolve().parent.parent
BAR_MS = 50.0
# Counting all values of all matching products is no filter: it is asked for beside the list, not before it.
FACETS_BAR_MS = 150.0
CPU_BAR = 1.2
PRODUCTS = "/api/v1/products"
SAME_ROWS = """
    SELECT p.id, p.sku, p.name, p.brand, p.category, p.status, p.gtin, p.price_amount, p.price_currency, p.attributes,
        p.keywords, p.tags, p.languages, p.parent_id, p.option_names, p.options, p.assignee_id, p.version,
        p.created_at, p.updated_at, p.deleted_at, image.*, run.*,
        (SELECT count(*) FROM product_images WHERE product_id = p.id) AS image_count,
        (SELECT count(*) FROM source_pages WHERE product_id = p.id) AS source_count,
        (SELECT count(*) FROM conflicts WHERE product_id = p.id AND settled_at IS NULL) AS conflict_count,
        (SELECT count(*) FROM comments WHERE product_id = p.id) AS comment_count,
        (SELECT count(*) FROM products AS v WHERE v.parent_id = p.id AND v.deleted_at IS NULL) AS variant_count,
        ARRAY(SELECT DISTINCT language FROM listings WHERE product_id = p.id) AS listing_languages
    FROM (SELECT * FROM products WHERE deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT 51) AS p
    LEFT JOIN LATERAL (
        SELECT i.id AS image_id, i.sha256, i.position, i.alt, i.file_name, m.width, m.height
        FROM product_images AS i JOIN media AS m USING (sha256) WHERE i.product_id = p.id ORDER BY i.position LIMIT 1
    ) AS image ON true
    LEFT JOIN LATERAL (
        SELECT r.id AS run_id, r.status AS run_status, r.created_at AS run_created_at, r.finished_at AS run_finished_at
        FROM runs AS r WHERE r.product_id = p.id ORDER BY r.id DESC LIMIT 1
    ) AS run ON true
"""


async def deep_cursor(client: httpx2.AsyncClient, pages: int) -> str:
    cursor: str | None = None
    for _ in range(pages // 4):
        answer = await client.get(PRODUCTS, params={"limit": 200, **({"cursor": cursor} if cursor else {})})
        cursor = answer.json()["next_cursor"]
    assert cursor is not None
    return cursor


async def cases(client: httpx2.AsyncClient) -> dict[str, tuple[str, dict[str, Any]]]:
    page = (await client.get(PRODUCTS, params={"limit": 200})).json()["items"]
    sku, gtin = page[100]["sku"], next(item["gtin"] for item in page if item["gtin"])
    asked: dict[str, dict[str, Any]] = {
        "list, first page": {},
        "list, page 500": {"cursor": await deep_cursor(client, 500)},
        "search, common word": {"search": "enamelled"},
        "search, prefix of 2 letters": {"search": "en"},
        "search, 1 letter": {"search": "m"},
        "search, rare word": {"search": RARE_WORD},
        "search, part of a SKU": {"search": sku[4:9]},
        "search, part of a GTIN": {"search": gtin[4:10]},
        "search, 2 digits": {"search": "12"},
        "search, two words": {"search": "red mug"},
        "search and status": {"search": "red mug", "status": "approved"},
        "filter, status": {"status": "approved"},
        "filter, category and below": {"category": "Home > Lamps"},
        "filter, tag": {"tag": "sale"},
        "filter, brand": {"brand": "Olivar"},
        "filter, missing GTIN": {"missing": "gtin"},
        "filter, missing image": {"missing": "image"},
        "sort, price": {"sort": "price"},
        "sort, price, dearest first": {"sort": "-price"},
        "sort, name": {"sort": "name"},
    }
    found = {name: (PRODUCTS, query) for name, query in asked.items()}
    found["facets of a search"] = (f"{PRODUCTS}/facets", {"search": "red mug"})
    found["facets of everything"] = (f"{PRODUCTS}/facets", {})
    return found


async def measure_http(url: str, key: str, rounds: int) -> bool:
    missed = False
    async with httpx2.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:
        asked = await cases(client)
        times: dict[str, list[float]] = {name: [] for name in asked}
        sizes: dict[str, str] = {}
        for number in range(rounds + 1):
            for name, (path, query) in asked.items():
                began = time.perf_counter()
                answer = await client.get(path, params=query)
                elapsed = (time.perf_counter() - began) * 1000
                answer.raise_for_status()
                # The first round warms the caches.
                if number:
                    times[name].append(elapsed)
                else:
                    body = answer.json()
                    total = body.get("total", "") if "items" in body else ""
                    sizes[name] = "over 10,000" if total is None else str(total)
    print(f"{'':32}{'median':>9}{'slowest':>9}   found")
    for name, each in times.items():
        median = statistics.median(each)
        over = median > (FACETS_BAR_MS if name.startswith("facets") else BAR_MS)
        missed |= over
        print(f"{name:32}{median:6.1f} ms{max(each):6.0f} ms   {sizes[name]}{'   OVER THE BAR' if over else ''}")
    return missed


async def measure_cpu(url: str, rounds: int) -> bool:
    """Python CPU per page of 50 products, PostgreSQL's not included."""
    engine = make_engine(url)
    sessions = make_sessions(engine)
    connection = await psycopg.AsyncConnection.connect(url)

    async def page() -> str:
        async with sessions() as session, session.begin():
            return await CatalogueService(session, None).page(CatalogueFilter(), "-created_at", None, 50)

    made = await page()

    async def rows() -> str:
        async with connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(SAME_ROWS)
            fetched = await cursor.fetchall()
        await connection.commit()
        return json.dumps(fetched, default=str)

    async def text() -> str:
        async with connection.cursor() as cursor:
            await cursor.execute("SELECT %s::text", [made])
            fetched = await cursor.fetchone()
        await connection.commit()
        assert fetched is not None
        return str(fetched[0])

    spent: dict[str, list[float]] = {"page": [], "rows": [], "text": []}
    ways: dict[str, Callable[[], Awaitable[str]]] = {"page": page, "rows": rows, "text": text}
    for _ in range(rounds):
        for name, way in ways.items():
            began = time.process_time()
            for _ in range(20):
                await way()
            spent[name].append((time.process_time() - began) / 20 * 1000)
    await connection.close()
    await engine.dispose()
    page_ms, rows_ms, text_ms = (statistics.median(spent[name]) for name in ("page", "rows", "text"))
    ratio = page_ms / rows_ms
    print(f"Python CPU of a page: {page_ms:.2f} ms; psycopg's rows and json.dumps {rows_ms:.2f} ms, ratio {ratio:.2f}")
    print(f"  beside the bare fetch of that JSON as one text, {text_ms:.2f} ms: {page_ms / text_ms:.1f}")
    return ratio > CPU_BAR


async def wait_until_ready(url: str) -> None:
    async with httpx2.AsyncClient() as client:
        async with asyncio.timeout(60):
            while True:
                try:
                    await client.get(f"{url}/ping")
                    return
                except httpx2.HTTPError:
                    await asyncio.sleep(0.1)


def measure_catalogue(count: int, rounds: int) -> bool:
    folder = Path(tempfile.mkdtemp())
    server = EmbeddedPostgres(folder / "database", free_ports(1)[0])
    url, port, key = server.start(), free_ports(1)[0], secrets.token_urlsafe(16)
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "BACKEND_LOCAL_API_KEY": key,
        "BACKEND_DATA_DIR": str(folder / "backend"),
        "BACKEND_EMBEDDED_WORKER": "false",
        "LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "-m", "uvicorn", "main:app", "--port", str(port), "--log-level", "error"]
    backend: subprocess.Popen[bytes] | None = None
    try:
        upgrade_database(url)
        with psycopg.connect(url) as connection:
            began = time.perf_counter()
            load(connection, count)
            print(f"{count} products with what belongs to them, loaded in {time.perf_counter() - began:.0f} s")
        backend = subprocess.Popen([*command, "--no-access-log"], cwd=ROOT / "backend", env=environment)
        asyncio.run(wait_until_ready(f"http://127.0.0.1:{port}"))
        missed = asyncio.run(measure_http(f"http://127.0.0.1:{port}", key, rounds))
        return asyncio.run(measure_cpu(url, rounds)) or missed
    finally:
        if backend is not None:
            backend.terminate()
            backend.wait()
        server.remove()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--only", choices=["list", "import"])
    arguments = parser.parse_args()
    missed = False
    if arguments.only != "import":
        missed = measure_catalogue(arguments.products, arguments.rounds)
    if arguments.only != "list":
        script = ROOT / "benchmarks" / "catalogue_import.py"
        missed |= subprocess.run([sys.executable, str(script)], check=False).returncode != 0
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
