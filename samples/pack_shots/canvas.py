"""A small painter over Pillow: antialiased shapes, gradients, soft shadows, text and barcodes.

All coordinates are pixels of the finished picture. Everything is painted `SUPERSAMPLING` times as large and
shrunk at the end, which is what makes the edges smooth.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import zxingcpp
from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter, ImageFont

SUPERSAMPLING = 2
BARCODE_MODULES = 95
QUIET_ZONE_MODULES = 11

Point = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Gradient:
    """Colour stops along a line; `angle` 0 runs left to right, 90 from top to bottom."""

    stops: tuple[tuple[float, str], ...]
    angle: float = 90.0

    def render(self, width: int, height: int) -> Image.Image:
        radians = math.radians(self.angle)
        horizontal, vertical = math.cos(radians), math.sin(radians)
        x = np.linspace(-0.5, 0.5, width)[np.newaxis, :] * horizontal
        y = np.linspace(-0.5, 0.5, height)[:, np.newaxis] * vertical
        reach = (abs(horizontal) + abs(vertical)) or 1.0
        position = (x + y) / reach + 0.5
        offsets = [offset for offset, _ in self.stops]
        colors = np.array([rgba(color) for _, color in self.stops], dtype=np.float64)
        channels = [np.interp(position, offsets, colors[:, channel]) for channel in range(4)]
        return Image.fromarray(np.rint(np.stack(channels, axis=-1)).astype(np.uint8), "RGBA")


Paint = str | Gradient


def rgba(color: str) -> tuple[int, int, int, int]:
    red, green, blue, alpha = ImageColor.getcolor(color, "RGBA")  # type: ignore[misc]
    return red, green, blue, alpha


def vertical(*colors: str) -> Gradient:
    return _even(colors, 90.0)


def horizontal(*colors: str) -> Gradient:
    return _even(colors, 0.0)


def _even(colors: Sequence[str], angle: float) -> Gradient:
    last = max(len(colors) - 1, 1)
    return Gradient(tuple((index / last, color) for index, color in enumerate(colors)), angle)


def cylinder(strength: float = 0.55) -> Gradient:
    """Light and shade of an upright round body, to be laid over its own colour."""
    dark, light = round(255 * strength), round(255 * strength * 0.55)
    return Gradient(
        (
            (0.0, f"#000000{dark:02x}"),
            (0.12, f"#000000{dark // 3:02x}"),
            (0.22, f"#ffffff{light:02x}"),
            (0.30, f"#ffffff{light // 4:02x}"),
            (0.62, "#00000000"),
            (0.88, f"#000000{dark // 2:02x}"),
            (1.0, f"#000000{dark:02x}"),
        ),
        0.0,
    )


def smooth(points: Sequence[Point], *, closed: bool = True, steps: int = 18) -> list[Point]:
    """A Catmull-Rom curve through the points."""
    count = len(points)
    curve: list[Point] = []
    segments = count if closed else count - 1
    for index in range(segments):
        neighbours = [
            points[(index + offset) % count] if closed else points[min(max(index + offset, 0), count - 1)]
            for offset in (-1, 0, 1, 2)
        ]
        for step in range(steps):
            curve.append(_catmull_rom(neighbours, step / steps))
    if not closed:
        curve.append(points[-1])
    return curve


def _catmull_rom(neighbours: Sequence[Point], t: float) -> Point:
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = neighbours

    def blend(a: float, b: float, c: float, d: float) -> float:
        return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)

    return blend(x0, x1, x2, x3), blend(y0, y1, y2, y3)


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    loaded = ImageFont.load_default(size)
    if not isinstance(loaded, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow was built without FreeType, so it has no scalable default font")
    return loaded


def perspective_coefficients(quad: Sequence[Point], width: float, height: float) -> list[float]:
    """What Pillow needs to map a `width` x `height` picture onto `quad` (clockwise from top left)."""
    source = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)]
    rows: list[list[float]] = []
    values: list[float] = []
    for (x, y), (u, v) in zip(quad, source, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
        values += [u, v]
    return [float(value) for value in np.linalg.solve(np.array(rows), np.array(values))]


class Canvas:
    def __init__(self, width: int, height: int, paint: Paint | None = None) -> None:
        self.width, self.height = width, height
        self.image = Image.new("RGBA", (width * SUPERSAMPLING, height * SUPERSAMPLING), (0, 0, 0, 0))
        if paint is not None:
            self.polygon([(0, 0), (width, 0), (width, height), (0, height)], paint)

    def finish(self) -> Image.Image:
        return self.image.convert("RGB").resize((self.width, self.height), Image.Resampling.LANCZOS)

    # Shapes

    def polygon(self, points: Iterable[Point], paint: Paint, *, blur: float = 0) -> None:
        mask, draw = self._mask()
        draw.polygon([self._scaled(point) for point in points], fill=255)
        self._fill(mask, paint, blur)

    def ellipse(self, box: Box, paint: Paint, *, blur: float = 0) -> None:
        mask, draw = self._mask()
        draw.ellipse(self._scaled_box(box), fill=255)
        self._fill(mask, paint, blur)

    def rounded(self, box: Box, radius: float, paint: Paint, *, blur: float = 0) -> None:
        mask, draw = self._mask()
        draw.rounded_rectangle(self._scaled_box(box), radius * SUPERSAMPLING, fill=255)
        self._fill(mask, paint, blur)

    def line(self, points: Sequence[Point], width: float, paint: Paint, *, blur: float = 0) -> None:
        """A line with round joints and ends."""
        mask, draw = self._mask()
        scaled = [self._scaled(point) for point in points]
        draw.line(scaled, fill=255, width=max(round(width * SUPERSAMPLING), 1))
        radius = width * SUPERSAMPLING / 2
        for x, y in scaled:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
        self._fill(mask, paint, blur)

    def inside(self, points: Sequence[Point], layer: "Canvas") -> None:
        """Lay a canvas of the same size over this one, cut to the polygon."""
        mask, draw = self._mask()
        draw.polygon([self._scaled(point) for point in points], fill=255)
        cut = layer.image.copy()
        cut.putalpha(ImageChops.multiply(cut.getchannel("A"), mask))
        self.image.alpha_composite(cut)

    def place(self, panel: "Canvas", quad: Sequence[Point]) -> None:
        """Lay a flat panel onto a quadrilateral, in perspective."""
        coefficients = perspective_coefficients(
            [self._scaled(point) for point in quad], panel.image.width, panel.image.height
        )
        warped = panel.image.transform(
            self.image.size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC
        )
        self.image.alpha_composite(warped)

    # Print

    def text(
        self,
        position: Point,
        text: str,
        size: float,
        color: str,
        *,
        bold: float = 0,
        anchor: str = "ls",
        tracking: float = 0,
    ) -> None:
        """`bold` is the extra stroke and `tracking` the extra letter space, both in hundredths of the size."""
        pixels = round(size * SUPERSAMPLING)
        face = font(pixels)
        stroke = pixels * bold / 100
        # A stroke widens each letter to both sides, so bold text needs more room between its letters.
        spacing = pixels * (tracking + bold * 0.9) / 100
        advances = [face.getlength(character) + spacing for character in text]
        width = (sum(advances) - spacing) if spacing else face.getlength(text)
        x, y = self._scaled(position)
        x -= {"l": 0.0, "m": width / 2, "r": width}[anchor[0]]
        layer = Image.new("RGBA", self.image.size, (*rgba(color)[:3], 0))
        draw = ImageDraw.Draw(layer)
        pieces = list(zip(text, advances, strict=True)) if spacing else [(text, width)]
        for piece, advance in pieces:
            draw.text((x, y), piece, rgba(color), font=face, anchor=f"l{anchor[1]}", stroke_width=stroke)
            x += advance
        self.image.alpha_composite(layer)

    def lines(
        self,
        position: Point,
        texts: Iterable[str],
        size: float,
        color: str,
        *,
        leading: float = 1.45,
        bold: float = 0,
        anchor: str = "ls",
    ) -> float:
        """Write the lines under each other and return where the next one would go."""
        x, y = position
        for text in texts:
            self.text((x, y), text, size, color, bold=bold, anchor=anchor)
            y += size * leading
        return y

    def fact(self, position: Point, name: str, value: str, size: float, colors: tuple[str, str]) -> None:
        """Write "Name: value" in one line, the name in the first colour and the value in the second."""
        self.text(position, f"{name}:", size, colors[0])
        advance = font(round(size * SUPERSAMPLING)).getlength(f"{name}: ") / SUPERSAMPLING
        self.text((position[0] + advance, position[1]), value, size, colors[1], bold=2)

    def barcode(self, position: Point, gtin: str, module: float, height: float) -> Box:
        """Draw an EAN-13 on a white field whose top left is `position`; return the field.

        The bars come from zxing-cpp's writer, which refuses a wrong check digit; size, guard bars and digits
        are set here, because the writer's own lettering is a bitmap.
        """
        symbol = zxingcpp.create_barcode(gtin, zxingcpp.BarcodeFormat.EAN13)
        bars = np.asarray(zxingcpp.write_barcode_to_image(symbol, 1, False, False))
        dark = bars[bars.shape[0] // 2] < 128
        if len(dark) != BARCODE_MODULES:
            raise ValueError(f"{gtin} gave {len(dark)} modules instead of {BARCODE_MODULES}")
        left, top = position
        digit_size = module * 8.6
        width = module * (BARCODE_MODULES + 2 * QUIET_ZONE_MODULES)
        field = (left, top, left + width, top + height + digit_size * 1.3 + module * 4)
        self.rounded(field, module * 2, "#ffffff")
        start, bar_top = left + module * QUIET_ZONE_MODULES, top + module * 4
        for index in np.flatnonzero(dark):
            is_guard = index < 3 or 45 <= index < 50 or index >= 92
            bottom = bar_top + height + (module * 5 if is_guard else 0)
            x = start + int(index) * module
            # Pixel-exact rectangles: antialiased edges would widen the bars.
            scaled = [round(value * SUPERSAMPLING) for value in (x, bar_top, x + module, bottom)]
            self.image.paste((17, 17, 17, 255), (scaled[0], scaled[1], scaled[2], scaled[3]))
        baseline = bar_top + height + digit_size * 1.02
        self.text((start - module * 3, baseline), gtin[0], digit_size, "#111111", anchor="rs")
        for group, first_module in ((gtin[1:7], 3), (gtin[7:], 50)):
            for place, digit in enumerate(group):
                x = start + module * (first_module + 7 * place + 3.5)
                self.text((x, baseline), digit, digit_size, "#111111", anchor="ms")
        return field

    # Inner parts

    def _scaled(self, point: Point) -> Point:
        return point[0] * SUPERSAMPLING, point[1] * SUPERSAMPLING

    def _scaled_box(self, box: Box) -> Box:
        left, top, right, bottom = (value * SUPERSAMPLING for value in box)
        return left, top, right, bottom

    def _mask(self) -> tuple[Image.Image, ImageDraw.ImageDraw]:
        mask = Image.new("L", self.image.size, 0)
        return mask, ImageDraw.Draw(mask)

    def _fill(self, mask: Image.Image, paint: Paint, blur: float) -> None:
        box = mask.getbbox()
        if box is None:
            return
        if blur:
            spread = round(blur * SUPERSAMPLING * 3)
            box = (
                max(box[0] - spread, 0),
                max(box[1] - spread, 0),
                min(box[2] + spread, mask.width),
                min(box[3] + spread, mask.height),
            )
        mask = mask.crop(box)
        if blur:
            mask = mask.filter(ImageFilter.GaussianBlur(blur * SUPERSAMPLING))
        color = paint.render(*mask.size) if isinstance(paint, Gradient) else Image.new("RGBA", mask.size, rgba(paint))
        color.putalpha(ImageChops.multiply(color.getchannel("A"), mask))
        self.image.alpha_composite(color, (box[0], box[1]))
