"""`./orchestrate exec`: the command's own exit code, and our tools first."""

import subprocess
import sys

import pytest


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "orchestrate", "exec", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


class TestExec:
    def test_exit_code_is_handed_on(self) -> None:
        assert run("sh", "-c", "exit 7").returncode == 7

    def test_options_belong_to_the_command(self) -> None:
        assert run("python", "--version").stdout.startswith("Python 3.")

    def test_python_is_that_of_the_environment(self) -> None:
        assert run("python", "-c", "import sys; print(sys.prefix)").stdout.strip() == sys.prefix

    @pytest.mark.parametrize("program", ["node", "npm", "npx"])
    def test_node_comes_from_the_environment(self, program: str) -> None:
        finished = run(program, "--version")
        assert finished.returncode == 0, finished.stderr
        assert finished.stdout.strip().lstrip("v")[0].isdigit()

    def test_unknown_program_is_exit_69(self) -> None:
        assert run("no-such-program-anywhere").returncode == 69

    def test_nothing_to_run_is_wrong_usage(self) -> None:
        assert run().returncode == 2
