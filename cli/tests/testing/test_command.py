import asyncio
import os
from pathlib import Path

import psutil
import pytest

from orchestrate.stack.reaping import Reaper
from orchestrate.testing.command import WrongUsage, run_tests
from orchestrate.testing.commands import run_command, summary_line
from orchestrate.workspace import find_workspace


class TestSummaryLine:
    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ("\x1b[32m===== \x1b[1m12 passed\x1b[0m, 1 skipped in 3.21s =====\x1b[0m", "12 passed, 1 skipped in 3.21s"),
            ("Success: no issues found in 44 source files", "Success: no issues found in 44 source files"),
            ("Contracts: 11 kept, 0 broken.", "Contracts: 11 kept, 0 broken."),
            ("      Tests  31 passed (31)", "Tests  31 passed (31)"),
            ("tests/test_a.py ....", None),
        ],
    )
    def test_runners_words_are_recognised(self, line: str, expected: str | None) -> None:
        assert summary_line(line) == expected


class TestRunCommand:
    async def test_exit_code_output_and_summary(
        self, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path
    ) -> None:
        reaper = Reaper()
        script = "echo working; echo 1 failed; echo a test; echo 3 passed; exit 4"
        outcome = await run_command(["sh", "-c", script], tmp_path, os.environ, reaper)
        reaper.close()
        assert (outcome.returncode, outcome.summary) == (4, "1 failed; 3 passed")
        assert capfdbinary.readouterr().out == b"working\n1 failed\na test\n3 passed\n"

    async def test_interrupt_ends_it_with_all_that_it_started(self, tmp_path: Path) -> None:
        reaper = Reaper()
        command = ["sh", "-c", "sleep 600 & echo $! > pid; wait"]
        running = asyncio.create_task(run_command(command, tmp_path, os.environ, reaper))
        async with asyncio.timeout(20):
            while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():
                await asyncio.sleep(0.05)
        helper = int((tmp_path / "pid").read_text())
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        reaper.close()
        async with asyncio.timeout(20):
            while psutil.pid_exists(helper) and psutil.Process(helper).status() != psutil.STATUS_ZOMBIE:
                await asyncio.sleep(0.05)


class TestRunTests:
    async def test_unknown_part_is_refused_with_those_that_exist(self) -> None:
        with pytest.raises(WrongUsage) as refusal:
            await run_tests(find_workspace(), full=False, only=["everything"])
        assert "lint" in (refusal.value.hint or "")
