"""`python -m describe_image.vllm_supervisor`: vLLM and this service side by side, for one container on a GPU.

vLLM lives in an environment of its own (its pins conflict with ours), so it is a child process and never imported.
A vLLM that dies is started again; meanwhile the service answers with the label reader alone. When the service ends,
or a signal comes, both end.
"""

import asyncio
import contextlib
import json
import os
import shlex
import signal
import sys
import time

import structlog

from describe_image.settings import SupervisorSettings
from shared.utils.logging import configure_logging

log = structlog.get_logger(__name__)

DEFAULT_MODEL = "Qwen/Qwen2.5-VL-7B-Instruct"
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
STABLE_AFTER_S = 300.0
STOP_GRACE_S = 15.0


def vllm_command(settings: SupervisorSettings) -> list[str]:
    """Why each flag: see the README, "On a GPU"."""
    largest = settings.max_image_tokens * 28 * 28
    command = [
        *shlex.split(settings.vllm_command), "serve", settings.model or DEFAULT_MODEL,
        "--host", "127.0.0.1",
        "--port", str(settings.vllm_port),
        "--max-model-len", str(settings.max_model_len),
        "--gpu-memory-utilization", str(settings.gpu_memory_utilization),
        "--limit-mm-per-prompt", compact({"image": 1, "video": 0}),
        "--mm-processor-kwargs", compact({"size": {"shortest_edge": 3136, "longest_edge": largest}}),
        "--structured-outputs-config", compact({"backend": "xgrammar", "disable_any_whitespace": True}),
        # Images are sent as bytes; no name is ever to be fetched by the server.
        "--allowed-media-domains", "invalid.invalid",
    ]  # fmt: skip
    return [*command, *shlex.split(settings.vllm_arguments or "")]


def compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def vllm_environment(settings: SupervisorSettings) -> dict[str, str]:
    environment = dict(os.environ)
    if settings.model_cache_dir is not None:
        environment.setdefault("HF_HOME", str(settings.model_cache_dir.expanduser() / "huggingface"))
    # Its own listener is on loopback; the service's secrets are none of its business.
    for name in ("SERVICE_TOKEN", "QWEN_API_KEY"):
        environment.pop(name, None)
    return environment


def service_command(settings: SupervisorSettings) -> list[str]:
    return [sys.executable, "-m", "uvicorn", "main:app", "--host", "0.0.0.0", "--port", str(settings.port)]  # noqa: S104


async def start(command: list[str], environment: dict[str, str]) -> asyncio.subprocess.Process:
    # A group of its own: vLLM has children, and all of them must end.
    return await asyncio.create_subprocess_exec(*command, env=environment, start_new_session=True)


async def end(process: asyncio.subprocess.Process) -> None:
    for number, grace in ((signal.SIGTERM, STOP_GRACE_S), (signal.SIGKILL, None)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), grace)
            break


async def keep_running(settings: SupervisorSettings) -> None:
    """Until cancelled."""
    pause = FIRST_PAUSE_S
    while True:
        started = time.monotonic()
        process = await start(vllm_command(settings), vllm_environment(settings))
        try:
            code = await process.wait()
        finally:
            await end(process)
        lasted = time.monotonic() - started
        pause = FIRST_PAUSE_S if lasted > STABLE_AFTER_S else min(LONGEST_PAUSE_S, pause * 2)
        log.error("vllm_ended", code=code, lasted_s=round(lasted, 1), next_try_s=pause)
        await asyncio.sleep(pause)


async def supervise(settings: SupervisorSettings) -> int:
    """The exit code of the service, or 0 after a signal."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    keeper = asyncio.create_task(keep_running(settings))
    environment = {**os.environ, "QWEN_BASE_URL": f"http://127.0.0.1:{settings.vllm_port}/v1"}
    service = await start(service_command(settings), environment)
    waiting = {asyncio.create_task(service.wait()), asyncio.create_task(stopped.wait()), keeper}
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if keeper.done():
            # vLLM could not even be called: say so, and end with it, so that a container platform sees it.
            log.critical("vllm_not_started", error=str(keeper.exception()))
            return 1
        return service.returncode or 0
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(end(service), *waiting, return_exceptions=True)


def main() -> None:
    configure_logging("describe-image-supervisor", "INFO", "auto")
    raise SystemExit(asyncio.run(supervise(SupervisorSettings())))


if __name__ == "__main__":
    main()
