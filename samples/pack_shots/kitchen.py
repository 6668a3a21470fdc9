"""Enamel mug, olive oil, coffee beans, espresso machine."""

import math

import numpy as np
from PIL import Image

from pack_shots.canvas import Canvas, Gradient, Point, cylinder, horizontal, smooth, vertical
from pack_shots.studio import card, carton, contact_shadow, photograph, studio, tabletop

NAVY, SEA, ENAMEL = "#14304f", "#2f7fa6", "#f3f0e6"


def _mug(scene: Canvas, left: float, top: float, width: float, height: float) -> None:
    right, bottom, lip = left + width, top + height, width * 0.11
    contact_shadow(scene, left, right, bottom - 6)
    # Handle: an outer and an inner loop, the background showing through.
    handle = [
        (left + 14, top + height * 0.2),
        (left - width * 0.22, top + height * 0.16),
        (left - width * 0.31, top + height * 0.42),
        (left - width * 0.22, top + height * 0.72),
        (left + 14, top + height * 0.74),
    ]
    curve = smooth(handle, closed=False)
    scene.line(curve, 40, NAVY)
    scene.line(curve, 33, SEA)
    scene.line([(x - 5, y - 6) for x, y in curve], 8, "#ffffff66", blur=3)
    body = [(left, top), (right, top)]
    body += [
        (left + width / 2 + math.cos(angle) * (width / 2 - 8), bottom - lip * 0.4 + math.sin(angle) * lip)
        for angle in np.linspace(0, math.pi, 40)
    ]
    scene.polygon(body, vertical("#3b93bb", SEA, "#256b8f"))
    random = np.random.default_rng(11)
    for _ in range(260):
        x, y = float(random.uniform(left + 8, right - 8)), float(random.uniform(top + 30, bottom - 4))
        size = float(random.uniform(0.8, 2.4))
        scene.ellipse((x - size, y - size, x + size, y + size), "#ffffffb0")
    scene.polygon(body, cylinder(0.42))
    scene.ellipse((left - 5, top - lip, right + 5, top + lip + 4), NAVY)
    scene.ellipse((left + 5, top - lip + 6, right - 5, top + lip - 4), vertical("#cfcabd", ENAMEL))
    scene.ellipse((left + 24, top - lip + 22, right - 24, top + lip - 6), vertical("#b9b4a6", "#e4e0d4"))


def _mountains(panel: Canvas, base: float) -> None:
    width = panel.width
    ranges: tuple[tuple[str, list[Point]], ...] = (
        ("#2c5f80", [(0, 130), (110, 40), (210, 105), (330, 0), (470, 120), (width, 50)]),
        ("#1f4a6b", [(0, 190), (150, 110), (260, 170), (400, 90), (width, 175)]),
    )
    for color, peaks in ranges:
        points: list[Point] = [(x, base - 230 + y) for x, y in peaks]
        panel.polygon([*points, (width, base), (0, base)], color)
    panel.polygon([(0, base - 34), (width, base - 34), (width, base), (0, base)], "#3f8fb4")
    for index in range(5):
        y = base - 28 + index * 6
        panel.line([(30 + index * 34, y), (width - 60 - index * 22, y)], 1.6, "#ffffff55")


def enamel_mug_front(_gtin: str) -> Image.Image:
    scene = studio(1400, 1300, "#e9e4da", "#ded7ca", "#d2c9b9", "#bfb4a1")
    panel = Canvas(560, 760, vertical("#f6f2e8", "#efe9db"))
    panel.polygon([(0, 0), (560, 0), (560, 150), (0, 150)], NAVY)
    panel.text((280, 98), "BRENNHOLM", 58, "#f6f2e8", bold=3, anchor="ms", tracking=14)
    panel.text((280, 132), "OUTDOOR TABLEWARE", 20, "#bcd3e2", anchor="ms", tracking=22)
    panel.text((280, 250), "Enamel Mug", 78, NAVY, bold=4, anchor="ms")
    panel.text((280, 306), "Sea blue", 42, "#2b6f93", anchor="ms")
    _mountains(panel, 600)
    panel.polygon([(0, 600), (560, 600), (560, 760), (0, 760)], NAVY)
    panel.text((44, 694), "330 ml", 62, "#ffffff", bold=3)
    panel.text((516, 668), "Enamelled steel", 31, "#ffffff", anchor="rs")
    panel.text((516, 714), "Height 80 mm", 31, "#bcd3e2", anchor="rs")
    carton(scene, panel, (640, 250), (560, 760), side_color="#1d456b", side_width=130)
    _mug(scene, 230, 650, 400, 400)
    return scene.finish()


