"""What the service adds to its engine: `./orchestrate exec python benchmarks/describe_service.py [--rounds N]`.

Runs describe-image as a process of its own. Measures the time of an answer over HTTP against the engine's own time for
the same photo (interleaved, the cache off), how soon /health answers while eight photos are being read, and the memory.
Exits with 1 when a bar is missed.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx2
import psutil

from describe_image.label_reader.engine import LabelReader
from describe_image.label_reader.text_reader import TextReader
from describe_image.worker_pool import WorkerPool
from shared.models.describe import DescribeOptions

ROOT = Path(__file__).resolve().parent.parent
PHOTOS = sorted((ROOT / "samples" / "photos").glob("*.jpg"))
AT_ONCE = 8
PORT = 8491
HEALTH_BAR_MS = 50
MEMORY_BAR_MB = 700


def start(cache: str) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "CACHE_DIR": cache,
        "DESCRIBE_IMAGE_ANSWERS_CACHED": "0",
        "DESCRIBE_IMAGE_QUEUE_LIMIT": str(AT_ONCE),
        "DESCRIBE_IMAGE_PRELOAD": "true",
        "LOG_LEVEL": "ERROR",
        "SERVICE_TOKEN": "",
    }
    command = [sys.executable, "-m", "uvicorn", "main:app", "--port", str(PORT), "--no-access-log"]
    return subprocess.Popen(command, cwd=ROOT / "services" / "describe-image", env=environment)


async def until_ready(client: httpx2.AsyncClient) -> None:
    async with asyncio.timeout(120):
        while True:
            try:
                if (await client.get("/ping")).status_code == 200:
                    return
            except httpx2.TransportError:
                pass
            await asyncio.sleep(0.1)


async def read_over_http(client: httpx2.AsyncClient, content: bytes) -> float:
    began = time.perf_counter()
    answer = await client.post("/api/v1/describe", files={"image": ("photo.jpg", content)})
    answer.raise_for_status()
    return time.perf_counter() - began


async def health_meanwhile(client: httpx2.AsyncClient, process: psutil.Process) -> tuple[list[float], int]:
    contents = [PHOTOS[index % len(PHOTOS)].read_bytes() + bytes([index]) for index in range(AT_ONCE)]
    reading = [asyncio.create_task(read_over_http(client, content)) for content in contents]
    waits, memory = [], 0
    while not all(task.done() for task in reading):
        began = time.perf_counter()
        (await client.get("/health")).raise_for_status()
        waits.append((time.perf_counter() - began) * 1000)
        memory = max(memory, process.memory_info().rss)
        await asyncio.sleep(0.02)
    await asyncio.gather(*reading)
    return waits, memory


async def measure(rounds: int) -> int:
    reader = LabelReader(TextReader(), WorkerPool(1, 1), max_side=3072)
    await reader.load()
    with tempfile.TemporaryDirectory() as cache:
        server = start(cache)
        try:
            async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{PORT}", timeout=120, trust_env=False) as client:
                await until_ready(client)
                process = psutil.Process(server.pid)
                added, shares, pace = [], [], []
                for number in range(rounds):
                    for photo in PHOTOS:
                        # A byte behind the end of a JPEG changes nothing but its hash.
                        content = photo.read_bytes() + bytes([number % 256])
                        began = time.perf_counter()
                        answer = reader.read(content, DescribeOptions())
                        alone = time.perf_counter() - began
                        served = await read_over_http(client, content)
                        added.append((served - alone) * 1000)
                        shares.append(served / alone - 1)
                        pace.append(served / (answer.image.width * answer.image.height / 1e6))
                waits, memory = await health_meanwhile(client, process)
        finally:
            server.terminate()
            server.wait(timeout=20)
    overhead, share = statistics.median(added), statistics.median(shares)
    slowest, megabytes = max(waits), memory / 1024 / 1024
    print(f"over HTTP {statistics.median(pace):.2f} s a megapixel; the service adds {overhead:.1f} ms ({share:+.1%})")
    print(
        f"/health while {AT_ONCE} photos are read: median {statistics.median(waits):.1f} ms, slowest {slowest:.1f} ms"
    )
    print(f"memory at most {megabytes:.0f} MB")
    good = (overhead <= 10 or share <= 0.03) and slowest <= HEALTH_BAR_MS and megabytes <= MEMORY_BAR_MB
    return 0 if good else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=3)
    return asyncio.run(measure(parser.parse_args().rounds))


if __name__ == "__main__":
    sys.exit(main())
