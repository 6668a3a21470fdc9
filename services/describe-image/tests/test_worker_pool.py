import asyncio
import threading

import pytest

from describe_image.worker_pool import WorkerPool
from shared.utils.errors import ServiceBusy


class TestRun:
    async def test_result_and_error_come_through(self):
        pool = WorkerPool(1, 0)
        assert await pool.run(lambda: 7) == 7
        with pytest.raises(ZeroDivisionError):
            await pool.run(lambda: 1 // 0)

    async def test_no_more_than_workers_at_once(self):
        pool, now, most, lock = WorkerPool(2, 10), 0, 0, threading.Lock()
        gate = threading.Event()

        def work():
            nonlocal now, most
            with lock:
                now += 1
                most = max(most, now)
            gate.wait(5)
            with lock:
                now -= 1

        tasks = [asyncio.create_task(pool.run(work)) for _ in range(5)]
        await asyncio.sleep(0.05)
        gate.set()
        await asyncio.gather(*tasks)
        assert most == 2

    async def test_the_place_of_a_caller_that_left_stays_taken_until_the_work_ends(self):
        pool, gate = WorkerPool(1, 0), threading.Event()
        task = asyncio.create_task(pool.run(lambda: gate.wait(5)))
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(ServiceBusy):
            await pool.run(lambda: None)
        gate.set()
        await asyncio.sleep(0.05)
        assert await pool.run(lambda: 1) == 1

    async def test_a_caller_that_leaves_the_queue_frees_its_place_in_it(self):
        pool, gate = WorkerPool(1, 1), threading.Event()
        running = asyncio.create_task(pool.run(lambda: gate.wait(5)))
        waiting = asyncio.create_task(pool.run(lambda: None))
        await asyncio.sleep(0.02)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert pool.waiting == 0
        pool.refuse_when_full()
        gate.set()
        await running