def enamel_mug_back(gtin: str) -> Image.Image:
    scene = studio(1200, 1400, "#e9e4da", "#ded7ca", "#d2c9b9", "#bfb4a1")
    panel = Canvas(760, 1040, vertical("#f6f2e8", "#efe9db"))
    panel.polygon([(0, 0), (760, 0), (760, 130), (0, 130)], NAVY)
    panel.text((60, 84), "BRENNHOLM", 46, "#f6f2e8", bold=3, tracking=14)
    panel.text((700, 82), "Enamel Mug", 36, "#bcd3e2", anchor="rs")
    rows = (
        ("Capacity", "330 ml"),
        ("Material", "Enamelled steel"),
        ("Height", "80 mm"),
        ("Weight", "145 g"),
        ("Colour", "Sea blue"),
    )
    for index, (name, value) in enumerate(rows):
        y = 210 + index * 70
        panel.text((60, y), f"{name}:", 37, "#5c6b77")
        panel.text((300, y), value, 37, NAVY, bold=2)
        panel.line([(60, y + 24), (700, y + 24)], 1.5, "#14304f40")
    panel.text((60, 590), "Care", 34, NAVY, bold=3)
    panel.lines((60, 640), ("Dishwasher safe.", "Not suitable for microwave ovens."), 33, "#3c4a56")
    panel.barcode((60, 735), gtin, 3.5, 165)
    panel.lines((500, 790), ("Made in Poland", "Item BRN-MUG-330"), 26, "#5c6b77")
    carton(scene, panel, (150, 180), (760, 1040), side_color="#1d456b", side_width=140)
    return scene.finish()


def _olive_branch(panel: Canvas, origin: Point, scale: float, leaf: str, olive: str) -> None:
    x0, y0 = origin
    stem = smooth(
        [(x0 + x * scale, y0 + y * scale) for x, y in ((0, 60), (80, 30), (170, 22), (270, 48))], closed=False
    )
    panel.line(stem, 4 * scale, leaf)
    for index, (x, y) in enumerate(stem[6::7]):
        up = -1 if index % 2 else 1
        angle = math.radians(-58 * up + 14)
        length, breadth = 74 * scale, 15 * scale
        tip = (x + math.cos(angle) * length, y - math.sin(angle) * -length)
        middle = ((x + tip[0]) / 2, (y + tip[1]) / 2)
        normal = (-math.sin(angle) * breadth, math.cos(angle) * breadth)
        panel.polygon(
            smooth(
                [
                    (x, y),
                    (middle[0] + normal[0], middle[1] + normal[1]),
                    tip,
                    (middle[0] - normal[0], middle[1] - normal[1]),
                ]
            ),
            vertical("#8a9a4c", leaf),
        )
    for x, y in ((96, 66), (150, 62), (222, 78)):
        left, top = x0 + x * scale, y0 + y * scale
        box = (left, top, left + 32 * scale, top + 42 * scale)
        panel.ellipse(box, vertical(olive, "#2f3a18"))
        panel.ellipse((left + 7 * scale, top + 7 * scale, left + 15 * scale, top + 18 * scale), "#ffffff70")


