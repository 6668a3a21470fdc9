import numpy as np
import pytest
from PIL import Image, ImageDraw

from describe_image.label_reader.background import analyse
from describe_image.label_reader.colors import in_language, named_colors
from describe_image.label_reader.palette import ANCHORS, SPANISH, color_name, from_hex


def product(color, background="white", size=(600, 600), radius=180):
    image = Image.new("RGB", size, background)
    centre = size[0] // 2, size[1] // 2
    box = (centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius)
    ImageDraw.Draw(image).ellipse(box, fill=color)
    return image


def lit(image, left, right):
    light = np.linspace(left, right, image.width)[None, :, None]
    return Image.fromarray(np.clip(np.asarray(image) * light, 0, 255).astype(np.uint8))


class TestColorName:
    @pytest.mark.parametrize(
        ("value", "name"),
        [
            ("#000000", "black"), ("#ffffff", "white"), ("#808080", "grey"), ("#ff0000", "red"), ("#0000ff", "blue"),
            ("#008000", "green"), ("#ffff00", "yellow"), ("#ffa500", "orange"), ("#800080", "purple"),
            ("#000080", "navy"), ("#008080", "teal"), ("#40e0d0", "turquoise"), ("#f5f5dc", "cream"),
            ("#808000", "olive"), ("#800020", "burgundy"), ("#ffc0cb", "pink"), ("#8b4513", "brown"),
            ("#add8e6", "light blue"), ("#d4af37", "gold"), ("#c0c0c0", "silver"), ("#d2b48c", "beige"),
        ],
    )  # fmt: skip
    def test_well_known_colours(self, value, name):
        assert color_name(np.array(from_hex(value), dtype=np.uint8)) == name

    def test_every_name_has_a_translation(self):
        assert set(ANCHORS) == set(SPANISH)


class TestNamedColors:
    @pytest.mark.parametrize("background", ["white", "#cfd8dc", "#e8ddc8"])
    def test_the_background_does_not_count(self, background):
        [color] = named_colors(analyse(product("#c8102e", background)))
        assert color.name == "red"
        assert color.share > 0.95
        assert color.hex == "#c8102e"

    def test_uneven_light_changes_neither_name_nor_background(self):
        scene = analyse(lit(product("#1f5fc0", "#f0f0f0"), 0.55, 1.0))
        assert scene.kind == "plain colour"
        assert named_colors(scene)[0].name == "blue"
        assert named_colors(scene)[0].share > 0.8

    def test_shares(self):
        image = product("#14264d")
        ImageDraw.Draw(image).rectangle((240, 240, 360, 360), fill="#f07c1e")
        colors = {color.name: color.share for color in named_colors(analyse(image))}
        assert set(colors) == {"navy", "orange"}
        assert colors["orange"] == pytest.approx(120 * 120 / (np.pi * 180**2), abs=0.03)

    def test_tiny_parts_are_ignored(self):
        image = product("#14264d")
        ImageDraw.Draw(image).rectangle((295, 295, 320, 320), fill="#ff0000")
        assert [color.name for color in named_colors(analyse(image))] == ["navy"]

    def test_spanish(self):
        [color] = in_language(named_colors(analyse(product("#14264d"))), "es-MX")
        assert color.name == "azul marino"


class TestAnalyse:
    def test_plain_white(self):
        scene = analyse(product("#c8102e"))
        assert scene.kind == "plain white"
        assert scene.box == pytest.approx((0.2, 0.2, 0.6, 0.6), abs=0.01)

    def test_a_soft_shadow_belongs_to_the_background(self):
        image = product("#c8102e", "#f4f4f4")
        y, x = np.mgrid[0:600, 0:600]
        depth = 0.25 * np.exp(-(((x - 300) / 220) ** 2 + ((y - 480) / 60) ** 2))
        mask = np.asarray(image)[..., 1] > 200
        shaded = np.where(mask[..., None], np.asarray(image) * (1 - depth[..., None]), image).astype(np.uint8)
        [color] = named_colors(analyse(Image.fromarray(shaded)))
        assert color.name == "red"

    def test_a_busy_photo_is_a_scene(self):
        tiles = np.random.default_rng(5).integers(0, 255, (12, 12, 3), dtype=np.uint8)
        assert analyse(Image.fromarray(tiles).resize((600, 600), 0)).kind == "scene"

    @pytest.mark.parametrize("size", [(1, 1), (2000, 1), (1, 2000)])
    def test_odd_shapes(self, size):
        assert named_colors(analyse(Image.new("RGB", size, "red")))[0].name == "red"
