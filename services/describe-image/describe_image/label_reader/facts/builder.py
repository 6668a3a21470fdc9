"""Facts of an image, each with its place and the words it was read from."""

from collections.abc import Sequence

from describe_image.label_reader.background import Scene
from describe_image.label_reader.barcodes import FoundBarcode
from describe_image.label_reader.facts.parser import Parsed, parse
from describe_image.label_reader.facts.readings import Reading
from describe_image.label_reader.facts.vocabulary import find_label
from describe_image.label_reader.geometry import TextLine, to_box, union
from shared.models.describe import Box, SeenColor
from shared.models.facts import Fact, ImageLocator, Source

COLOR_CONFIDENCE = 0.6
# A second colour is named only when it is no mere trim.
SECOND_COLOR_SHARE = 0.25
FEWEST_LEFT_OVER = 3


class FactBuilder:
    """Collects facts of one image: none twice, the surest reading wins."""

    def __init__(self, sha256: str, width: int, height: int) -> None:
        self.ref = f"sha256:{sha256}"
        self.width = width
        self.height = height
        self._facts: dict[tuple[str, str, str | None], Fact] = {}

    def facts(self) -> list[Fact]:
        return list(self._facts.values())

    def has(self, name: str) -> bool:
        return any(fact.name == name for fact in self._facts.values())

    def add(
        self, name: str, value: str, box: Box, *, quote: str | None, confidence: float, unit: str | None = None
    ) -> None:
        key = name, comparable(value), unit
        known = self._facts.get(key)
        if known is not None and known.confidence >= confidence:
            return
        source = Source(kind="image", ref=self.ref, quote=quote, locator=ImageLocator(box=box))
        fact = Fact.create(name=name, value=value, unit=unit, source=source, confidence=round(confidence, 4))
        self._facts[key] = fact

    def box_of(self, lines: Sequence[TextLine]) -> Box:
        return union([to_box(line.corners, self.width, self.height) for line in lines])

    def add_barcodes(self, barcodes: Sequence[FoundBarcode]) -> None:
        for found in barcodes:
            if not found.barcode.valid or found.barcode.box is None:
                continue
            quote = found.printed.text if found.printed else found.barcode.value
            self.add("gtin", found.gtin, found.barcode.box, quote=quote, confidence=found.confidence)

    def add_reading(self, reading: Reading) -> None:
        parsed = parse(reading.text)
        box = self.box_of(reading.lines)
        for statement in parsed.statements:
            self.add(
                statement.name,
                statement.value,
                box,
                quote=reading.text,
                confidence=reading.confidence,
                unit=statement.unit,
            )
        if says_more(parsed, reading.text):
            self.add("pack_text", reading.text, box, quote=reading.text, confidence=reading.confidence)

    def add_colors(self, scene: Scene, colors: Sequence[SeenColor]) -> None:
        """Only where the product stands out from its background, and the pack itself does not name its colour."""
        if scene.kind == "scene" or self.has("color"):
            return
        for index, color in enumerate(colors[:2]):
            if index == 0 or color.share >= SECOND_COLOR_SHARE:
                confidence = COLOR_CONFIDENCE if index == 0 else COLOR_CONFIDENCE - 0.1
                self.add("color", color.name, scene.box, quote=None, confidence=confidence)


def comparable(value: str) -> str:
    return "".join(value.casefold().split())


def says_more(parsed: Parsed, text: str) -> bool:
    """Whether the line holds more than its facts. A bare caption ("Care") says nothing."""
    if find_label(text) is not None:
        return False
    return sum(sign.isalnum() for sign in parsed.left_over(text)) >= FEWEST_LEFT_OVER or not parsed.statements


def build_facts(
    builder: FactBuilder,
    readings: Sequence[Reading],
    barcodes: Sequence[FoundBarcode],
    scene: Scene,
    colors: Sequence[SeenColor],
) -> list[Fact]:
    builder.add_barcodes(barcodes)
    for reading in readings:
        builder.add_reading(reading)
    builder.add_colors(scene, colors)
    return builder.facts()
