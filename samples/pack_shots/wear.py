"""Hiking backpack, merino T-shirt, hand cream."""

import numpy as np
from PIL import Image

from pack_shots.canvas import Canvas, Gradient, Point, cylinder, horizontal, smooth, vertical
from pack_shots.studio import card, contact_shadow, hang_tag, photograph, studio, tabletop

FOREST, FOREST_DARK, FOREST_LIGHT, STRAP = "#35563f", "#22392a", "#4d7358", "#1f2421"


def _seam(scene: Canvas, points: list[Point], color: str = "#00000055") -> None:
    scene.line(points, 3, color)
    scene.line([(x, y + 4) for x, y in points], 1.5, "#ffffff30")


def _backpack(scene: Canvas) -> None:
    contact_shadow(scene, 170, 800, 1262, depth=36)
    scene.line(smooth([(400, 210), (430, 116), (540, 116), (572, 210)], closed=False), 26, STRAP)
    body = smooth(
        [
            (250, 300),
            (300, 230),
            (480, 200),
            (670, 230),
            (720, 300),
            (772, 620),
            (792, 1000),
            (760, 1210),
            (640, 1262),
            (480, 1268),
            (320, 1262),
            (206, 1210),
            (176, 1000),
            (196, 620),
        ]
    )
    scene.polygon(body, vertical(FOREST_LIGHT, FOREST, FOREST_DARK))
    scene.polygon(body, cylinder(0.36))
    for side, points in (
        ("left", [(182, 820), (250, 800), (264, 1000), (252, 1200), (214, 1204), (178, 1040)]),
        ("right", [(788, 820), (720, 800), (706, 1000), (718, 1200), (756, 1204), (790, 1040)]),
    ):
        scene.polygon(smooth(list(points)), vertical("#2a2f2c", "#171b19"))
        x = 246.0 if side == "left" else 724.0
        scene.line([(x - 56, 832), (x + 12, 812)], 6, "#6a7a6e")
    pocket = smooth(
        [
            (296, 720),
            (480, 690),
            (668, 720),
            (700, 900),
            (694, 1130),
            (640, 1212),
            (480, 1222),
            (324, 1212),
            (270, 1130),
            (264, 900),
        ]
    )
    scene.polygon([(x + 3, y + 12) for x, y in pocket], "#00000070", blur=10)
    scene.polygon(pocket, vertical("#456b50", "#2f4f39", "#213a2a"))
    _seam(scene, smooth([(290, 790), (480, 764), (676, 790)], closed=False), "#0f1a13")
    scene.line([(640, 784), (652, 838)], 9, "#e0a23c")
    for y in (860, 1120):
        scene.line(smooth([(286, y), (480, y + 12), (680, y)], closed=False), 2, "#ffffff22")
    lid = smooth(
        [
            (232, 372),
            (262, 268),
            (360, 214),
            (480, 202),
            (610, 214),
            (708, 268),
            (740, 372),
            (712, 470),
            (480, 500),
            (256, 470),
        ]
    )
    scene.polygon([(x, y + 16) for x, y in lid], "#00000078", blur=12)
    scene.polygon(lid, vertical("#5c8568", FOREST, "#2b4735"))
    _seam(scene, smooth([(256, 410), (480, 440), (716, 410)], closed=False))
    for x in (350, 618):
        scene.polygon(
            [(x - 16, 456), (x + 16, 456), (x + 16, 742), (x - 16, 742)], horizontal("#131715", "#2c3330", "#131715")
        )
        scene.rounded((x - 28, 560, x + 28, 640), 10, vertical("#4b5450", "#1d211f"))
        scene.rounded((x - 14, 572, x + 14, 628), 6, "#0e1110")
    scene.rounded((392, 880, 572, 980), 10, "#e9dfc8")
    scene.text((482, 924), "KESTREL", 32, FOREST_DARK, bold=4, anchor="ms", tracking=6)
    scene.text((482, 962), "RIDGE", 32, "#b06f1c", bold=4, anchor="ms", tracking=22)
    scene.ellipse((280, 250, 560, 340), "#ffffff28", blur=30)


