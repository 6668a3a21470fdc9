"""The pieces of the engine by themselves."""

import asyncio
import math
import stat
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image
from prometheus_client import CollectorRegistry, generate_latest

from describe_image.answers import AnswerCache
from describe_image.combined import merged_facts
from describe_image.vision_model.answer import SeenProduct, is_known, is_repetitive, without_unknown
from describe_image.vision_model.confidence import HIGHEST, UNMEASURED, Confidences
from describe_image.vision_model.gpu import GpuCollector
from describe_image.vision_model.pixels import TOKEN_SIDE, budgeted_size, prepare
from describe_image.vision_model.prompt import build_prompt
from shared.models.describe import DescribeOptions, DescribeResponse, ImageInfo
from shared.models.facts import Fact, ImageLocator, Source
from shared.utils.errors import InternalError


class TestBudget:
    @given(st.integers(1, 20_000), st.integers(1, 20_000), st.integers(4, 16_384))
    @example(30, 90, 4)
    @example(1, 20_000, 5)
    def test_always_within_the_budget_and_of_whole_tokens(self, width: int, height: int, tokens: int) -> None:
        columns, rows = (side // TOKEN_SIDE for side in budgeted_size(width, height, tokens))
        assert 4 <= columns * rows <= tokens
        assert columns >= 1
        assert rows >= 1

    def test_a_small_photo_is_not_blown_up(self) -> None:
        assert budgeted_size(280, 560, 1280) == (280, 560)

    def test_twelve_megapixels(self) -> None:
        width, height = budgeted_size(4000, 3000, 1280)
        assert 1200 <= width * height / TOKEN_SIDE**2 <= 1280
        assert width / height == pytest.approx(4 / 3, rel=0.03)

    def test_turned_as_exif_says_and_without_it(self) -> None:
        image = Image.new("RGB", (600, 300), "red")
        exif = Image.Exif()
        exif[0x0112] = 6
        exif[0x010F] = "Camera of somebody"
        buffer = BytesIO()
        image.save(buffer, "JPEG", exif=exif)
        sent = prepare(buffer.getvalue(), 1280)
        shown = Image.open(BytesIO(sent.content))
        assert shown.height > shown.width
        assert b"Camera" not in sent.content
        assert (sent.info.width, sent.info.height) == (300, 600)


class TestConfidence:
    def entries(self, *tokens: tuple[str, float]) -> list[dict]:
        return [{"token": token, "logprob": math.log(probability)} for token, probability in tokens]

    def test_the_mean_over_the_values_own_tokens(self) -> None:
        sure = Confidences.of(self.entries(('{"a": "', 0.1), ("ste", 0.9), ("el", 0.4), ('"}', 0.1)))
        assert sure.of_value("steel") == pytest.approx(0.6)

    def test_nothing_measured(self) -> None:
        assert Confidences.of(None).of_value("steel") == UNMEASURED
        assert Confidences.of(self.entries(('"wood"', 0.2))).of_value("steel") == UNMEASURED
        assert Confidences.of([]).of_value("") == UNMEASURED

    def test_never_certain(self) -> None:
        assert Confidences.of(self.entries(('"steel"', 1.0))).of_value("steel") == HIGHEST

    @given(st.lists(st.tuples(st.text(max_size=6), st.floats(-1e9, 5)), max_size=30), st.text(max_size=20))
    def test_always_a_confidence(self, tokens: list[tuple[str, float]], value: str) -> None:
        entries = [{"token": token, "logprob": logprob} for token, logprob in tokens]
        assert 0 <= Confidences.of(entries).of_value(value) <= HIGHEST


class TestAnswer:
    @pytest.mark.parametrize("words", ["unknown", "Unknown.", "N/A", "", "  ", "no visible", "Desconocido"])
    def test_ways_not_to_know(self, words: str) -> None:
        assert not is_known(words)

    @pytest.mark.parametrize("words", ["Nylon", "none of the lids", "0", "ñ"])
    def test_words_that_only_look_like_it(self, words: str) -> None:
        assert is_known(words)

    def test_circles(self) -> None:
        assert is_repetitive("a blue mug and " * 12)
        assert not is_repetitive("A cylindrical mug with a round handle stands on a plain white ground in soft light.")

    def test_nothing_twice(self) -> None:
        seen = SeenProduct(
            text=["A", "A", "unknown"], product_type="unknown", materials=["steel", "steel"], contents=["none"],
            attributes=[{"name": "Lid", "value": "n/a"}, {"name": "shape", "value": "round"}], description="d",
            alt_text="a",
        )  # fmt: skip
        kept = without_unknown(seen)
        assert (kept.text, kept.product_type, kept.materials, kept.contents) == (["A"], "", ["steel"], [])
        assert [detail.name for detail in kept.attributes] == ["shape"]


class TestPrompt:
    @pytest.mark.parametrize("language", ["en", "es", "pt-BR", "zh-Hant", "xx", "qqq"])
    def test_any_language(self, language: str) -> None:
        assert f"({language})" in build_prompt(DescribeOptions(language=language)).system


def seen_fact(name: str, value: str, quote: str | None = None) -> Fact:
    locator = ImageLocator(box=(0, 0, 1, 1))
    source = Source(kind="image", ref="sha256:" + "0" * 64, quote=quote, locator=locator)
    return Fact.create(name=name, value=value, source=source, confidence=0.6)


class TestMergedFacts:
    def test_a_line_that_the_reader_has_is_the_readers(self) -> None:
        read = [seen_fact("pack_text", "Extra Virgin Olive Oil", "Extra Virgin Olive Oil")]
        facts, unconfirmed = merged_facts(read, [seen_fact("pack_text", "EXTRA VIRGIN OLIVE OIL", "x")])
        assert (facts, unconfirmed) == (read, 0)

    def test_a_number_that_nobody_else_read(self) -> None:
        facts, unconfirmed = merged_facts([], [seen_fact("pack_text", "500 ml", "500 ml")])
        assert (facts, unconfirmed) == ([], 1)

    def test_words_that_the_reader_missed(self) -> None:
        facts, _ = merged_facts([], [seen_fact("pack_text", "Handmade", "Handmade")])
        assert [fact.value for fact in facts] == ["Handmade"]

    def test_what_the_pack_names_the_model_need_not_guess(self) -> None:
        read = [seen_fact("material", "Steel", "Material: Steel")]
        facts, _ = merged_facts(read, [seen_fact("material", "aluminium")])
        assert facts == read


class TestAnswerCache:
    def answer(self, number: int) -> DescribeResponse:
        info = ImageInfo(width=1, height=1, format="PNG", sha256="0" * 64, bytes=1)
        return DescribeResponse(description=str(number), alt_text="", image=info, engine="x", elapsed_ms=0)

    async def test_a_failure_is_not_remembered(self) -> None:
        cache = AnswerCache(10)
        calls = 0

        async def make() -> DescribeResponse:
            nonlocal calls
            calls += 1
            if calls == 1:
                raise InternalError("once")
            return self.answer(calls)

        with pytest.raises(InternalError):
            await cache.get("a", make)
        assert (await cache.get("a", make)).description == "2"

    async def test_one_of_several_may_leave(self) -> None:
        cache = AnswerCache(10)
        go = asyncio.Event()

        async def make() -> DescribeResponse:
            await go.wait()
            return self.answer(1)

        first, second = (asyncio.create_task(cache.get("a", make)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(0)
        go.set()
        assert (await second).description == "1"
        assert first.cancelled()

    async def test_when_the_last_one_leaves_the_work_ends(self) -> None:
        cache = AnswerCache(10)
        ended = asyncio.Event()

        async def make() -> DescribeResponse:
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()
            raise AssertionError

        task = asyncio.create_task(cache.get("a", make))
        await asyncio.sleep(0.01)
        task.cancel()
        async with asyncio.timeout(5):
            await ended.wait()

        async def quick() -> DescribeResponse:
            return self.answer(2)

        assert (await cache.get("a", quick)).description == "2"

    async def test_the_oldest_goes(self) -> None:
        cache = AnswerCache(2)
        made: list[int] = []

        async def ask(number: int) -> None:
            async def make() -> DescribeResponse:
                made.append(number)
                return self.answer(number)

            await cache.get(number, make)

        for number in (1, 2, 1, 3, 1, 2):
            await ask(number)
        assert made == [1, 2, 3, 2]


class TestGpu:
    def command(self, folder: Path, script: str) -> str:
        path = folder / "nvidia-smi"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return str(path)

    def text(self, command: str) -> str:
        registry = CollectorRegistry()
        registry.register(GpuCollector(command))
        return generate_latest(registry).decode()

    def test_what_the_driver_says(self, tmp_path: Path) -> None:
        text = self.text(self.command(tmp_path, "echo '0, 1024, 24576, 50'"))
        assert 'gpu_memory_used_bytes{gpu="0"} 1.073741824e+09' in text
        assert 'gpu_utilization_ratio{gpu="0"} 0.5' in text

    @pytest.mark.parametrize("script", ["exit 9", "echo '[N/A], x'", "exec sleep 30"])
    def test_a_driver_in_trouble_costs_no_metrics(self, tmp_path: Path, script: str) -> None:
        assert "gpu_memory_used_bytes{" not in self.text(
            self.command(tmp_path, f"exec {script}" if "sleep" in script else script)
        )
