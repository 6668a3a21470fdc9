"""Datasheets, through the reader and through the service."""

from collections.abc import Callable

import pytest

from extract_webcontent.pdf.reader import read_pdf
from extract_webcontent.pdf.words import UnreadablePdf, read_pages
from extract_webcontent.reading.reader import PageReading


def read(body: bytes) -> PageReading:
    reading = read_pdf(body, url="https://maker.example/sheet.pdf", ref="https://maker.example/sheet.pdf")
    for fact in reading.facts:
        locator = fact.source.locator
        assert locator is not None
        assert reading.snapshot[locator.start : locator.end] == fact.source.quote
    return reading


def values(reading: PageReading) -> dict[str, str]:
    return {
        attribute.name: f"{attribute.value} {attribute.unit or ''}".strip()
        for attribute in (reading.product.attributes if reading.product else [])
    }


class TestDatasheets:
    def test_the_facts_of_a_table(self, kettle):
        reading = read(kettle)
        assert reading.product is not None
        assert reading.product.name == "Kettle AquaBoil 1700"
        assert (reading.product.gtin, reading.product.sku) == ("4006381333931", "AB-1700-SS")
        assert values(reading)["Capacity"] == "1.7 l"
        assert values(reading)["Power"] == "2200 W"
        assert reading.title == "AquaBoil 1700 datasheet"
        assert reading.language == "en"

    def test_a_value_over_two_lines(self, kettle):
        assert values(read(kettle))["Material"] == "Stainless steel 18/10, brushed on the outside"

    def test_page_and_box_are_the_locator(self, kettle):
        fact = next(fact for fact in read(kettle).facts if fact.name == "Power")
        place = fact.source.locator.xpath
        page, box = place.split(";")
        assert page == "page=1"
        left, top, width, height = (float(number) for number in box.removeprefix("box=").split(","))
        assert left == pytest.approx(50 / 595, abs=0.01)
        assert top == pytest.approx(165 / 842, abs=0.02)
        assert left + width < 0.5
        assert height < 0.03

    def test_the_text_as_markdown(self, kettle):
        text = read(kettle).main_text
        assert text.startswith("# Kettle AquaBoil 1700\n")
        assert "| Capacity | 1.7 l |" in text
        assert "- Concealed heating element" in text
        assert "switches itself off when it boils or when it is empty." in text

    def test_columns_of_prose_are_read_one_after_the_other(self, sheet, make_pdf):
        page = sheet().text(50, 50, "Two columns", 20)
        left = ["The first column goes on about the steel it is", "made of, which has been rolled, cut and pressed."]
        right = ["The second column tells of the heating element", "that lies below the floor and cannot rust at all."]
        for index, (first, second) in enumerate(zip(left, right, strict=True)):
            page.text(50, 90 + 13 * index, first)
            page.text(320, 90 + 13 * index, second)
        text = read(make_pdf(page)).main_text
        assert " ".join(left) in text
        assert " ".join(right) in text

    def test_a_rotated_page(self, sheet, make_pdf):
        page = sheet(extra="/Rotate 90").text(50, 60, "Sideways", 20)
        _, pages = read_pages(make_pdf(page))
        word = pages[0].words[0]
        # What stood at the top stands at the right.
        assert word.left > 0.85
        assert word.bottom < 0.35

    def test_running_feet_are_no_facts(self, sheet, make_pdf):
        pages = [
            sheet()
            .text(50, 60, f"Chapter {number}", 18)
            .text(50, 90, "Power: 2200 W")
            .text(50, 800, f"Weight: {number} kg")
            for number in range(1, 5)
        ]
        reading = read(make_pdf(*pages))
        assert "Weight" not in values(reading)
        assert "Weight" not in (reading.main_text or "")

    def test_text_outside_of_the_page_is_not_read(self, sheet, make_pdf):
        page = sheet().text(50, 60, "Kettle", 20).text(-500, 90, "Certified by nobody").text(50, 120, "Power: 2200 W")
        assert "Certified" not in read(make_pdf(page)).snapshot

    def test_markup_in_the_text_is_text(self, sheet, make_pdf):
        page = sheet().text(50, 60, "Kettle", 20).text(50, 90, "<b onclick='x'>Material: steel</b> & more")
        assert "<b onclick='x'>Material: steel</b> & more" in read(make_pdf(page, title="</title><script>")).snapshot

    def test_scripts_are_not_run(self, sheet, make_pdf):
        body = make_pdf(
            sheet().text(50, 60, "Kettle", 20).text(50, 90, "Power: 2200 W"),
            catalog="/OpenAction<</S/JavaScript/JS(while\\(1\\);)>>",
        )
        assert "Power: 2200 W" in read(body).snapshot

    def test_a_scan_says_so(self, sheet, make_pdf):
        with pytest.raises(UnreadablePdf, match="probably a scan"):
            read(make_pdf(sheet()))

    def test_a_model_number_is_no_missing_page(self, sheet, make_pdf):
        reading = read(make_pdf(sheet().text(50, 60, "Kettle 404", 20).text(50, 90, "Power: 2200 W")))
        assert reading.blocked is None


class TestPdfsOverTheService:
    async def test_a_supplier_s_datasheet(self, extract, site, kettle):
        url = site.page("/sheet.pdf", kettle, content_type="application/pdf")
        page = (await extract(url=url)).json()
        assert page["product"]["gtin"] == "4006381333931"
        assert page["rendered"] is False
        fact = next(fact for fact in page["facts"] if fact["name"] == "Capacity")
        locator = fact["source"]["locator"]
        assert page["snapshot"][locator["start"] : locator["end"]] == fact["source"]["quote"]
        assert locator["xpath"].startswith("page=1;box=")

    async def test_a_lying_content_type(self, extract, site, kettle):
        assert (await extract(url=site.page("/sheet", kettle))).json()["product"]["name"] == "Kettle AquaBoil 1700"

    async def test_hostile_pdfs_end_in_clear_problems(
        self, extract: Callable, site, client, kettle, hostile: tuple[bytes, int]
    ):
        body, status = hostile
        response = await extract(url=site.page("/hostile.pdf", body, content_type="application/pdf"))
        # On a busy machine the time ends before the computing time does.
        assert response.status_code in (status, 504), response.text
        assert response.json()["detail"]
        assert (await client.get("/health")).status_code == 200
        assert (await extract(url=site.page("/sheet.pdf", kettle))).status_code == 200
