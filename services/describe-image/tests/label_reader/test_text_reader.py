import math
import subprocess
import sys
import unicodedata

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from describe_image.label_reader.text_reader import cut_strip

LINES = ("NORDIKA", "Enamel Mug", "Capacity 330 ml", "Dishwasher safe", "Made in Poland")

OFFLINE = """
import socket, sys

def refuse(*arguments, **options):
    raise SystemExit("tried to reach the network")

socket.socket.connect = refuse
socket.getaddrinfo = refuse
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from describe_image.label_reader.text_reader import TextReader
image = Image.new("RGB", (600, 200), "white")
ImageDraw.Draw(image).text((40, 60), "Offline 42", fill="black", font=ImageFont.load_default(60))
assert "rapidocr" not in sys.modules
print([line.text for line in TextReader().read(np.asarray(image)[:, :, ::-1].copy())])
"""


def pixels(image):
    return np.asarray(image.convert("RGB"))[:, :, ::-1].copy()


def texts(reader, image):
    return {line.text for line in reader.read(pixels(image))}


def write_accented(image, text, place):
    """Pillow's own font has no accented letters: write the plain ones, and the accents as strokes above them."""
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(56)
    plain = "".join(unicodedata.normalize("NFD", sign)[0] for sign in text)
    draw.text(place, plain, fill="black", font=font)
    top = place[1] + font.getbbox("x")[1]
    for index, sign in enumerate(text):
        if sign == plain[index]:
            continue
        middle = place[0] + (font.getlength(plain[:index]) + font.getlength(plain[: index + 1])) / 2
        if sign in "ñÑ":
            wave = [(middle + step, top - 8 - 3 * math.sin(step / 10 * math.pi)) for step in range(-10, 11)]
            draw.line(wave, fill="black", width=4)
        else:
            draw.line((middle - 3, top - 5, middle + 6, top - 15), fill="black", width=5)


class TestRead:
    def test_upright(self, text_reader, pack):
        assert texts(text_reader, pack.render(LINES, gtin=None)) == set(LINES)

    @pytest.mark.parametrize("degrees", [90, 180, 270, 12, -20, 40])
    def test_rotated(self, text_reader, pack, degrees):
        image = pack.render(LINES, gtin=None).rotate(degrees, expand=True, fillcolor="white", resample=3)
        assert texts(text_reader, image) == set(LINES)

    def test_in_perspective_and_uneven_light(self, text_reader, pack):
        image = pixels(pack.render(LINES, gtin=None, color="#d8e0e4"))
        side = image.shape[0]
        corners = np.array([[0, 0], [side, 0], [side, side], [0, side]], dtype=np.float32)
        seen = np.array([[0.12, 0.05], [0.95, 0.15], [0.85, 0.92], [0.02, 0.98]], dtype=np.float32) * side
        transform = cv2.getPerspectiveTransform(corners, seen)
        warped = cv2.warpPerspective(image, transform, (side, side), borderValue=(200, 200, 200))
        light = np.linspace(0.4, 1.1, side)[None, :, None]
        shaded = np.clip(warped * light, 0, 255).astype(np.uint8)
        assert {line.text for line in text_reader.read(shaded)} == set(LINES)

    def test_spanish_accents(self, text_reader, pack):
        lines = ("Algodón orgánico", "Hecho en España", "Sin azúcares añadidos")
        image = pack.render((), gtin=None)
        for row, line in enumerate(lines):
            write_accented(image, line, (120, 120 + 120 * row))
        assert texts(text_reader, image) == set(lines)

    def test_light_on_dark(self, text_reader, pack):
        assert texts(text_reader, pack.render(LINES, gtin=None, color="#14264d", ink="white")) == set(LINES)

    @pytest.mark.parametrize("degrees", [0, 90])
    def test_small_text_on_a_large_photo(self, text_reader, pack, degrees):
        lines = tuple(f"Line number {number} of the small print" for number in range(1, 21))
        image = pack.render(lines, gtin=None, size=(2600, 2600), font_size=30)
        assert texts(text_reader, image.rotate(degrees)) == set(lines)

    def test_corners_begin_where_reading_begins(self, text_reader, pack):
        upside_down = pack.render(("Enamel Mug 330 ml",), gtin=None).rotate(180)
        [line] = text_reader.read(pixels(upside_down))
        assert line.corners[0][0] > line.corners[1][0]
        assert line.corners[0][1] > line.corners[3][1]

    @pytest.mark.parametrize("size", [(1, 1), (3000, 3), (3, 3000), (40, 3000)])
    def test_odd_shapes(self, text_reader, size):
        assert text_reader.read(pixels(Image.new("RGB", size, "white"))) == []

    def test_noise_is_not_text(self, text_reader):
        noise = np.random.default_rng(3).integers(0, 255, (700, 700, 3), dtype=np.uint8)
        assert [line for line in text_reader.read(noise) if line.confidence > 0.9 and len(line.text) > 3] == []


class TestLoad:
    def test_reads_without_network_and_loads_late(self):
        finished = subprocess.run([sys.executable, "-c", OFFLINE], capture_output=True, text=True, timeout=120)
        assert finished.stdout.strip() == "['Offline 42']", finished.stderr

    def test_bundled_models_are_there(self, text_reader):
        assert text_reader.missing() == []


class TestCutStrip:
    def test_a_strip_is_never_wider_than_memory_allows(self):
        image = np.zeros((100, 3000, 3), dtype=np.uint8)
        strip = cut_strip(image, np.array([[0, 0], [3000, 0], [3000, 4], [0, 4]], dtype=np.float32))
        assert strip.pixels.shape[1] <= 40 * strip.pixels.shape[0]
