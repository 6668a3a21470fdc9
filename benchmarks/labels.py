"""How well labels are read: `./orchestrate exec python benchmarks/labels.py [--url URL --engine NAME] [--count N]`.

Renders packs with known text and EAN, half of them as a careful photographer takes them, half as people do: turned,
tilted, blurred, with glare, badly compressed. Asks the embedded label reader, or any engine of a running service
(SERVICE_TOKEN is sent as bearer where it is set). Exits with 1 when a bar is missed.
"""

import argparse
import base64
import os
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import httpx2
import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from rapidfuzz import fuzz

from describe_image.label_reader.engine import LabelReader
from describe_image.label_reader.text_reader import TextReader
from describe_image.worker_pool import WorkerPool
from shared.models.describe import DescribeOptions, DescribeResponse

WORDS = [
    "NORDIKA", "Brennholm", "Olivar", "Halvora", "Kestrel", "Tostadero", "Torvik", "Lanamar", "Caldera", "Peque",
    "Montes", "Aldea", "Zafra", "Ribera",
]  # fmt: skip
NAMES = [
    "Enamel Mug", "Extra Virgin Olive Oil", "Desk Lamp", "Crema de manos", "Whole Bean Coffee", "Merino T-shirt",
    "Café molido natural", "Puzzle de madera", "Hiking Backpack", "Jabón de oliva", "Cordless Drill",
    "Té verde ecológico",
]  # fmt: skip
DETAILS = [
    "Material: Enamelled steel", "Made in Spain", "Hecho en Portugal", "Ingredients: oats, honey, salt",
    "Keep away from direct sunlight", "Hand wash only", "Contenido neto 500 ml", "100 % cotton", "Best before: see lid",
    "Sin gluten", "Power: 9 W", "Recommended age 3+",
]  # fmt: skip
CONTENTS = ["250 g", "330 ml", "500 ml", "1 kg", "0.75 l", "12 x 33 cl", "1,5 l", "75 ml"]
BARS = {"EAN on sharp packs": 0.95, "EAN on all packs": 0.80, "text on sharp packs": 0.97}
SIDE = 1100


@dataclass(frozen=True, slots=True)
class Pack:
    difficulty: str
    content: bytes
    lines: list[str]
    gtin: str
    megapixels: float


def gtin13(chance: random.Random) -> str:
    body = "2" + "".join(str(chance.randrange(10)) for _ in range(11))
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(body))
    return body + str(-total % 10)


def draw(chance: random.Random) -> tuple[Image.Image, list[str], str]:
    dark = chance.random() < 0.3
    ground = tuple(chance.randrange(20, 90) if dark else chance.randrange(190, 256) for _ in range(3))
    ink = "white" if dark else tuple(chance.randrange(0, 60) for _ in range(3))
    image = Image.new("RGB", (SIDE, SIDE), tuple(chance.randrange(200, 256) for _ in range(3)))
    painter = ImageDraw.Draw(image)
    painter.rounded_rectangle((110, 50, 990, 1050), 24, fill=ground)
    lines = [chance.choice(WORDS), chance.choice(NAMES), chance.choice(CONTENTS), *chance.sample(DETAILS, 3)]
    y = 90
    for index, line in enumerate(lines):
        size = (86, 58, 48, 34, 30, 28)[index]
        painter.text((160, y), line, fill=ink, font=ImageFont.load_default(size))
        y += round(size * 1.55)
    gtin = gtin13(chance)
    code = zxingcpp.create_barcode(gtin, zxingcpp.BarcodeFormat.EAN13)
    bars = Image.fromarray(np.asarray(code.to_image(scale=4, add_quiet_zones=True))).convert("RGB")
    image.paste(bars, (160, 1010 - bars.height - 50))
    painter.rectangle((160, 960, 160 + bars.width, 1005), fill="white")
    painter.text((180, 964), gtin, fill="black", font=ImageFont.load_default(34))
    return image, lines, gtin


