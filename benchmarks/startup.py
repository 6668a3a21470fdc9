"""Start and idle cost of the whole stack: `./orchestrate exec python benchmarks/startup.py [--rounds N]`.

Each round starts PostgreSQL, the three services and the backend on throw-away data, and stops them again. The reference
in the same rounds is an empty FastAPI application on uvicorn: what any one of our five processes costs at least.
"""

import argparse
import asyncio
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx2
import psutil

from orchestrate.stack.plan import StackPlan
from orchestrate.stack.ports import PortBlock, free_ports
from orchestrate.stack.supervisor import Stack
from orchestrate.workspace import find_workspace

EMPTY = "from fastapi import FastAPI; app = FastAPI()\n@app.get('/health')\ndef health() -> None: ..."


def tree_megabytes(process: psutil.Process) -> float:
    """Proportional set size: pages that several processes share are counted once."""
    total = 0.0
    for each in [process, *process.children(recursive=True)]:
        try:
            total += each.memory_full_info().pss / 1e6
        except psutil.Error:
            continue
    return total


async def answers(url: str) -> float:
    began = time.perf_counter()
    async with httpx2.AsyncClient() as client:
        while True:
            try:
                if (await client.get(url)).status_code == 200:
                    return time.perf_counter() - began
            except httpx2.HTTPError:
                await asyncio.sleep(0.02)


async def reference_round(folder: Path) -> tuple[float, float]:
    (folder / "empty.py").write_text(EMPTY)
    port = free_ports(1)[0]
    command = [sys.executable, "-m", "uvicorn", "empty:app", "--port", str(port), "--log-level", "error"]
    process = subprocess.Popen(command, cwd=folder)
    seconds = await answers(f"http://127.0.0.1:{port}/health")
    megabytes = tree_megabytes(psutil.Process(process.pid))
    process.terminate()
    process.wait()
    return seconds, megabytes


async def stack_round(folder: Path) -> tuple[float, float]:
    plan = StackPlan(
        workspace=find_workspace(),
        ports=PortBlock.free(),
        data=folder / "backend",
        database_home=folder / "database",
        logs=folder / "logs",
        service_token=secrets.token_urlsafe(16),
        api_key=secrets.token_urlsafe(16),
        environment=dict(os.environ),
        postgres_port=free_ports(1)[0],
        throw_away=True,
        cache=folder / "cache",
    )
    stack = Stack(plan, lambda _name, _line, _trouble: None)
    began = time.perf_counter()
    await stack.start()
    seconds = time.perf_counter() - began
    await asyncio.sleep(2)
    megabytes = tree_megabytes(psutil.Process()) + sum(
        tree_megabytes(process)
        for process in psutil.process_iter()
        if "postgres" in process.name() and str(plan.postgres_port) in " ".join(process.cmdline())
    )
    await stack.stop()
    return seconds, megabytes


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    reference: list[tuple[float, float]] = []
    ours: list[tuple[float, float]] = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as name:
            reference.append(await reference_round(Path(name)))
            ours.append(await stack_round(Path(name)))
    for what, index, unit in (("start", 0, "s"), ("idle memory", 1, "MB")):
        mine = statistics.median(each[index] for each in ours)
        theirs = statistics.median(each[index] for each in reference)
        print(f"{what}: stack {mine:.2f} {unit}, one empty FastAPI {theirs:.2f} {unit}, ratio {mine / theirs:.1f}")


asyncio.run(main())