def hiking_backpack(gtin: str) -> Image.Image:
    scene = studio(1500, 1400, "#e2e6df", "#d6dcd2", "#c7cfc2", "#a9b3a2")
    _backpack(scene)
    tag = card(520, 860, "#f7f1e1")
    tag.polygon([(0, 70), (520, 70), (520, 220), (0, 220)], FOREST)
    tag.text((260, 138), "KESTREL RIDGE", 46, "#f7f1e1", bold=3, anchor="ms", tracking=6)
    tag.text((260, 190), "MOUNTAIN EQUIPMENT", 23, "#c5d8c9", anchor="ms", tracking=18)
    tag.text((260, 306), "Tarn 28", 76, FOREST_DARK, bold=3, anchor="ms")
    rows = (
        ("Volume", "28 L"),
        ("Weight", "980 g"),
        ("Material", "Recycled nylon"),
        ("Back length", "48 cm"),
        ("Colour", "Forest green"),
    )
    for index, (name, value) in enumerate(rows):
        tag.fact((40, 378 + index * 52), name, value, 35, ("#6c6a58", FOREST_DARK))
    tag.barcode((65, 642), gtin, 3.33, 140)
    hang_tag(scene, tag, (900, 320), string_to=(716, 300), width=520, height=860)
    return scene.finish()


CHARCOAL = "#3b3e45"


def merino_t_shirt(gtin: str) -> Image.Image:
    scene = studio(1500, 1350, "#ece9e6", "#e6e2de", "#ddd8d3", "#cdc7c0")
    shirt: list[Point] = [(330, 214)]
    shirt += smooth([(330, 214), (390, 262), (470, 276), (550, 262), (610, 214)], closed=False)
    shirt += smooth([(610, 214), (740, 254), (820, 320), (900, 520), (892, 552)], closed=False)
    shirt += smooth([(892, 552), (820, 596), (748, 620)], closed=False)
    shirt += smooth([(748, 620), (726, 540), (718, 560), (722, 800), (734, 1150), (730, 1190)], closed=False)
    shirt += smooth([(730, 1190), (600, 1212), (340, 1212), (210, 1190)], closed=False)
    shirt += smooth([(210, 1190), (206, 1150), (218, 800), (222, 560), (214, 540), (192, 620)], closed=False)
    shirt += smooth([(192, 620), (120, 596), (48, 552)], closed=False)
    shirt += smooth([(48, 552), (40, 520), (120, 320), (200, 254), (330, 214)], closed=False)
    scene.polygon([(x + 10, y + 22) for x, y in shirt], "#00000066", blur=22)
    scene.ellipse((334, 176, 606, 292), "#26282d")
    scene.polygon(shirt, vertical("#484b53", CHARCOAL, "#303338"))
    folds = Canvas(scene.width, scene.height)
    for points, width, shade in (
        ([(250, 520), (330, 640), (350, 860)], 34, "#00000048"),
        ([(690, 520), (620, 640), (600, 880)], 34, "#00000048"),
        ([(300, 560), (390, 720), (400, 980)], 26, "#ffffff1c"),
        ([(640, 560), (560, 760), (560, 1020)], 26, "#ffffff1c"),
        ([(240, 980), (380, 1060), (560, 1050)], 30, "#00000036"),
        ([(700, 900), (600, 1000), (430, 1120)], 26, "#ffffff18"),
        ([(150, 350), (190, 450), (200, 560)], 24, "#00000040"),
        ([(790, 350), (750, 450), (742, 560)], 24, "#00000040"),
    ):
        folds.line(smooth(points, closed=False), width, shade, blur=16)
    folds.ellipse((150, 220, 460, 620), "#ffffff20", blur=60)
    random = np.random.default_rng(2)
    for _ in range(240):
        x, y = float(random.uniform(60, 880)), float(random.uniform(240, 1200))
        folds.line([(x, y), (x + 26, y)], 1, "#ffffff12")
    scene.inside(shirt, folds)
    collar = smooth([(330, 214), (390, 262), (470, 276), (550, 262), (610, 214)], closed=False)
    scene.line([(x, y + 8) for x, y in collar], 22, "#2c2e33")
    scene.line([(x, y + 20) for x, y in collar], 2, "#ffffff30")
    hem = smooth([(212, 1166), (340, 1188), (600, 1188), (728, 1166)], closed=False)
    scene.line(hem, 2, "#00000066")
    for start, end in (((70, 520), (200, 590)), ((870, 520), (740, 590))):
        scene.line([start, end], 2, "#00000066")
    scene.rounded((428, 200, 512, 246), 4, "#d9d3c7")
    scene.text((470, 232), "M", 30, "#26282d", bold=3, anchor="ms")
    tag = card(500, 880, "#f6f3ee")
    tag.text((250, 142), "LANAMAR", 58, "#26282d", bold=3, anchor="ms", tracking=14)
    tag.line([(150, 170), (350, 170)], 3, "#b08a5a")
    tag.text((250, 238), "Merino T-shirt", 46, "#26282d", bold=1, anchor="ms")
    tag.lines((250, 312), ("100 % merino wool", "150 g/m2", "Size M"), 37, "#4a4d54", anchor="ms")
    tag.line([(60, 448), (440, 448)], 1.5, "#00000030")
    tag.lines((250, 502), ("Machine wash 30 °C", "Do not tumble dry", "Made in Portugal"), 32, "#4a4d54", anchor="ms")
    tag.barcode((63, 646), gtin, 3.2, 158)
    hang_tag(scene, tag, (930, 260), string_to=(508, 232), width=500, height=880)
    return scene.finish()