def olive_oil(gtin: str) -> Image.Image:
    scene = studio(1200, 1500, "#f0ead6", "#e8dfc4", "#dccfa9", "#c5b487")
    left, right, bottom = 330.0, 870.0, 1400.0
    contact_shadow(scene, left, right, bottom - 6)
    bottle: list[Point] = [(520, 130), (680, 130), (684, 250)]
    bottle += smooth([(684, 250), (700, 330), (800, 380), (866, 440), (870, 520)], closed=False)
    bottle += [(870, 1366), (848, 1400), (352, 1400), (330, 1366)]
    bottle += smooth([(330, 520), (334, 440), (400, 380), (500, 330), (516, 250)], closed=False)
    scene.polygon(bottle, vertical("#2c3c1a", "#263417", "#1a2610"))
    scene.polygon(bottle, cylinder(0.5))
    scene.rounded((366, 470, 384, 1340), 9, "#ffffff59", blur=5)
    scene.rounded((508, 56, 692, 196), 12, vertical("#c9a24a", "#a57f2e"))
    scene.rounded((508, 56, 692, 196), 12, cylinder(0.5))
    for y in (84, 168):
        scene.line([(510, y), (690, y)], 2, "#6d521a90")
    label = Canvas(540, 780, vertical("#faf5e4", "#f1e9cf"))
    _olive_branch(label, (135, 34), 1.0, "#5f7030", "#6c7d2c")
    label.text((270, 208), "OLIVAR DE SOMBRA", 43, "#2c3c1a", bold=3, anchor="ms", tracking=5)
    label.text((270, 268), "Aceite de oliva virgen extra", 35, "#7a5d1f", bold=1, anchor="ms")
    label.text((270, 346), "Picual", 70, "#2c3c1a", bold=3, anchor="ms")
    label.text((270, 398), "Cosecha temprana", 32, "#5d6a3a", anchor="ms")
    label.line([(150, 424), (390, 424)], 2, "#a57f2e")
    label.text((270, 480), "500 ml", 48, "#2c3c1a", bold=3, anchor="ms")
    label.text((270, 530), "Acidez 0,2 %   Envase de vidrio", 29, "#4c4a33", anchor="ms")
    label.barcode((94, 560), gtin, 3, 130)
    label.polygon(
        [(0, 0), (540, 0), (540, 780), (0, 780)],
        Gradient(
            (
                (0, "#00000048"),
                (0.1, "#00000010"),
                (0.2, "#ffffff30"),
                (0.3, "#ffffff00"),
                (0.85, "#00000008"),
                (1, "#00000050"),
            ),
            0,
        ),
    )
    scene.place(label, [(331, 560), (869, 560), (869, 1340), (331, 1340)])
    return scene.finish()


KRAFT, INK, CREAM, TERRACOTTA = "#b98f5f", "#241a14", "#f4eadb", "#b4532f"


def _bean(scene: Canvas, x: float, y: float, size: float, angle: float) -> None:
    def turned(points: list[Point]) -> list[Point]:
        cosine, sine = math.cos(angle), math.sin(angle)
        return [(x + (px * cosine - py * sine) * size, y + (px * sine + py * cosine) * size) for px, py in points]

    oval = [(math.cos(a), math.sin(a) * 0.68) for a in np.linspace(0, 2 * math.pi, 40)]
    scene.polygon([(px + 5, py + 7) for px, py in turned(oval)], "#00000066", blur=5)
    scene.polygon(turned(oval), vertical("#7a4c2c", "#3b2113"))
    crease = smooth([(-0.95, 0.02), (-0.4, 0.16), (0.3, -0.14), (0.95, 0.0)], closed=False)
    scene.line(turned(crease), size * 0.13, "#1f1009")
    scene.line(turned([(px - 0.05, py - 0.28) for px, py in crease[10:40]]), size * 0.12, "#ffffff38", blur=3)


def _bag(width: int, height: int) -> tuple[Canvas, list[Point]]:
    bag = Canvas(width, height)
    outline: list[Point] = [(26, 0), (width - 26, 0), (width - 26, 70)]
    outline += smooth(
        [(width - 26, 70), (width - 6, 260), (width, height * 0.6), (width - 8, height - 60)], closed=False
    )
    outline += [(width - 34, height), (34, height), (8, height - 60)]
    outline += smooth([(8, height - 60), (0, height * 0.6), (6, 260), (26, 70)], closed=False)
    bag.polygon(outline, vertical("#c79d6c", KRAFT, "#a67c4f"))
    shade = Gradient(
        (
            (0, "#00000060"),
            (0.07, "#00000018"),
            (0.13, "#ffffff30"),
            (0.3, "#ffffff00"),
            (0.8, "#00000000"),
            (0.93, "#00000020"),
            (1, "#00000060"),
        ),
        0,
    )
    bag.polygon(outline, shade)
    bag.polygon([(26, 0), (width - 26, 0), (width - 26, 62), (26, 62)], "#00000018")
    for y in (20, 34, 48):
        bag.line([(30, y), (width - 30, y)], 2, "#00000030")
    bag.line([(32, 64), (width - 32, 64)], 2, "#ffffff50")
    bag.line(
        smooth([(60, height - 40), (width / 2, height - 84), (width - 60, height - 40)], closed=False), 3, "#0000003a"
    )
    return bag, outline


