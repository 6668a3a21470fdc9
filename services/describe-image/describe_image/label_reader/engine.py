"""The engine `label-reader`: one image in, everything that is printed on it out."""

import time

import cv2
import numpy as np

from describe_image.errors import EngineUnavailable
from describe_image.label_reader.background import analyse
from describe_image.label_reader.barcodes import FoundBarcode, find_barcodes
from describe_image.label_reader.colors import in_language, named_colors
from describe_image.label_reader.facts.builder import FactBuilder, build_facts
from describe_image.label_reader.facts.readings import Reading, readings_of
from describe_image.label_reader.geometry import in_reading_order, to_box
from describe_image.label_reader.text_reader import MODEL_NAME, Pixels, TextReader
from describe_image.label_reader.wording import alt_text, description, wording
from describe_image.worker_pool import WorkerPool
from shared.models.describe import DescribeOptions, DescribeResponse, SeenAttribute, VisibleText
from shared.models.facts import Fact
from shared.models.health import EngineHealth
from shared.utils.images import decode_image


class LabelReader:
    """A `Describer`. Reads in the threads of `pool`."""

    name = "label-reader"

    def __init__(self, text_reader: TextReader, pool: WorkerPool, *, max_side: int) -> None:
        self.text_reader = text_reader
        self.pool = pool
        self.max_side = max_side

    def health(self) -> EngineHealth:
        missing = self.text_reader.missing()
        if missing:
            names = ", ".join(file.name for file in missing)
            return EngineHealth(name=self.name, model=MODEL_NAME, ready=False, detail=f"Model files missing: {names}.")
        detail = "Loaded." if self.text_reader.loaded else "Loads with the first image."
        return EngineHealth(name=self.name, model=MODEL_NAME, ready=True, detail=detail)

    async def load(self) -> None:
        await self.pool.run(self.text_reader.load)

    def refuse_while_starting(self) -> None:
        return

    def answer_key(self, options: DescribeOptions) -> tuple[str | None, ...]:
        # Hints and questions change nothing about what is printed; of a prompt it says that it was not used.
        return self.name, options.language, "prompted" if options.prompt is not None else None

    async def describe(self, content: bytes, options: DescribeOptions) -> DescribeResponse:
        """Raises EngineUnavailable, ImageError, ServiceBusy."""
        if self.text_reader.missing():
            raise EngineUnavailable(self.health().detail, engine=self.name)
        return await self.pool.run(lambda: self.read(content, options))

    def read(self, content: bytes, options: DescribeOptions) -> DescribeResponse:
        """Blocks for seconds. Raises ImageError."""
        started = time.perf_counter()
        decoded = decode_image(content, max_side=self.max_side)
        rgb = np.asarray(decoded.pixels, dtype=np.uint8)
        height, width = rgb.shape[:2]
        pixels: Pixels = np.ascontiguousarray(rgb[:, :, ::-1])
        lines = self.text_reader.read(pixels)
        barcodes = find_barcodes(np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), dtype=np.uint8), lines)
        scene = analyse(decoded.pixels)
        colors = in_language(named_colors(scene), options.language)

        ordered = in_reading_order(lines)
        readings = readings_of(ordered)
        builder = FactBuilder(decoded.info.sha256, width, height)
        spoken = without_barcodes(readings, barcodes)
        facts = build_facts(builder, spoken, barcodes, scene, colors)
        words = wording(options.language)
        return DescribeResponse(
            description=description(spoken, colors, words),
            alt_text=alt_text(spoken, colors, words),
            attributes=[
                SeenAttribute(name="background", value=words.backgrounds[scene.kind], confidence=0.8),
                *attributes_of(facts),
            ],
            colors=colors,
            visible_text=[
                VisibleText(
                    text=item.line.text,
                    confidence=item.line.confidence,
                    box=to_box(item.line.corners, width, height),
                )
                for rows in ordered
                for row in rows
                for item in row
            ],
            barcodes=[found.barcode for found in barcodes],
            facts=facts,
            image=decoded.info,
            engine=self.name,
            model=MODEL_NAME,
            elapsed_ms=round((time.perf_counter() - started) * 1000, 1),
            notes=[words.note] if options.prompt is None else [words.note, words.prompt_note],
        )


def without_barcodes(readings: list[Reading], barcodes: list[FoundBarcode]) -> list[Reading]:
    """What is worth saying aloud: everything but the digits below the bars."""
    return [
        reading for reading in readings if not any(found.shows(line) for found in barcodes for line in reading.lines)
    ]


def attributes_of(facts: list[Fact]) -> list[SeenAttribute]:
    return [
        SeenAttribute(
            name=fact.name, value=f"{fact.value} {fact.unit}" if fact.unit else fact.value, confidence=fact.confidence
        )
        for fact in facts
        if fact.name != "pack_text"
    ]
