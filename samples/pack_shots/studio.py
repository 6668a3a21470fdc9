"""The photo studio: backgrounds, cartons, hang tags, and the camera that makes a picture look photographed."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageFilter

from pack_shots.canvas import Canvas, Gradient, Point, horizontal, perspective_coefficients, rgba, vertical

JPEG_QUALITY = 86
HORIZON = 0.66
MARGIN = 0.15


def studio(width: int, height: int, wall: str, wall_low: str, floor: str, floor_low: str) -> Canvas:
    """An infinity cove: wall and floor melt into each other, and the light comes from the upper left."""
    scene = Canvas(width, height)
    columns, rows = scene.image.size
    x = np.linspace(0, 1, columns)[np.newaxis, :]
    y = np.linspace(0, 1, rows)[:, np.newaxis]
    stops = (0.0, HORIZON - 0.08, HORIZON + 0.03, 1.0)
    colors = np.array([rgba(color)[:3] for color in (wall, wall_low, floor, floor_low)], dtype=np.float64)
    backdrop = np.stack([np.interp(y, stops, colors[:, channel]) for channel in range(3)], axis=-1)
    light = 0.42 * np.exp(-(((x - 0.3) / 0.42) ** 2) - ((y - 0.2) / 0.36) ** 2)
    vignette = 1 - 0.1 * np.clip(np.hypot(x - 0.5, y - 0.5) * 1.5 - 0.35, 0, 1) ** 1.5
    lit = (backdrop + (255 - backdrop) * light[:, :, np.newaxis]) * vignette[:, :, np.newaxis]
    # Rounding at random instead of to the nearest keeps the wide gradients free of visible steps.
    lit += np.random.default_rng(1).uniform(0, 1, (rows, columns, 1))
    scene.image = Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8), "RGB").convert("RGBA")
    return scene


def contact_shadow(scene: Canvas, left: float, right: float, floor: float, *, depth: float = 26) -> None:
    """The soft and the hard shadow under something that stands on the floor."""
    scene.ellipse((left - 10, floor - depth, right + 70, floor + depth * 1.5), "#00000055", blur=24)
    scene.ellipse((left + 4, floor - depth * 0.45, right + 6, floor + depth * 0.5), "#00000080", blur=8)


def carton(
    scene: Canvas,
    front: Canvas,
    origin: Point,
    size: tuple[float, float],
    *,
    side_color: str,
    side_width: float,
    side: Canvas | None = None,
) -> None:
    """A standing carton seen slightly from the left; `origin` is the top left corner of its front."""
    (left, top), (width, height) = origin, size
    right, bottom = left + width, top + height
    lift, drop = side_width * 0.16, side_width * 0.22
    contact_shadow(scene, left, right + side_width, bottom - 4)
    side_quad = [
        (right, top),
        (right + side_width, top + lift),
        (right + side_width, bottom - drop),
        (right, bottom),
    ]
    scene.polygon(side_quad, side_color)
    if side is not None:
        scene.place(side, side_quad)
    scene.polygon(side_quad, horizontal("#00000030", "#00000078"))
    scene.place(front, [(left, top + lift * 0.5), (right, top), (right, bottom), (left, bottom - drop * 0.25)])
    sheen = [(left, top + lift * 0.5), (right, top), (right, bottom), (left, bottom - drop * 0.25)]
    scene.polygon(sheen, Gradient(((0, "#ffffff30"), (0.45, "#ffffff00"), (1, "#00000020")), 35))
    scene.line([(right, top + 1), (right, bottom - 1)], 1.5, "#ffffff50")


def hang_tag(scene: Canvas, tag: Canvas, origin: Point, *, string_to: Point, width: float, height: float) -> None:
    """A printed card on a string; the card itself has the eyelet at the middle of its top."""
    left, top = origin
    eyelet = (left + width / 2, top + 34)
    x, y = string_to
    middle = ((x + eyelet[0]) / 2, min(y, eyelet[1]) - 18)
    scene.rounded((left + 6, top + 12, left + width + 12, top + height + 16), 20, "#00000060", blur=14)
    scene.place(tag, [(left, top), (left + width, top), (left + width, top + height), (left, top + height)])
    scene.ellipse((eyelet[0] - 13, eyelet[1] - 13, eyelet[0] + 13, eyelet[1] + 13), "#8d8478")
    scene.ellipse((eyelet[0] - 7, eyelet[1] - 7, eyelet[0] + 7, eyelet[1] + 7), "#3c3732")
    steps = [index / 30 for index in range(31)]
    string = [
        (
            (1 - t) ** 2 * x + 2 * t * (1 - t) * middle[0] + t**2 * eyelet[0],
            (1 - t) ** 2 * y + 2 * t * (1 - t) * middle[1] + t**2 * eyelet[1],
        )
        for t in steps
    ]
    scene.line(string, 5, "#d9cbb0")


def card(width: int, height: int, paper: str, *, radius: float = 20) -> Canvas:
    panel = Canvas(width, height)
    panel.rounded((0, 0, width - 1, height - 1), radius, paper)
    panel.rounded((0, 0, width - 1, height - 1), radius, vertical("#ffffff30", "#0000000c"))
    return panel


def tabletop(width: int, height: int, color: str, grain: str, seed: int, *, planks: int = 5) -> Canvas:
    """A wooden table seen from above."""
    table = Canvas(width, height, color)
    random = np.random.default_rng(seed)
    plank = height / planks
    for index in range(planks):
        top = index * plank
        tone = int(random.integers(0, 26))
        table.polygon([(0, top), (width, top), (width, top + plank), (0, top + plank)], f"#000000{tone:02x}")
        for _ in range(16):
            y = top + float(random.uniform(4, plank - 4))
            swing = float(random.uniform(-9, 9))
            points = [(x, y + swing * float(np.sin(x / 210 + index))) for x in range(0, width + 40, 40)]
            table.line(points, float(random.uniform(0.6, 2.2)), f"{grain}{int(random.integers(18, 60)):02x}")
        table.line([(0, top), (width, top)], 3, "#00000066")
        table.line([(0, top + 3), (width, top + 3)], 1.5, "#ffffff22")
    return table


def encode(picture: Image.Image, *, quality: int = JPEG_QUALITY) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality, optimize=True, progressive=False, subsampling="4:2:0")
    return buffer.getvalue()


def photograph(
    picture: Image.Image,
    *,
    corners: Sequence[Point],
    blur: float,
    light: tuple[float, float, float],
    warmth: float,
    noise: float,
    quality: int,
    seed: int,
) -> Image.Image:
    """What a hand-held phone makes of a scene.

    `corners` says where the picture's four corners land, in fractions of its size (outside 0-1 crops).
    `light` is the brightest point (x, y in fractions) and how much of the light the far corner loses.
    """
    width, height = picture.size
    # The surroundings go on as their own mirror image, so that no corner of the photo stays empty.
    margin = round(max(width, height) * MARGIN)
    wide = np.pad(np.asarray(picture), ((margin, margin), (margin, margin), (0, 0)), mode="reflect")
    quad = [(x * width, y * height) for x, y in corners]
    a, b, c, d, e, f, g, h = perspective_coefficients(quad, width, height)
    # Source coordinates shift by the margin: (u + margin, v + margin) over the same denominator.
    coefficients = [
        a + margin * g, b + margin * h, c + margin, d + margin * g, e + margin * h, f + margin, g, h,
    ]  # fmt: skip
    seen = (
        Image.fromarray(wide)
        .transform(picture.size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC)
        .filter(ImageFilter.GaussianBlur(blur))
    )
    pixels = np.asarray(seen, dtype=np.float64)
    x = np.linspace(0, 1, width)[np.newaxis, :] - light[0]
    y = np.linspace(0, 1, height)[:, np.newaxis] - light[1]
    falloff = 1 - light[2] * np.clip(np.hypot(x, y), 0, 1) ** 1.4
    pixels = pixels * falloff[:, :, np.newaxis] * np.array([1 + warmth, 1.0, 1 - warmth])
    random = np.random.default_rng(seed)
    pixels += random.normal(0, noise, (height, width, 1)) + random.normal(0, noise / 2, pixels.shape)
    noisy = Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8), "RGB")
    # A first compression, as the phone does it, so that the saved file carries its artefacts.
    with Image.open(io.BytesIO(encode(noisy, quality=quality))) as compressed:
        return compressed.convert("RGB")
