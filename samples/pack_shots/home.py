"""LED desk lamp, cordless drill, wooden puzzle."""

import math

import numpy as np
from PIL import Image

from pack_shots.canvas import Canvas, Gradient, Point, horizontal, smooth, vertical
from pack_shots.studio import carton, contact_shadow, studio

GRAPHITE = "#2b2f36"


def _lamp(scene: Canvas, x: float, floor: float, scale: float, metal: str, metal_light: str) -> None:
    def at(dx: float, dy: float) -> Point:
        return x + dx * scale, floor + dy * scale

    left, right = at(-120, 0)[0], at(120, 0)[0]
    contact_shadow(scene, left, right, floor - 2, depth=24 * scale)
    scene.ellipse((left, floor - 44 * scale, right, floor + 14 * scale), metal)
    scene.ellipse((left, floor - 56 * scale, right, floor + 2 * scale), vertical(metal_light, metal))
    lower, elbow, head = at(0, -30), at(-70, -430), at(190, -640)
    for start, end in ((lower, elbow), (elbow, head)):
        scene.line([start, end], 20 * scale, metal)
        scene.line([(start[0] - 3 * scale, start[1]), (end[0] - 3 * scale, end[1])], 6 * scale, metal_light)
    for point in (elbow, head):
        size = 22 * scale
        scene.ellipse((point[0] - size, point[1] - size, point[0] + size, point[1] + size), metal_light)
        size = 12 * scale
        scene.ellipse((point[0] - size, point[1] - size, point[0] + size, point[1] + size), metal)
    near, far = at(70, -610), at(430, -655)
    glow = [near, far, at(520, -60), at(-20, -60)]
    scene.polygon(glow, vertical("#ffe9a870", "#ffe9a800"), blur=22 * scale)
    scene.line([near, far], 34 * scale, metal)
    scene.line([(near[0], near[1] - 8 * scale), (far[0], far[1] - 8 * scale)], 8 * scale, metal_light)
    scene.line([(near[0] + 12, near[1] + 15 * scale), (far[0] - 12, far[1] + 15 * scale)], 9 * scale, "#fff6d8")
    scene.line([(near[0], near[1] + 20 * scale), (far[0], far[1] + 20 * scale)], 22 * scale, "#fff3c480", blur=14)


def desk_lamp(gtin: str) -> Image.Image:
    scene = studio(1500, 1350, "#d9dde3", "#cdd2da", "#bcc2cc", "#9fa7b4")
    panel = Canvas(560, 960, vertical("#22262d", "#1a1d22"))
    panel.polygon([(0, 0), (560, 0), (560, 18), (0, 18)], "#ffc94d")
    panel.text((48, 104), "HALVORA", 52, "#ffffff", bold=3, tracking=16)
    panel.text((48, 198), "Arc 9", 84, "#ffc94d", bold=3)
    panel.text((48, 254), "LED desk lamp", 42, "#ffffff")
    _lamp(panel, 170, 580, 0.44, "#8d949e", "#d8dce1")
    facts = (("Power", "9 W"), ("Brightness", "600 lm"), ("Dimming levels", "5"), ("Cable", "1.8 m"))
    for index, (name, value) in enumerate(facts):
        panel.fact((48, 650 + index * 46), name, value, 33, ("#c9ced6", "#ffc94d"))
    panel.barcode((126, 808), gtin, 2.6, 100)
    carton(scene, panel, (770, 230), (560, 960), side_color="#ffc94d", side_width=110)
    _lamp(scene, 215, 1190, 1.1, "#3a3f47", "#7b828c")
    return scene.finish()


TEAL, TEAL_DARK, RUBBER = "#0f8a83", "#0a5f5a", "#23272a"


