"""The supervisor with a stand-in for vLLM: a real process that speaks its protocol, started, killed and ended."""

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import psutil
import pytest

from describe_image.settings import SupervisorSettings
from describe_image.vllm_supervisor import vllm_command, vllm_environment

SERVICE = Path(__file__).parents[1]

STAND_IN = """
import json, os, pathlib, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

arguments = sys.argv[1:]
folder = pathlib.Path(os.environ["STAND_IN_FOLDER"])
with (folder / "starts").open("a") as file:
    print(json.dumps({"pid": os.getpid(), "arguments": arguments, "token": os.environ.get("SERVICE_TOKEN")}), file=file)

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"object": "list", "data": [{"id": arguments[1], "object": "model", "created": 1,
                                                       "owned_by": "x"}]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.send_error(400)

    def log_message(self, *_):
        pass

HTTPServer(("127.0.0.1", int(arguments[arguments.index("--port") + 1])), Handler).serve_forever()
"""


class Supervised:
    def __init__(self, process: subprocess.Popen[bytes], url: str, folder: Path) -> None:
        self.process = process
        self.url = url
        self.folder = folder

    def starts(self) -> list[dict]:
        path = self.folder / "starts"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def engine(self) -> dict:
        try:
            return httpx2.get(f"{self.url}/health", timeout=5).json()["engines"][0]
        except httpx2.HTTPError:
            return {"ready": False, "detail": "the service does not answer"}

    def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < end, (self.starts(), self.engine(), self.process.poll())
            time.sleep(0.05)


@pytest.fixture
def supervised(tmp_path: Path, unused_port: Callable[[], int]) -> Iterator[Supervised]:
    stand_in = tmp_path / "stand_in.py"
    stand_in.write_text(STAND_IN)
    port = unused_port()
    environment = {
        **os.environ,
        "PYTHONPATH": str(SERVICE),
        "CACHE_DIR": str(tmp_path / "cache"),
        "QWEN_VLLM_COMMAND": f"{sys.executable} {stand_in}",
        "QWEN_VLLM_PORT": str(unused_port()),
        "QWEN_MODEL": "org/vision",
        "PORT": str(port),
        "SERVICE_TOKEN": "",
        "ALLOW_UNAUTHENTICATED": "true",
        "STAND_IN_FOLDER": str(tmp_path),
    }
    process = subprocess.Popen([sys.executable, "-m", "describe_image.vllm_supervisor"], cwd=SERVICE, env=environment)
    try:
        yield Supervised(process, f"http://127.0.0.1:{port}", tmp_path)
    finally:
        process.terminate()
        process.wait(timeout=40)


class TestSupervisor:
    def test_the_service_finds_the_model_that_it_starts(self, supervised: Supervised) -> None:
        supervised.until(lambda: supervised.engine()["ready"])
        assert supervised.engine()["model"] == "org/vision"

    def test_a_model_server_that_dies_is_started_again(self, supervised: Supervised) -> None:
        supervised.until(lambda: supervised.engine()["ready"])
        os.kill(supervised.starts()[0]["pid"], signal.SIGKILL)
        supervised.until(lambda: len(supervised.starts()) == 2)
        assert supervised.process.poll() is None

    def test_a_signal_ends_both(self, supervised: Supervised) -> None:
        supervised.until(lambda: supervised.engine()["ready"])
        children = psutil.Process(supervised.process.pid).children(recursive=True)
        supervised.process.terminate()
        assert supervised.process.wait(timeout=40) == 0
        _, alive = psutil.wait_procs(children, timeout=20)
        assert alive == []

    def test_a_service_that_dies_ends_it(self, supervised: Supervised) -> None:
        supervised.until(lambda: supervised.engine()["ready"])
        children = psutil.Process(supervised.process.pid).children()
        service = next(child for child in children if "uvicorn" in child.cmdline())
        service.kill()
        supervised.process.wait(timeout=40)
        _, alive = psutil.wait_procs(children, timeout=20)
        assert alive == []


class TestCommand:
    def test_the_flags_that_matter(self) -> None:
        settings = SupervisorSettings(model="Qwen/Qwen2.5-VL-3B-Instruct", vllm_arguments="--quantization awq_marlin")
        command = vllm_command(settings)
        pairs = dict(itertools.pairwise(command))
        assert pairs["serve"] == "Qwen/Qwen2.5-VL-3B-Instruct"
        assert pairs["--max-model-len"] == "8192"
        assert json.loads(pairs["--limit-mm-per-prompt"]) == {"image": 1, "video": 0}
        assert json.loads(pairs["--mm-processor-kwargs"])["size"] == {"shortest_edge": 3136, "longest_edge": 1003520}
        assert json.loads(pairs["--structured-outputs-config"])["disable_any_whitespace"] is True
        assert pairs["--host"] == "127.0.0.1"
        assert command[-2:] == ["--quantization", "awq_marlin"]

    def test_it_learns_no_secret(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SERVICE_TOKEN", "secret")
        monkeypatch.setenv("QWEN_API_KEY", "secret")
        environment = vllm_environment(SupervisorSettings(model_cache_dir="/models"))
        assert "secret" not in environment.values()
        assert environment["HF_HOME"] == "/models/huggingface"