ALMOND, ROSE, COCOA = "#f7ead8", "#d99a86", "#5a3527"


def hand_cream(gtin: str) -> Image.Image:
    scene = tabletop(1300, 1450, "#c9b49a", "#6f5438", 17, planks=4)
    tube: list[Point] = [(330, 110), (970, 110), (970, 176)]
    tube += smooth([(970, 176), (958, 400), (930, 900), (900, 1120)], closed=False)
    tube += [(880, 1150), (420, 1150), (400, 1120)]
    tube += smooth([(400, 1120), (370, 900), (342, 400), (330, 176)], closed=False)
    scene.polygon([(x + 20, y + 24) for x, y in tube], "#00000088", blur=24)
    scene.rounded((456, 1170, 866, 1372), 20, "#00000088", blur=24)
    scene.polygon(tube, vertical("#fdf4e7", ALMOND, "#efdcc2"))
    art = Canvas(1300, 1450)
    art.polygon([(300, 820), (1000, 760), (1000, 1160), (300, 1160)], ROSE)
    for index in range(7):
        x, y = 372 + index * 90, 800 - index * 8 + (index % 2) * 10
        leaf = smooth([(x, y), (x + 22, y - 40), (x + 8, y - 84), (x - 14, y - 40)])
        art.polygon(leaf, "#b9c39a" if index % 2 else "#a3b183")
    scene.inside(tube, art)
    scene.text((650, 284), "BOTANELLA", 66, COCOA, bold=3, anchor="ms", tracking=12)
    scene.line([(520, 312), (780, 312)], 3, ROSE)
    scene.text((650, 396), "Hand Cream", 70, COCOA, bold=2, anchor="ms")
    scene.text((650, 460), "Sweet almond & shea butter", 39, "#7d5443", anchor="ms")
    scene.text((650, 540), "For dry skin", 40, "#7d5443", anchor="ms")
    scene.text((650, 600), "Vegan", 40, "#7d5443", anchor="ms")
    scene.text((650, 682), "75 ml", 58, COCOA, bold=3, anchor="ms")
    scene.barcode((454, 850), gtin, 3.35, 150)
    scene.text((650, 1118), "Use within 12 months after opening", 27, "#ffffff", bold=1, anchor="ms")
    shade = Gradient(
        (
            (0, "#00000058"),
            (0.08, "#00000018"),
            (0.18, "#ffffff58"),
            (0.3, "#ffffff00"),
            (0.75, "#00000000"),
            (0.92, "#00000020"),
            (1, "#00000058"),
        ),
        0,
    )
    scene.polygon(tube, shade)
    scene.polygon([(330, 110), (970, 110), (970, 176), (330, 176)], vertical("#ffffff40", "#00000030"))
    for x in range(338, 968, 9):
        scene.line([(x, 114), (x, 170)], 1.4, "#00000026")
    scene.rounded((440, 1146, 860, 1350), 20, vertical("#8a5a48", COCOA))
    scene.rounded((440, 1146, 860, 1350), 20, cylinder(0.5))
    for x in range(456, 850, 14):
        scene.line([(x, 1164), (x, 1336)], 2, "#00000038")
    for x, y, size in ((160, 1180, 54), (236, 1290, 48), (1120, 300, 52)):
        nut = smooth([(x - size, y + 6), (x - size * 0.2, y - size * 0.5), (x + size, y), (x, y + size * 0.52)])
        scene.polygon([(px + 8, py + 12) for px, py in nut], "#00000070", blur=8)
        scene.polygon(nut, vertical("#b9743f", "#7c4520"))
        scene.line([(x - size * 0.7, y + 4), (x + size * 0.7, y + 2)], 2, "#4b2810a0")
        scene.line([(x - size * 0.5, y - 8), (x + size * 0.6, y - 6)], 2, "#4b281070")
    # The corners turn the picture by five degrees and tilt it a little away from the camera.
    return photograph(
        scene.finish(),
        corners=((-0.005, -0.075), (1.065, 0.02), (1.0, 1.07), (-0.075, 0.985)),
        blur=1.1,
        light=(0.78, 0.15, 0.45),
        warmth=0.05,
        noise=5,
        quality=70,
        seed=4,
    )
