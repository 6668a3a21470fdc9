"""The sample catalogue agrees with itself: table, photos, pages, and what `expected.json` promises of them."""

import csv
import importlib.util
import io
import json
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
import zxingcpp
from lxml import html
from PIL import Image
from rapidocr import RapidOCR

SAMPLES = Path(__file__).resolve().parents[1]
PHOTOS, SITE = SAMPLES / "photos", SAMPLES / "site"
MAX_PHOTO_BYTES = 300_000

EXPECTED: dict[str, dict[str, Any]] = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
with (SAMPLES / "catalogue.csv").open(encoding="utf-8", newline="") as file:
    ROWS = {row["sku"]: row for row in csv.DictReader(file)}
SKUS = sorted(EXPECTED)
PAGES = sorted(path.name for path in SITE.glob("*.html"))
PHOTOGRAPHED = [name for expected in EXPECTED.values() for name in expected.get("photographed", [])]


def parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(" | ") if part.strip()]


def has_valid_check_digit(gtin: str) -> bool:
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(gtin))
    return len(gtin) == 13 and weighted % 10 == 0


def page_source(name: str) -> str:
    """Decoded as a browser would: by the charset that the page declares."""
    data = (SITE / name).read_bytes()
    declared = re.search(rb'<meta charset="([^"]+)">', data[:1024])
    assert declared, f"{name} declares no charset"
    return data.decode(declared[1].decode("ascii"))


def normalised(text: str) -> str:
    """Without case, spaces and colons, which text recognition likes to lose."""
    return re.sub(r"[\s:]+", "", text).casefold()


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def reader() -> RapidOCR:
    return RapidOCR()


def read_text(reader: RapidOCR, name: str) -> str:
    with Image.open(PHOTOS / name) as photo:
        result = reader(np.asarray(photo.convert("RGB"))[:, :, ::-1])
    return " ".join(result.txts or ())


def read_barcodes(name: str) -> list[str]:
    with Image.open(PHOTOS / name) as photo:
        large = photo.resize((photo.width * 2, photo.height * 2), Image.Resampling.LANCZOS)
    found = zxingcpp.read_barcodes(large, formats=zxingcpp.BarcodeFormat.EAN13)
    return [barcode.text for barcode in found if barcode.valid]


class TestCatalogue:
    def test_has_a_row_for_each_expected_product(self):
        assert sorted(ROWS) == SKUS
        assert len(SKUS) >= 8

    @pytest.mark.parametrize("sku", SKUS)
    def test_row_is_well_formed(self, sku):
        row = ROWS[sku]
        assert row["name"]
        assert parts(row["languages"]) == ["en", "es"]
        assert bool(row["price"]) == bool(row["currency"])
        assert not row["price"] or re.fullmatch(r"\d+\.\d\d", row["price"])
        assert row["gtin"] in ("", EXPECTED[sku]["gtin"])
        for attribute in filter(None, row["attributes"].split("; ")):
            assert re.fullmatch(r"[^=;]+=[^=;]+", attribute)

    @pytest.mark.parametrize("sku", SKUS)
    def test_row_names_existing_files(self, sku):
        row = ROWS[sku]
        images = parts(row["images"])
        assert images
        assert all((PHOTOS / image).is_file() for image in images)
        assert parts(row["source_urls"]) == [f"{{site}}/{EXPECTED[sku]['page']}"]
        assert (SITE / EXPECTED[sku]["page"]).is_file()
        assert EXPECTED[sku]["barcode_photo"] in images
        assert set(EXPECTED[sku].get("photographed", [])) <= set(images)

    def test_no_file_is_left_over(self):
        used = {image for row in ROWS.values() for image in parts(row["images"])}
        assert used == {path.name for path in PHOTOS.iterdir()}
        assert {expected["page"] for expected in EXPECTED.values()} | {"index.html"} == set(PAGES)

    @pytest.mark.parametrize("sku", SKUS)
    def test_merchant_evidence_stands_in_the_row(self, sku):
        cells = " ".join(ROWS[sku].values())
        for fact in EXPECTED[sku]["must_find"]:
            assert fact["evidence"], f"{fact['name']} has no evidence"
            assert fact["evidence"].get("merchant", "") in cells


