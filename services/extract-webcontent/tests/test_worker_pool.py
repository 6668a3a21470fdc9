"""Reading processes that die, hang or are busy; the pool goes on."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from extract_webcontent.errors import PageTooComplex, ReadingTimeout
from extract_webcontent.workers.frames import ReadJob
from extract_webcontent.workers.pool import Worker, WorkerLimits, WorkerPool
from shared.utils.errors import ServiceBusy

JOB = ReadJob(url=None, ref="html", content_type=None, want_main_text=False, is_utf8=True)
PAGE = b"<h1>Mug</h1><p class=price>12,90 EUR</p>"


@pytest.fixture
async def pool():
    made = WorkerPool(1, WorkerLimits(memory_mb=1024, cpu_s=5, timeout_s=20, max_pages=3), queue_limit=2)
    made.open()
    yield made
    await made.close()


def processes(pool: WorkerPool) -> list[Worker]:
    return list(pool._alive)


class TestWorkerPool:
    async def test_replaces_a_process_after_its_pages(self, pool):
        await pool.read(JOB, PAGE)
        first = processes(pool)[0].process.pid
        for _ in range(3):
            await pool.read(JOB, PAGE)
        assert processes(pool)[0].process.pid != first

    async def test_a_killed_process_is_replaced(self, pool):
        await pool.read(JOB, PAGE)
        os.kill(processes(pool)[0].process.pid, signal.SIGKILL)
        results = await asyncio.gather(*(pool.read(JOB, PAGE) for _ in range(2)), return_exceptions=True)
        assert all(isinstance(result, PageTooComplex) or result.product for result in results)
        assert (await pool.read(JOB, PAGE)).product is not None

    async def test_a_process_that_hangs_is_killed(self, pool):
        await pool.read(JOB, PAGE)
        worker = processes(pool)[0]
        os.kill(worker.process.pid, signal.SIGSTOP)
        pool.limits = WorkerLimits(memory_mb=1024, cpu_s=5, timeout_s=0.3, max_pages=3)
        with pytest.raises(ReadingTimeout):
            await pool.read(JOB, PAGE)
        pool.limits = WorkerLimits(memory_mb=1024, cpu_s=5, timeout_s=20, max_pages=3)
        assert (await pool.read(JOB, PAGE)).product is not None
        assert worker.process.returncode is not None

    async def test_a_cancelled_read_leaves_no_half_answer_behind(self, pool):
        await pool.read(JOB, PAGE)
        os.kill(processes(pool)[0].process.pid, signal.SIGSTOP)
        task = asyncio.create_task(pool.read(JOB, PAGE))
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        other = b"<h1>Teapot</h1><p class=price>30,00 EUR</p>"
        result = await pool.read(JOB, other)
        assert result.product is not None
        assert result.product.name == "Teapot"

    async def test_too_many_waiting_pages_are_refused(self, pool):
        await pool.read(JOB, PAGE)
        results = await asyncio.gather(*(pool.read(JOB, PAGE) for _ in range(20)), return_exceptions=True)
        assert any(isinstance(result, ServiceBusy) for result in results)
        assert any(not isinstance(result, BaseException) for result in results)

    async def test_the_process_sees_no_secrets(self, pool, monkeypatch):
        monkeypatch.setenv("SERVICE_TOKEN", "secret")
        worker = await Worker.start(pool.limits)
        environment = Path(f"/proc/{worker.process.pid}/environ").read_bytes()
        await worker.kill()
        assert b"SERVICE_TOKEN" not in environment
