"""The embedded model for real: loading, writing, unloading, and never outliving its parent."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from generate_description.engines.embedded import EmbeddedEngine
from generate_description.engines.llama import LlamaServer
from generate_description.engines.model_engine import EngineBusy
from generate_description.engines.prompt import build_prompt
from generate_description.generation.service import Generator
from generate_description.settings import GenerateDescriptionSettings
from shared.utils.model_store import ModelStore

STORE = ModelStore(Path(os.environ.get("MODEL_CACHE_DIR", "~/.cache/orchestrate/models")))
SMALL = "smollm2-135m"


def needs(name: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(
        not STORE.installed(name),
        reason=f"the model {name} is not on disk; `./orchestrate models pull {name}` fetches it",
    )


@pytest.mark.model
@needs("qwen2.5-1.5b")
class TestQwen:
    @pytest.mark.full
    @pytest.mark.parametrize("language", ["en", "es"])
    async def test_writes_a_listing_that_the_check_accepts(self, language: str, request_for, mug) -> None:
        # Other work on the same cores may slow it down many times; this is about what it writes.
        settings = GenerateDescriptionSettings(model_cache_dir=STORE.folder, embedded_deadline_s=550)
        generator = Generator([EmbeddedEngine(settings)])
        try:
            request = request_for(mug, name="Enamel Mug", brand="Bruma", language=language, engine="embedded")
            listing = await generator.generate(await generator.prepare(request))
        finally:
            await generator.close()
        assert listing.engine == "embedded", listing.notes
        assert listing.grounding.coverage == 1.0
        assert listing.usage.output_tokens > 0


class TestQueue:
    async def test_a_caller_who_cannot_wait_long_enough_is_told_at_once(self, tmp_path, request_for, mug) -> None:
        engine = EmbeddedEngine(GenerateDescriptionSettings(model_cache_dir=tmp_path))
        engine.in_hand = 5
        prompt = build_prompt(request_for(mug, name="Enamel Mug"), engine.task)
        with pytest.raises(EngineBusy, match="5 before it"):
            await engine.write(prompt, None, engine.typical_s * 2, None)
        assert engine.server.running is None


class TestLaziness:
    def test_without_keys_no_provider_and_no_unit_library_is_loaded(self) -> None:
        program = (
            "import sys; from generate_description.api import create_app; create_app(); "
            "print([n for n in ('openai', 'anthropic', 'pydantic_ai', 'pint', 'simplemma') if n in sys.modules])"
        )
        environment = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
        assert done.stdout.strip().splitlines()[-1] == "[]", done.stderr


@pytest.mark.model
@needs(SMALL)
class TestProcess:
    async def test_ends_when_idle_and_starts_again(self) -> None:
        server = LlamaServer(STORE.path(SMALL), threads=1, context=1024, idle_s=0.2)
        async with server.use() as first:
            assert psutil.pid_exists(first.process.pid)
        deadline = time.monotonic() + 20
        while psutil.pid_exists(first.process.pid):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
        async with server.use() as second:
            assert second.process.pid != first.process.pid
        await server.close()

    def test_dies_with_its_parent(self) -> None:
        program = textwrap.dedent(
            f"""
            import asyncio, pathlib
            from generate_description.engines.llama import LlamaServer
            async def main():
                server = LlamaServer(pathlib.Path({str(STORE.path(SMALL))!r}), threads=1, context=1024, idle_s=600)
                async with server.use() as running:
                    print("\\npid", running.process.pid, flush=True)
                    await asyncio.sleep(600)
            asyncio.run(main())
            """
        )
        parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
        assert parent.stdout is not None
        pid = next(int(line.split()[1]) for line in parent.stdout if line.startswith("pid "))
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        deadline = time.monotonic() + 20
        while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < deadline
            time.sleep(0.05)