def tilted(image: Image.Image, chance: random.Random, strength: float) -> Image.Image:
    """Seen from the side: the corners move by up to `strength` of the width."""
    reach = strength * SIDE
    corners = [(0, 0), (0, SIDE), (SIDE, SIDE), (SIDE, 0)]
    moved = [(x + chance.uniform(-reach, reach), y + chance.uniform(-reach, reach)) for x, y in corners]
    rows = []
    for (x, y), (u, v) in zip(corners, moved, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    solved = np.linalg.solve(np.array(rows, dtype=float), np.array(moved, dtype=float).ravel())
    return image.transform(
        (SIDE, SIDE), Image.Transform.PERSPECTIVE, solved, Image.Resampling.BICUBIC, fillcolor="gray"
    )


def with_glare(image: Image.Image, chance: random.Random) -> Image.Image:
    light = Image.new("L", image.size, 0)
    x, y, radius = chance.randrange(200, 900), chance.randrange(100, 600), chance.randrange(120, 260)
    ImageDraw.Draw(light).ellipse((x - radius, y - radius // 3, x + radius, y + radius // 3), fill=150)
    return Image.composite(Image.new("RGB", image.size, "white"), image, light.filter(ImageFilter.GaussianBlur(40)))


def turned(image: Image.Image, degrees: float) -> Image.Image:
    return image.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="gray")


def encode(image: Image.Image, quality: int) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


SHARP: dict[str, Callable[[Image.Image, random.Random], tuple[Image.Image, int]]] = {
    "straight": lambda image, chance: (image, 92),
    "slightly turned": lambda image, chance: (turned(image, chance.uniform(-4, 4)), 90),
}
HARD: dict[str, Callable[[Image.Image, random.Random], tuple[Image.Image, int]]] = {
    "turned": lambda image, chance: (turned(image, chance.choice([-1, 1]) * chance.uniform(8, 25)), 85),
    "tilted": lambda image, chance: (tilted(image, chance, 0.08), 85),
    "blurred": lambda image, chance: (image.filter(ImageFilter.GaussianBlur(chance.uniform(1.2, 2.2))), 80),
    "glare": lambda image, chance: (with_glare(image, chance), 85),
    "compressed": lambda image, chance: (image.resize((700, 700), Image.Resampling.LANCZOS), 30),
}


def packs(count: int, seed: int) -> Iterator[Pack]:
    chance = random.Random(seed)
    for index in range(count):
        group = SHARP if index < count // 2 else HARD
        difficulty = list(group)[index % len(group)]
        image, lines, gtin = draw(chance)
        image, quality = group[difficulty](image, chance)
        yield Pack(difficulty, encode(image, quality), lines, gtin, image.width * image.height / 1e6)


def similarity(lines: list[str], answer: DescribeResponse) -> float:
    """The mean over the printed lines of how near what was read comes, in any line or in all of them joined."""
    read = [each.text for each in answer.visible_text] or [fact.value for fact in answer.facts]
    joined = " ".join(read)
    return statistics.mean(
        max([fuzz.ratio(line, each) for each in read] + [fuzz.partial_ratio(line, joined)], default=0) / 100
        for line in lines
    )


def embedded() -> Callable[[bytes], DescribeResponse]:
    reader = LabelReader(TextReader(), WorkerPool(1, 1), max_side=3072)
    return lambda content: reader.read(content, DescribeOptions())


def of_service(url: str, engine: str) -> Callable[[bytes], DescribeResponse]:
    token = os.environ.get("SERVICE_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    client = httpx2.Client(base_url=url, timeout=180, headers=headers)

    def ask(content: bytes) -> DescribeResponse:
        body = {"image_base64": base64.b64encode(content).decode(), "engine": engine}
        answer = client.post("/api/v1/describe", json=body)
        answer.raise_for_status()
        return DescribeResponse.model_validate_json(answer.content)

    return ask


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--url", help="A running describe-image service, instead of the label reader in this process.")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="Folder for the packs of which something was misread.")
    options = parser.parse_args()
    read = of_service(options.url, options.engine) if options.url else embedded()
    warm_up = next(packs(2, options.seed + 1))
    read(warm_up.content)
    found: dict[str, list[tuple[bool, float, float]]] = {}
    for number, pack in enumerate(packs(options.count, options.seed)):
        began = time.perf_counter()
        answer = read(pack.content)
        seconds = (time.perf_counter() - began) / pack.megapixels
        exact = pack.gtin in [code.value for code in answer.barcodes if code.valid]
        near = similarity(pack.lines, answer)
        found.setdefault(pack.difficulty, []).append((exact, near, seconds))
        if options.keep and (not exact or near < 0.97):
            options.keep.mkdir(parents=True, exist_ok=True)
            (options.keep / f"{number:03}-{pack.difficulty}-{pack.gtin}-{near:.2f}.jpg").write_bytes(pack.content)
    print(f"{'difficulty':16} {'packs':>5} {'EAN exact':>9} {'text':>6} {'s/MP':>6}")
    for difficulty, rows in found.items():
        exact, near, seconds = (statistics.mean(column) for column in zip(*rows, strict=True))
        print(f"{difficulty:16} {len(rows):5} {exact:9.3f} {near:6.3f} {seconds:6.2f}")
    sharp = [row for difficulty in SHARP for row in found.get(difficulty, [])]
    every = [row for rows in found.values() for row in rows]
    values = dict(
        zip(
            BARS,
            (
                statistics.mean(row[0] for row in sharp),
                statistics.mean(row[0] for row in every),
                statistics.mean(row[1] for row in sharp),
            ),
            strict=True,
        )
    )
    for name, bar in BARS.items():
        print(f"{name}: {values[name]:.3f} (bar {bar})")
    if not options.url:
        print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    return 0 if all(values[name] >= bar for name, bar in BARS.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
