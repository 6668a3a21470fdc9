import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont


class TestFormats:
    @pytest.mark.parametrize(
        ("image_format", "mode", "contract_name"),
        [
            ("JPEG", "RGB", "JPEG"), ("JPEG", "CMYK", "JPEG"), ("JPEG", "L", "JPEG"), ("PNG", "RGBA", "PNG"),
            ("PNG", "P", "PNG"), ("PNG", "1", "PNG"), ("PNG", "I;16", "PNG"), ("WEBP", "RGB", "WEBP"),
            ("HEIF", "RGB", "HEIC"), ("AVIF", "RGB", "AVIF"), ("GIF", "P", "GIF"),
        ],
    )  # fmt: skip
    def test_every_accepted_kind_is_read(self, read, pack, by_name, image_format, mode, contract_name):
        image = pack.render(("Net weight 250 g",))
        if mode == "I;16":
            image = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
        else:
            image = image.convert(mode)
        answer = read(pack.encode(image, image_format))
        assert answer.image.format == contract_name
        facts = by_name(answer.facts)
        assert facts["weight"] == ("250", "g")
        assert facts["gtin"] == ("2004100330171", None)

    def test_boxes_are_after_exif_rotation(self, read, pack):
        upright = pack.render(("Net weight 250 g",), gtin=None, size=(900, 600))
        exif = Image.Exif()
        exif[0x0112] = 6
        answer = read(pack.encode(upright.rotate(90, expand=True), "JPEG", exif=exif, quality=95))
        assert (answer.image.width, answer.image.height) == (900, 600)
        [text] = answer.visible_text
        x, y, width, height = text.box
        assert x == pytest.approx(0.16, abs=0.03)
        assert y == pytest.approx(0.12, abs=0.05)
        assert width > 3 * height

    def test_large_photos_are_scaled_down_but_reported_as_they_are(self, read, pack):
        image = pack.render(("Net weight 250 g",), size=(4000, 3000), font_size=150, gtin=None)
        answer = read(pack.encode(image, "JPEG"))
        assert (answer.image.width, answer.image.height) == (4000, 3000)
        assert ("weight", "250") in {(fact.name, fact.value) for fact in answer.facts}


class TestFacts:
    def test_a_whole_pack(self, read, pack, by_name):
        lines = ("NORDIKA", "Enamel Mug", "330 ml", "Dishwasher safe", "Made in Poland", "Item NOR-330")
        answer = read(pack.render(lines, printed="2 004100 330171", color="#0f8077", ink="white"))
        facts = by_name(answer.facts)
        assert facts["volume"] == ("330", "ml")
        assert facts["dishwasher_safe"] == ("Dishwasher safe", None)
        assert facts["country_of_origin"] == ("Poland", None)
        assert facts["article_number"] == ("NOR-330", None)
        assert facts["color"] == ("teal", None)
        texts = [fact.value for fact in answer.facts if fact.name == "pack_text"]
        assert texts == ["NORDIKA", "Enamel Mug"]

    def test_sources(self, read, pack):
        answer = read(pack.render(("Enamel Mug", "Material: Enamelled steel")))
        seen = {text.text for text in answer.visible_text}
        for fact in answer.facts:
            assert fact.source.kind == "image"
            assert fact.source.ref == f"sha256:{answer.image.sha256}"
            assert fact.source.locator is not None
            if fact.name == "color":
                assert fact.source.quote is None
                assert fact.confidence <= 0.6
            elif fact.name != "gtin":
                assert fact.source.quote in seen
        assert len({fact.id for fact in answer.facts}) == len(answer.facts)

    def test_two_columns_are_read_together(self, read, pack, by_name):
        image = pack.render((), gtin=None)
        for row, (label, value) in enumerate((("Capacity:", "330 ml"), ("Height", "80 mm"))):
            write(image, label, (150, 100 + 80 * row))
            write(image, value, (520, 100 + 80 * row))
        answer = read(image)
        facts = by_name(answer.facts)
        assert facts["volume"] == ("330", "ml")
        assert facts["height"] == ("80", "mm")
        quote = next(fact.source.quote for fact in answer.facts if fact.name == "volume")
        assert quote == "Capacity: 330 ml"

    def test_rotated_photo_is_read_in_order(self, read, pack):
        lines = ("NORDIKA", "Enamel Mug", "Sea blue", "330 ml")
        answer = read(pack.render(lines, gtin=None).rotate(90, expand=True))
        assert [text.text for text in answer.visible_text] == list(lines)

    def test_a_named_colour_is_not_contradicted_by_the_seen_one(self, read, pack):
        answer = read(pack.render(("Colour: Sea blue",), color="#e0262b", gtin=None))
        assert [fact.value for fact in answer.facts if fact.name == "color"] == ["Sea blue"]

    def test_an_empty_photo_gives_no_text_facts(self, read):
        answer = read(Image.new("RGB", (500, 500), "white"))
        assert answer.visible_text == []
        assert {fact.name for fact in answer.facts} <= {"color"}
        assert "no legible text" in answer.description


class TestWording:
    def test_english(self, read, pack):
        answer = read(pack.render(("NORDIKA", "Enamel Mug"), color="#0f8077", ink="white"))
        assert answer.description.startswith("Label reading: the pack says “NORDIKA · Enamel Mug”. Main colours: teal")
        assert answer.description.endswith("No vision model looked at the scene.")
        assert answer.alt_text == "Pack with the text “NORDIKA Enamel Mug”, mainly teal"

    def test_spanish(self, read, pack):
        answer = read(pack.render(("NORDIKA", "Taza"), color="#0f8077", ink="white"), language="es")
        assert answer.alt_text == "Envase con el texto «NORDIKA Taza», principalmente en color verde azulado"
        assert "Ningún modelo de visión" in answer.description

    def test_alt_text_stays_short(self, read, pack):
        lines = tuple(f"A rather long line of text number {number}" for number in range(8))
        answer = read(pack.render(lines, size=(1400, 900)))
        assert 20 < len(answer.alt_text) <= 125


def write(image, text, place):
    ImageDraw.Draw(image).text(place, text, fill="black", font=ImageFont.load_default(44))
