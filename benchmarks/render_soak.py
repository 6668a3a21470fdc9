"""Many pages through the browser, by the service's own code: CPU-seconds a page, memory over time, failures.

    ./orchestrate exec python benchmarks/render_soak.py [--pages 1000] [--renderer playwright|selenium]

The page is a small shop app on loopback: a script fetches the product as JSON and builds the page from it. Counted is
the CPU time of all that works for it: this process (renderer, proxy, the page's server), the driver and the browsers.
Bars: at most 0.35 CPU-seconds a page, no failure, and memory that is flat: the last quarter of the pages stays within
15 % and 40 MB of the second.
"""

import argparse
import asyncio
import contextlib
import json
import statistics
import sys
import time
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "services" / "extract-webcontent"))

from extract_webcontent.browser.choice import choose_renderer
from extract_webcontent.settings import Settings
from shared.utils.logging import configure_logging
from shared.utils.outbound import OutboundPolicy

BAR_CPU_S = 0.35
PRODUCT = {
    "name": "Blue enamel mug",
    "price": "12.90 EUR",
    "description": "A mug for the camp fire and for the kitchen table. " * 8,
    "specifications": {f"Property {number}": f"{number * 7} mm" for number in range(30)},
}
SHELL = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
<link rel="stylesheet" href="/style.css"></head>
<body><div id="root"></div><script src="/app.js"></script></body></html>"""
STYLE = "body{font:16px sans-serif;display:grid;gap:1em}" + "".join(
    f".c{number}{{padding:{number % 9}px;color:#{number % 10}{number % 7}3}}" for number in range(300)
)
APP = """
const tag = (name, text, kind) => {
  const made = document.createElement(name); made.textContent = text; if (kind) made.className = kind; return made;
};
async function start() {
  const product = await (await fetch('/product.json')).json();
  const root = document.getElementById('root');
  document.title = product.name;
  root.append(tag('h1', product.name), tag('p', product.price, 'price'), tag('p', product.description, 'description'));
  const table = document.createElement('table');
  for (const [name, value] of Object.entries(product.specifications)) {
    const row = document.createElement('tr'); row.append(tag('th', name), tag('td', value)); table.append(row);
  }
  root.append(table);
  for (let number = 0; number < 40; number++) {
    const image = document.createElement('img'); image.src = '/photo-' + number + '.jpg'; root.append(image);
  }
}
start();
"""
ANSWERS = {
    "/": (SHELL, "text/html; charset=utf-8"),
    "/style.css": (STYLE, "text/css"),
    "/app.js": (APP, "text/javascript"),
    "/product.json": (json.dumps(PRODUCT), "application/json"),
}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        head = await reader.readuntil(b"\r\n\r\n")
        text, kind = ANSWERS.get(head.split(b" ", 2)[1].decode(), ("", "text/plain"))
        status = "200 OK" if text else "404 Not Found"
        body = text.encode()
        writer.write(
            f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
            "Connection: close\r\n\r\n".encode()
            + body
        )
        await writer.drain()
    writer.close()


def look() -> tuple[float, int]:
    """CPU time and memory of this process and all that descend from it.

    The time of those that have ended is in that of the one who waited for them: each page has a renderer process, and
    the browser's zygote buries it. What processes share is counted once.
    """
    cpu_s, private, shared = 0.0, 0, 0
    me = psutil.Process()
    for process in [me, *me.children(recursive=True)]:
        with contextlib.suppress(psutil.Error):
            times, memory = process.cpu_times(), process.memory_info()
            cpu_s += times.user + times.system + times.children_user + times.children_system
            private += memory.rss - memory.shared
            shared = max(shared, memory.shared)
    return cpu_s, private + shared


async def soak(pages: int, renderer_name: str, concurrency: int) -> bool:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings = Settings(renderer=renderer_name, render_concurrency=concurrency, render_queue_limit=pages)
    renderer = choose_renderer(settings, OutboundPolicy(allow=frozenset({f"127.0.0.1:{port}"})))
    await renderer.open()
    url = f"http://127.0.0.1:{port}/"
    failures: list[str] = []
    memory: list[int] = []
    times: list[float] = []

    async def one() -> None:
        started = time.monotonic()
        try:
            page = await renderer.render(url, timeout_s=30)
            if "Property 29" not in page.html:
                failures.append("the page is not complete")
        except Exception as error:
            failures.append(f"{type(error).__name__}: {error}")
        times.append(time.monotonic() - started)

    # The start of the browsers is not the page's cost.
    await asyncio.gather(*(one() for _ in range(concurrency)))
    times.clear()
    cpu_s, begun = look()[0], time.monotonic()
    spent_s, counted = 0.0, 0
    done = 0
    while done < pages:
        batch = min(20, pages - done)
        turns = asyncio.Semaphore(concurrency)

        async def taking_turns(turns: asyncio.Semaphore = turns) -> None:
            async with turns:
                await one()

        await asyncio.gather(*(taking_turns() for _ in range(batch)))
        done += batch
        before, (cpu_s, megabytes) = cpu_s, look()
        memory.append(megabytes)
        # Where a browser was replaced, its time went with it: those pages are left out of the mean.
        if cpu_s > before:
            spent_s, counted = spent_s + cpu_s - before, counted + batch
        if done % 100 < 20:
            print(
                f"{done:6,} pages  {spent_s / max(1, counted):.3f} CPU-s a page"
                f"  {megabytes / 2**20:6.0f} MB  {len(failures)} failures"
            )
    seconds = time.monotonic() - begun
    cpu_a_page = spent_s / max(1, counted)
    await renderer.close()
    server.close()

    quarter = max(1, len(memory) // 4)
    early, late = statistics.median(memory[quarter : 2 * quarter] or memory), statistics.median(memory[-quarter:])
    is_flat = late <= early * 1.15 or late - early <= 40 * 2**20
    print(
        f"\n{pages:,} pages by {renderer_name}, {concurrency} at a time, in {seconds:.0f} s:"
        f" {cpu_a_page:.3f} CPU-s a page (bar {BAR_CPU_S}), median {statistics.median(times):.2f} s,"
        f" {len(failures)} failures\n"
        f"memory: second quarter {early / 2**20:.0f} MB, last quarter {late / 2**20:.0f} MB,"
        f" highest {max(memory) / 2**20:.0f} MB: {'flat' if is_flat else 'GROWING'}"
    )
    for failure in sorted(set(failures)):
        print("  ", failures.count(failure), "×", failure)
    bar_holds = cpu_a_page <= BAR_CPU_S or renderer_name == "selenium"
    return bar_holds and is_flat and not failures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--renderer", choices=["playwright", "selenium"], default="playwright")
    parser.add_argument("--concurrency", type=int, default=2)
    arguments = parser.parse_args()
    configure_logging("render-soak", "WARNING", "auto")
    if not asyncio.run(soak(arguments.pages, arguments.renderer, arguments.concurrency)):
        sys.exit(1)


if __name__ == "__main__":
    main()