def coffee_front(_gtin: str) -> Image.Image:
    scene = studio(1200, 1450, "#efe3d3", "#e7d7c1", "#d8c3a5", "#bfa580")
    bag, _ = _bag(700, 1120)
    bag.rounded((86, 190, 614, 900), 14, INK)
    bag.rounded((86, 190, 614, 900), 14, vertical("#ffffff14", "#00000030"))
    bag.text((350, 268), "TOSTADERO NORTE", 42, CREAM, bold=2, anchor="ms", tracking=7)
    bag.line([(150, 298), (550, 298)], 2, "#b98f5f")
    for radius, color in ((112, TERRACOTTA), (92, "#c9683f"), (70, "#dd8650")):
        bag.ellipse((350 - radius, 440 - radius, 350 + radius, 440 + radius), color)
    bag.polygon([(170, 556), (262, 430), (322, 500), (398, 392), (530, 556)], "#7a5138")
    bag.polygon([(362, 444), (398, 392), (432, 434), (404, 452), (388, 440)], CREAM)
    bag.text((350, 650), "Huila", 92, CREAM, bold=3, anchor="ms")
    bag.text((350, 704), "Colombia", 40, "#dd8650", anchor="ms", tracking=8)
    bag.text((350, 770), "Whole bean coffee", 40, CREAM, anchor="ms")
    bag.text((350, 824), "100 % Arabica", 36, "#d9c7ae", anchor="ms")
    bag.text((350, 876), "Medium roast", 36, "#d9c7ae", anchor="ms")
    bag.text((350, 984), "250 g", 62, INK, bold=3, anchor="ms")
    bag.ellipse((324, 104, 376, 156), "#9c7448")
    bag.ellipse((330, 110, 370, 150), "#8a6238")
    for x, y in ((342, 130), (350, 124), (358, 130), (350, 137)):
        bag.ellipse((x - 2.5, y - 2.5, x + 2.5, y + 2.5), "#3b2716")
    contact_shadow(scene, 250, 950, 1318)
    scene.place(bag, [(250, 206), (950, 200), (950, 1320), (250, 1320)])
    random = np.random.default_rng(5)
    for x, y in ((150, 1290), (215, 1350), (330, 1385), (120, 1370), (1010, 1330), (1075, 1275), (930, 1392)):
        _bean(scene, x, y, float(random.uniform(27, 34)), float(random.uniform(0, math.pi)))
    return scene.finish()


def coffee_back(gtin: str) -> Image.Image:
    scene = tabletop(1200, 1450, "#6d4a32", "#2c1a10", 8)
    bag, outline = _bag(820, 1200)
    scene.polygon([(x + 200, y + 140) for x, y in outline], "#000000a0", blur=22)
    bag.rounded((80, 170, 740, 1070), 14, CREAM)
    bag.text((410, 246), "TOSTADERO NORTE", 40, INK, bold=2, anchor="ms", tracking=7)
    bag.line([(120, 272), (700, 272)], 2, TERRACOTTA)
    rows = (
        ("Origin", "Huila, Colombia"),
        ("Altitude", "1750 m"),
        ("Process", "Washed"),
        ("Roast", "Medium"),
        ("Net weight", "250 g"),
    )
    for index, (name, value) in enumerate(rows):
        y = 340 + index * 64
        bag.text((120, y), f"{name}:", 38, "#7a6552")
        bag.text((370, y), value, 38, INK, bold=2)
    bag.text((120, 690), "Notes: cocoa, red apple, caramel", 35, TERRACOTTA, bold=1)
    bag.text((120, 742), "Store in a cool and dry place.", 33, "#5a4a3c")
    bag.barcode((175, 775), gtin, 4, 190)
    scene.place(bag, [(190, 125), (1010, 125), (1010, 1325), (190, 1325)])
    for x, y, angle in ((90, 300, 0.4), (120, 390, 2.0), (1110, 1180, 1.0), (1090, 1290, 2.5), (80, 1360, 0.9)):
        _bean(scene, x, y, 38, angle)
    return photograph(
        scene.finish(),
        corners=((0.035, -0.035), (1.05, 0.03), (0.985, 1.035), (-0.045, 0.985)),
        blur=1.0,
        light=(0.25, 0.2, 0.42),
        warmth=0.035,
        noise=5,
        quality=72,
        seed=21,
    )


STEEL = vertical("#e8eaec", "#c4c8cc", "#aeb3b8")