def _drill(scene: Canvas, x: float, y: float, scale: float) -> None:
    def shape(points: list[Point]) -> list[Point]:
        return [(x + px * scale, y + py * scale) for px, py in points]

    def box(left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        return x + left * scale, y + top * scale, x + right * scale, y + bottom * scale

    contact_shadow(scene, x + 110 * scale, x + 390 * scale, y + 556 * scale, depth=26 * scale)
    scene.polygon(shape([(612, 104), (760, 110), (760, 122), (612, 128)]), vertical("#dfe3e6", "#757d84"))
    scene.polygon(
        shape([(500, 62), (560, 66), (618, 92), (618, 140), (560, 166), (500, 170)]),
        vertical("#5a6167", "#22262a", "#3a4046"),
    )
    for offset in range(512, 560, 12):
        scene.line(shape([(offset, 68), (offset, 164)]), 3 * scale, "#0000007a")
    scene.rounded(box(420, 40, 510, 190), 22 * scale, vertical("#4a5055", "#1d2124"))
    for offset in range(432, 506, 14):
        scene.line(shape([(offset, 48), (offset, 182)]), 3 * scale, "#ffffff26")
    body = smooth(
        [
            (60, 60),
            (120, 14),
            (300, 8),
            (430, 30),
            (440, 120),
            (430, 200),
            (330, 212),
            (240, 216),
            (110, 208),
            (58, 160),
        ]
    )
    scene.polygon(shape(body), vertical("#23b5ab", TEAL, TEAL_DARK))
    handle = [(150, 190), (316, 196), (318, 250), (300, 330), (300, 430), (160, 430), (150, 330), (138, 250)]
    scene.polygon(shape(smooth(handle)), horizontal("#35393d", RUBBER, "#15181a"))
    for index in range(6):
        scene.line(shape([(168, 262 + index * 26), (284, 262 + index * 26)]), 5 * scale, "#ffffff1c")
    scene.rounded(box(304, 214, 340, 284), 12 * scale, vertical("#e2572b", "#a93a17"))
    scene.rounded(box(96, 410, 384, 470), 18 * scale, vertical(TEAL, TEAL_DARK))
    scene.rounded(box(86, 462, 400, 556), 16 * scale, vertical("#3a3f43", "#181b1d"))
    scene.rounded(box(120, 482, 260, 536), 8 * scale, "#e2572b")
    scene.text((x + 190 * scale, y + 524 * scale), "18 V", 36 * scale, "#ffffff", bold=3, anchor="ms")
    scene.line(shape(smooth([(90, 64), (200, 34), (400, 44)], closed=False)), 12 * scale, "#ffffff50", blur=5)
    scene.text((x + 232 * scale, y + 124 * scale), "TORVIK", 54 * scale, "#ffffff", bold=3, anchor="ms", tracking=10)
    for index in range(4):
        scene.line(shape([(86 + index * 17, 150), (78 + index * 17, 184)]), 6 * scale, "#00000080")


def cordless_drill(gtin: str) -> Image.Image:
    scene = studio(1500, 1350, "#e3e6e4", "#d7dcd9", "#c6cdc9", "#a9b3ae")
    panel = Canvas(720, 860, vertical("#0f8a83", "#0a6661"))
    panel.polygon([(0, 560), (720, 400), (720, 860), (0, 860)], RUBBER)
    panel.polygon([(0, 544), (720, 384), (720, 402), (0, 562)], "#e2572b")
    panel.text((48, 116), "TORVIK", 74, "#ffffff", bold=4, tracking=12)
    panel.text((48, 178), "Cordless drill driver", 43, "#d4f3f0")
    panel.text((48, 318), "18 V", 112, "#ffffff", bold=4)
    panel.text((352, 262), "50 Nm torque", 38, "#ffffff", bold=1)
    panel.text((352, 316), "13 mm chuck", 38, "#ffffff", bold=1)
    panel.text((330, 560), "2.0 Ah Li-ion", 42, "#ffffff", bold=2)
    panel.text((330, 618), "2-speed gearbox", 36, "#d6dadc")
    panel.text((48, 806), "1.4 kg", 48, "#ffffff", bold=2)
    panel.barcode((345, 668), gtin, 2.8, 118)
    carton(scene, panel, (610, 250), (720, 860), side_color="#0c736d", side_width=120)
    _drill(scene, 60, 660, 0.98)
    return scene.finish()


def _whale(panel: Canvas) -> None:
    body = smooth(
        [
            (120, 330),
            (190, 210),
            (360, 168),
            (520, 214),
            (610, 306),
            (688, 300),
            (640, 372),
            (520, 420),
            (330, 440),
            (180, 412),
        ]
    )
    panel.polygon(body, vertical("#4f8fc0", "#2f6a9c"))
    panel.polygon(smooth([(150, 372), (280, 396), (440, 392), (520, 418), (330, 440), (190, 414)]), "#dcebf4")
    panel.polygon(
        smooth([(660, 320), (700, 236), (762, 206), (744, 262), (800, 290), (730, 316), (680, 352)]), "#2f6a9c"
    )
    panel.polygon(smooth([(350, 392), (400, 470), (460, 492), (430, 404)]), "#2a5d8a")
    panel.ellipse((206, 318, 232, 344), "#ffffff")
    panel.ellipse((212, 323, 229, 340), "#1b2a38")
    panel.line(smooth([(150, 366), (190, 376), (238, 370)], closed=False), 5, "#1f4a70")
    for angle, length in ((-118, 86), (-96, 104), (-72, 92)):
        radians = math.radians(angle)
        end = (330 + math.cos(radians) * length, 168 + math.sin(radians) * length)
        panel.line(smooth([(330, 172), ((330 + end[0]) / 2 - 4, (172 + end[1]) / 2), end], closed=False), 9, "#bfe1f3")


def _jigsaw_edge(start: Point, end: Point, bump: float) -> list[Point]:
    """A straight edge with a knob in its middle; the sign of `bump` says to which side."""
    (x0, y0), (x1, y1) = start, end
    dx, dy = x1 - x0, y1 - y0
    outline = (
        (0, 0),
        (0.36, 0.02),
        (0.40, 0.10),
        (0.34, 0.19),
        (0.42, 0.27),
        (0.58, 0.27),
        (0.66, 0.19),
        (0.60, 0.10),
        (0.64, 0.02),
        (1, 0),
    )
    return smooth([(x0 + dx * t - dy * s * bump, y0 + dy * t + dx * s * bump) for t, s in outline], closed=False)


def _puzzle_picture(width: int, height: int) -> Canvas:
    panel = Canvas(width, height, vertical("#ffe3b0", "#bfe3e6", "#6fb4cf"))
    panel.ellipse((width - 230, 40, width - 90, 180), "#ffb84d")
    for row, color in enumerate(("#8fcadd", "#62aac8", "#4792b6")):
        base = height * (0.60 + row * 0.13)
        wave = [(x, base + math.sin(x / 60 + row) * 14) for x in range(0, width + 20, 20)]
        panel.polygon([*wave, (width, height), (0, height)], color)
    _whale(panel)
    columns, rows = 6, 4
    cell_x, cell_y = width / columns, height / rows
    for column in range(1, columns):
        for row in range(rows):
            bump = 1 if (column + row) % 2 else -1
            edge = _jigsaw_edge((column * cell_x, row * cell_y), (column * cell_x, (row + 1) * cell_y), bump)
            panel.line([(x + 1.5, y + 1.5) for x, y in edge], 2, "#ffffff80")
            panel.line(edge, 2.4, "#4a341f90")
    for row in range(1, rows):
        for column in range(columns):
            bump = 1 if (column * 2 + row) % 3 else -1
            edge = _jigsaw_edge((column * cell_x, row * cell_y), ((column + 1) * cell_x, row * cell_y), bump)
            panel.line([(x + 1.5, y + 1.5) for x, y in edge], 2, "#ffffff80")
            panel.line(edge, 2.4, "#4a341f90")
    return panel


def _piece(scene: Canvas, x: float, y: float, size: float, angle: float, paint: str) -> None:
    corners = [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]
    outline: list[Point] = []
    for index, bump in enumerate((-1.0, 1.0, -1.0, 1.0)):
        outline += _jigsaw_edge(corners[index], corners[(index + 1) % 4], bump)
    cosine, sine = math.cos(angle), math.sin(angle)
    turned = [(x + (px * cosine - py * sine) * size, y + (px * sine + py * cosine) * size) for px, py in outline]
    scene.polygon([(px + 8, py + 16) for px, py in turned], "#00000070", blur=8)
    for offset in range(9, 0, -1):
        scene.polygon([(px + offset * 0.3, py + offset) for px, py in turned], "#b98a55")
    scene.polygon(turned, paint)
    scene.polygon(turned, Gradient(((0, "#ffffff50"), (1, "#00000020")), 50))


def wooden_puzzle(gtin: str) -> Image.Image:
    scene = studio(1500, 1300, "#f5ead8", "#efe0c8", "#e4d0b0", "#cdb48c")
    front = Canvas(980, 860, vertical("#fbf3e2", "#f5e8cd"))
    picture = _puzzle_picture(880, 480)
    front.place(picture, [(50, 46), (930, 46), (930, 526), (50, 526)])
    front.polygon([(0, 560), (980, 560), (980, 860), (0, 860)], "#e8743b")
    front.text((50, 632), "PEQUEBOSQUE", 54, "#ffffff", bold=4, tracking=6)
    front.text((50, 704), "Whale wooden puzzle", 48, "#fff3e0", bold=2)
    front.text((50, 770), "24 pieces   Beech wood", 38, "#ffffff", bold=1)
    front.text((50, 824), "From 3 years   30 x 20 cm", 34, "#fff3e0")
    front.barcode((590, 600), gtin, 2.9, 165)
    carton(scene, front, (230, 150), (980, 860), side_color="#c95c28", side_width=96)
    random = np.random.default_rng(3)
    colors = ("#62aac8", "#2f6a9c", "#ffb84d", "#bfe3e6")
    for (x, y), color in zip(((150, 1090), (330, 1180), (560, 1130), (1290, 1150)), colors, strict=True):
        _piece(scene, x, y, 104, float(random.uniform(0, math.pi)), color)
    return scene.finish()