class TestPhotos:
    @pytest.mark.parametrize("name", sorted(path.name for path in PHOTOS.iterdir()))
    def test_photo_is_a_small_jpeg(self, name):
        assert (PHOTOS / name).stat().st_size < MAX_PHOTO_BYTES
        with Image.open(PHOTOS / name) as photo:
            assert photo.format == "JPEG"
            assert 1200 <= max(photo.size) <= 1600

    @pytest.mark.parametrize("sku", SKUS)
    def test_barcode_is_a_valid_in_store_ean_13(self, sku):
        gtin = EXPECTED[sku]["gtin"]
        assert has_valid_check_digit(gtin)
        assert gtin.startswith("0200") or 20 <= int(gtin[:2]) <= 29
        assert read_barcodes(EXPECTED[sku]["barcode_photo"]) == [gtin]

    def test_two_products_have_front_and_back(self):
        assert sum(len(parts(row["images"])) >= 2 for row in ROWS.values()) == 2

    def test_two_pictures_look_photographed(self):
        assert len(PHOTOGRAPHED) >= 2

    @pytest.mark.parametrize("sku", SKUS)
    def test_printed_evidence_is_legible(self, sku, reader):
        expected = EXPECTED[sku]
        text = normalised(" ".join(read_text(reader, name) for name in parts(ROWS[sku]["images"])))
        facts = [*expected["must_find"], *filter(None, [expected.get("conflict")])]
        printed = [fact["evidence"]["image"] for fact in facts if "image" in fact["evidence"]]
        assert printed
        assert [evidence for evidence in printed if normalised(evidence) not in text] == []

    @pytest.mark.parametrize("name", PHOTOGRAPHED)
    def test_photographed_picture_is_legible_by_itself(self, name, reader):
        sku = next(sku for sku, expected in EXPECTED.items() if name in expected.get("photographed", []))
        text = normalised(read_text(reader, name))
        printed = [fact["evidence"].get("image") for fact in EXPECTED[sku]["must_find"]]
        missing = [evidence for evidence in printed if evidence and normalised(evidence) not in text]
        assert missing == []

    def test_making_a_photo_again_gives_the_same_bytes(self, tmp_path, monkeypatch):
        make_photos = load_make_photos(monkeypatch)
        monkeypatch.setattr(sys, "argv", ["make_photos.py", "hand-cream.jpg", "--out", str(tmp_path / "first")])
        make_photos.main()
        monkeypatch.setattr(sys, "argv", ["make_photos.py", "hand-cream.jpg", "--out", str(tmp_path / "second")])
        make_photos.main()
        first = (tmp_path / "first" / "hand-cream.jpg").read_bytes()
        assert first == (tmp_path / "second" / "hand-cream.jpg").read_bytes()
        # Other versions of Pillow or NumPy may round differently, but it has to be the same picture.
        with Image.open(io.BytesIO(first)) as made, Image.open(PHOTOS / "hand-cream.jpg") as kept:
            difference = np.abs(np.asarray(made, dtype=int) - np.asarray(kept, dtype=int))
        assert difference.mean() < 2

    def test_each_photo_has_a_recipe(self, monkeypatch):
        shots = load_make_photos(monkeypatch).SHOTS
        assert set(shots) == {path.name for path in PHOTOS.iterdir()}
        assert all(name in parts(ROWS[sku]["images"]) for name, (sku, _) in shots.items())


def load_make_photos(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as it runs by itself: with its own folder on the import path."""
    monkeypatch.syspath_prepend(str(SAMPLES))
    specification = importlib.util.spec_from_file_location("make_photos", SAMPLES / "make_photos.py")
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


class TestSite:
    @pytest.mark.parametrize("name", PAGES)
    def test_page_decodes_and_its_links_exist(self, name):
        tree = html.fromstring(page_source(name))
        assert tree.xpath("//title/text()")
        assert tree.xpath("//html/@lang")
        links = [urlsplit(link).path for link in tree.xpath("//a/@href | //link[@rel]/@href") if link]
        assert links
        assert all((SITE / link).is_file() for link in links if link)

    def test_index_links_every_product(self):
        links = html.fromstring(page_source("index.html")).xpath("//main//a/@href")
        assert {expected["page"] for expected in EXPECTED.values()} <= set(links)

    def test_robots_may_read_everything(self):
        assert (SITE / "robots.txt").read_text(encoding="ascii").split("\n")[:2] == ["User-agent: *", "Allow: /"]

    @pytest.mark.parametrize("sku", SKUS)
    def test_evidence_stands_on_the_page(self, sku):
        expected = EXPECTED[sku]
        source = flat(page_source(expected["page"]))
        facts = [*expected["must_find"], *filter(None, [expected.get("conflict")])]
        missing = [fact["name"] for fact in facts if fact["evidence"].get("web", "") not in source]
        assert missing == []

    @pytest.mark.parametrize("sku", SKUS)
    def test_structured_data_is_there_only_where_the_style_says_so(self, sku):
        expected = EXPECTED[sku]
        style, tree = expected["page_style"], html.fromstring(page_source(expected["page"]))
        blocks = [json.loads(script) for script in tree.xpath("//script[@type='application/ld+json']/text()")]
        assert bool(blocks) == style.startswith("json-ld")
        assert any("@graph" in block for block in blocks) == (style == "json-ld-graph")
        assert bool(tree.xpath("//*[@itemscope]")) == (style == "microdata")
        assert bool(tree.xpath("//main//dl")) == style.endswith("definition-list")
        assert bool(tree.xpath("//meta[@property='product:material']")) == (style == "open-graph")
        has_tables = style.startswith(("specification-tables", "table-")) or style == "json-ld-graph"
        assert bool(tree.xpath("//main//table")) == has_tables

    def test_one_page_is_not_utf_8(self):
        legacy = [expected for expected in EXPECTED.values() if "encoding" in expected]
        assert [expected["encoding"] for expected in legacy] == ["windows-1252"]
        with pytest.raises(UnicodeDecodeError):
            (SITE / legacy[0]["page"]).read_bytes().decode("utf-8")

    def test_exactly_one_product_contradicts_its_pack(self):
        assert [sku for sku in SKUS if "conflict" in EXPECTED[sku]] == ["BRN-MUG-330"]

    def test_injected_phrases_stand_in_hidden_places_only(self):
        (expected,) = (expected for expected in EXPECTED.values() if "injection_phrases" in expected)
        tree = html.fromstring(page_source(expected["page"]))
        hidden = tree.xpath("//*[contains(@style, 'display:none') or contains(@style, '-9999px')] | //comment()")
        hidden_text = flat(" ".join(element.xpath("string()") for element in hidden))
        assert hidden
        for element in hidden:
            element.drop_tree()
        shown_text = flat(tree.text_content())
        for phrase in expected["injection_phrases"]:
            assert phrase in hidden_text
            assert phrase.casefold() not in shown_text.casefold()