def espresso_machine(gtin: str) -> Image.Image:
    scene = studio(1500, 1350, "#dfe3e6", "#d2d7db", "#c2c8cd", "#a4acb3")
    contact_shadow(scene, 110, 860, 1214, depth=34)
    scene.rounded((150, 1190, 250, 1226), 10, "#22262a")
    scene.rounded((720, 1190, 820, 1226), 10, "#22262a")
    # Back wall, then the head above and the tray below it.
    scene.rounded((180, 420, 790, 1130), 18, vertical("#868d94", "#5f666d"))
    scene.polygon([(180, 620), (790, 620), (790, 760), (180, 760)], vertical("#00000090", "#00000000"))
    scene.rounded((110, 270, 860, 640), 34, STEEL)
    scene.rounded(
        (110, 270, 860, 640),
        34,
        Gradient(((0, "#ffffff80"), (0.3, "#ffffff00"), (0.7, "#00000018"), (1, "#00000048")), 20),
    )
    scene.rounded((140, 236, 830, 282), 14, vertical("#f4f5f6", "#9aa1a7"))
    for x in range(180, 800, 44):
        scene.line([(x, 246), (x, 270)], 4, "#5d646a80")
    scene.text((160, 356), "CALDERA NOVE", 46, "#2a2f34", bold=3, tracking=10)
    scene.text((160, 402), "Dual boiler espresso machine", 29, "#4a5157")
    scene.ellipse((660, 310, 810, 460), "#30353a")
    scene.ellipse((670, 320, 800, 450), vertical("#ffffff", "#e3e6e8"))
    for index in range(11):
        angle = math.radians(140 + index * 26)
        inner, outer = 46, 56
        scene.line(
            [
                (735 + math.cos(angle) * inner, 385 + math.sin(angle) * inner),
                (735 + math.cos(angle) * outer, 385 + math.sin(angle) * outer),
            ],
            3,
            "#30353a",
        )
    scene.line([(735, 385), (766, 351)], 5, "#c0392b")
    scene.ellipse((726, 376, 744, 394), "#30353a")
    for x in (200, 290, 380):
        scene.ellipse((x - 34, 480, x + 34, 548), vertical("#7c848b", "#f1f3f4"))
        scene.ellipse((x - 26, 488, x + 26, 540), vertical("#f6f7f8", "#b4babf"))
    scene.ellipse((282, 506, 298, 522), "#3ea5ff")
    # Group head, portafilter with its handle, two cups' worth of spout.
    scene.rounded((400, 610, 600, 690), 20, horizontal("#6f767c", "#eef0f1", "#7c848b"))
    scene.rounded((420, 684, 580, 742), 16, horizontal("#4f565c", "#d4d8db", "#5d646a"))
    scene.rounded((566, 694, 800, 738), 22, vertical("#6b3f22", "#3a2010"))
    scene.rounded((580, 700, 780, 709), 5, "#ffffff40", blur=2)
    scene.polygon([(470, 742), (530, 742), (520, 784), (480, 784)], horizontal("#5d646a", "#e2e5e7", "#5d646a"))
    steam = smooth([(240, 600), (236, 700), (222, 800), (200, 900), (206, 960)], closed=False)
    scene.line(steam, 20, "#5d646a")
    scene.line([(x - 3, y) for x, y in steam], 8, "#f2f4f5")
    scene.polygon([(420, 930), (580, 930), (560, 1060), (440, 1060)], horizontal("#d8d3c8", "#ffffff", "#c9c3b6"))
    scene.ellipse((420, 914, 580, 946), "#efece5")
    scene.ellipse((432, 919, 568, 942), vertical("#3a2112", "#7b4a24"))
    scene.rounded((110, 1060, 860, 1200), 22, STEEL)
    scene.rounded((140, 1062, 830, 1092), 10, "#23272b")
    for x in range(160, 820, 26):
        scene.line([(x, 1068), (x, 1086)], 6, "#8d959c")
    scene.rounded((110, 1060, 860, 1200), 22, Gradient(((0, "#ffffff50"), (0.5, "#ffffff00"), (1, "#00000040")), 20))
    label = card(500, 760, "#fbfbf8")
    label.polygon([(0, 40), (500, 40), (500, 150), (0, 150)], "#2a2f34")
    label.text((250, 112), "CALDERA NOVE", 42, "#ffffff", bold=3, anchor="ms", tracking=8)
    label.text((40, 214), "Espresso Machine Duo", 39, "#2a2f34", bold=2)
    rows = (
        ("Power", "1450 W"),
        ("Pump", "15 bar"),
        ("Water tank", "2.5 l"),
        ("Weight", "14.2 kg"),
        ("Voltage", "230 V"),
    )
    for index, (name, value) in enumerate(rows):
        label.fact((40, 280 + index * 54), name, value, 36, ("#6a7177", "#2a2f34"))
    label.barcode((60, 545), gtin, 3.25, 130)
    scene.rounded((944, 394, 1440, 1160), 20, "#00000060", blur=18)
    scene.place(label, [(936, 388), (1432, 380), (1432, 1140), (936, 1140)])
    return scene.finish()
