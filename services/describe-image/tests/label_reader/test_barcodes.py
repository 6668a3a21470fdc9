import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageFilter

from describe_image.label_reader.barcodes import RETAIL, find_barcodes
from describe_image.label_reader.geometry import TextLine


def gray(image):
    return np.asarray(image.convert("L"))


def line(text, box=(100, 100, 400, 130), confidence=0.99):
    left, top, right, bottom = box
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=np.float32)
    return TextLine(text, confidence, corners)


class TestFindBarcodes:
    @pytest.mark.parametrize("degrees", [0, 90, 180, 270, 8, -12])
    def test_rotated(self, pack, degrees):
        image = pack.render((), gtin="2105200500294").rotate(degrees, expand=True, fillcolor="white")
        [found] = find_barcodes(gray(image), [])
        assert (found.barcode.format, found.barcode.value, found.barcode.valid) == ("EAN-13", "2105200500294", True)

    def test_box_lies_on_the_bars(self, pack):
        image = Image.new("RGB", (1000, 500), "white")
        image.paste(pack.barcode("2105200500294"), (500, 200))
        [found] = find_barcodes(gray(image), [])
        x, y, width, height = found.barcode.box
        assert 0.5 < x < 0.6
        assert y == pytest.approx(0.4, abs=0.1)
        assert x + width < 0.9
        assert y + height < 0.8

    def test_blurred_is_found_enlarged(self, pack):
        canvas = Image.new("RGB", (600, 400), "white")
        canvas.paste(pack.barcode("2105200500294"), (150, 100))
        blurred = gray(canvas.filter(ImageFilter.GaussianBlur(1.9)))
        assert zxingcpp.read_barcodes(blurred, formats=RETAIL) == []
        [found] = find_barcodes(blurred, [])
        assert found.gtin == "2105200500294"

    @pytest.mark.parametrize("printed", ["0 36000 29145 2", "036000291452"])
    def test_upc_a_is_told_from_ean_by_its_print(self, pack, printed):
        image = gray(pack.barcode("036000291452", "UPC-A"))
        [found] = find_barcodes(image, [line(printed)])
        assert (found.barcode.format, found.barcode.value, found.gtin) == ("UPC-A", "036000291452", "0036000291452")
        [found] = find_barcodes(image, [])
        assert (found.barcode.format, found.barcode.value, found.gtin) == ("EAN-13", "0036000291452", "0036000291452")

    def test_ean_8(self, pack):
        [found] = find_barcodes(gray(pack.render((), gtin="96385074")), [])
        assert (found.barcode.format, found.gtin) == ("EAN-8", "96385074")

    def test_upc_e_needs_its_print_and_is_expanded(self, pack):
        image = Image.new("RGB", (500, 400), "white")
        image.paste(pack.barcode("04252614", "UPC-E"), (100, 100))
        assert find_barcodes(gray(image), []) == []
        [found] = find_barcodes(gray(image), [line("0 425261 4")])
        assert (found.barcode.format, found.barcode.value, found.gtin) == ("UPC-E", "04252614", "0042100005264")
        assert found.barcode.valid

    def test_falls_back_to_the_printed_digits(self):
        [found] = find_barcodes(np.full((400, 600), 255, np.uint8), [line("2 004100 330171")])
        assert found.gtin == "2004100330171"
        assert not found.read_from_bars
        assert found.confidence < 0.9

    def test_nothing_is_found_in_stripes_and_noise(self):
        generator = np.random.default_rng(7)
        stripes = np.repeat(generator.integers(0, 2, 150), 4)[None, :].repeat(400, axis=0) * 255
        noise = generator.integers(0, 255, (400, 600))
        assert find_barcodes(stripes.astype(np.uint8), []) == []
        assert find_barcodes(noise.astype(np.uint8), []) == []

    def test_qr_codes_are_not_retail_barcodes(self):
        code = zxingcpp.create_barcode("2004100330171", zxingcpp.BarcodeFormat.QRCode)
        assert find_barcodes(np.asarray(code.to_image(scale=8)), []) == []
