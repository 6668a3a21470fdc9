"""A file is stored, described and shown before anything is written; what is no table is refused as a whole."""

import io
import zipfile
from datetime import datetime

import httpx2
import pytest
import xlsxwriter

from app.settings import Settings
from backend.tests.imports.support import send, started, uploaded
from backend.tests.support.backend import Backend, assert_problem

CATALOGUE = "sku,name,brand,price,currency\nA1,Mug,Nordwald,12.90,EUR\nA2,Bowl,,x,EUR\n"
LEGACY = "Handle,Title,Body (HTML),Vendor,Variant SKU,Variant Price,Tags\nmug,Mug,<p>Steel</p>,Nordwald,M-1,12.90,a\n"
GOOGLE = "id\ttitle\tdescription\tlink\timage_link\tavailability\tprice\nM-1\tMug\tOf steel\t\t\tin_stock\t12.90 EUR\n"
WOOCOMMERCE = "ID,Type,SKU,Name,Published,Short description,Regular price\n1,simple,M-1,Mug,1,Of steel,12.90\n"


def workbook(*sheets: tuple[str, list[list[object]]], merge: str | None = None) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"default_date_format": "dd/mm/yyyy"})
    for name, rows in sheets:
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        if merge is not None:
            sheet.merge_range(merge, "Nordwald")
    book.close()
    return buffer.getvalue()


class TestUpload:
    async def test_the_answer_shows_how_the_file_is_understood(self, api: httpx2.AsyncClient) -> None:
        answer = await send(api, CATALOGUE, r"C:\exports\catalogue.csv")
        assert answer.status_code == 201
        preview = answer.json()
        assert answer.headers["location"] == f"/api/v1/imports/{preview['id']}"
        assert (preview["status"], preview["file_name"], preview["size"]) == ("ready", "catalogue.csv", len(CATALOGUE))
        assert (preview["format"], preview["encoding"], preview["delimiter"]) == ("generic", "utf-8", ",")
        assert preview["columns"][1] == {"name": "name", "samples": ["Mug", "Bowl"], "mapped_to": "name"}
        assert preview["rows_estimated"] == 2
        good, bad = preview["preview"]
        assert (good["line"], good["item"]["sku"], good["item"]["price"]["amount"]) == (2, "A1", "12.90")
        assert (bad["line"], bad["item"]) == (3, None)
        assert bad["problems"][0]["column"] == "price"

    @pytest.mark.parametrize(
        ("content", "name"),
        [(LEGACY, "shopify-legacy"), (GOOGLE, "google"), (WOOCOMMERCE, "woocommerce"), (CATALOGUE, "generic")],
    )
    async def test_formats_are_known_by_their_header(self, api: httpx2.AsyncClient, content: str, name: str) -> None:
        preview = await uploaded(api, content, currency="EUR")
        assert preview["format"] == name
        assert preview["preview"][0]["item"]["name"] == "Mug"

    @pytest.mark.parametrize(
        ("encoding", "delimiter"), [("utf-8-sig", ","), ("cp1252", ";"), ("iso8859-1", "\t"), ("utf-16", "|")]
    )
    async def test_encodings_and_delimiters(self, api: httpx2.AsyncClient, encoding: str, delimiter: str) -> None:
        rows = [["sku", "name", "description"], ["A1", "Größe: süß", '"Schön,\nund; gut"']]
        preview = await uploaded(api, "\r\n".join(delimiter.join(row) for row in rows).encode(encoding))
        item = preview["preview"][0]["item"]
        assert item["name"] == "Größe: süß"
        assert item["texts"]["en"]["description"] == "Schön,\nund; gut"

    async def test_nothing_is_written_before_the_start(self, api: httpx2.AsyncClient) -> None:
        await uploaded(api, CATALOGUE)
        assert (await api.get("/api/v1/products")).json()["items"] == []

    async def test_long_texts_are_cut_in_the_preview(self, api: httpx2.AsyncClient) -> None:
        preview = await uploaded(api, f"sku,name,description\nA1,Mug,{'steel ' * 500}\n")
        assert len(preview["preview"][0]["item"]["texts"]["en"]["description"]) == 300


class TestWorkbooks:
    async def test_dates_numbers_and_merged_cells(self, api: httpx2.AsyncClient) -> None:
        rows: list[list[object]] = [
            ["sku", "name", "gtin", "Released", "Weight", "brand"],
            ["00123", "Mug", 4006381333931, datetime(2026, 1, 2), 12.5, ""],  # noqa: DTZ001
            ["00124", "Bowl", "", datetime(2026, 1, 2, 3, 4, 5), 1e20, ""],  # noqa: DTZ001
        ]
        preview = await uploaded(api, workbook(("Products", rows), merge="F2:F3"), "a.xlsx")
        assert (preview["sheet"], preview["encoding"], preview["delimiter"]) == ("Products", None, None)
        first, second = (row["item"] for row in preview["preview"])
        assert (first["sku"], first["gtin"], first["brand"], second["brand"]) == (
            "00123", "4006381333931", "Nordwald", "Nordwald",
        )  # fmt: skip
        values = {each["name"]: each["value"] for item in (first, second) for each in item["attributes"] or []}
        assert values == {"Released": "2026-01-02T03:04:05", "Weight": "100000000000000000000"}
        assert "merged" in preview["notes"][0]

    async def test_the_first_sheet_with_anything_and_then_another(self, api: httpx2.AsyncClient) -> None:
        content = workbook(("Notes", []), ("Mugs", [["sku", "name"], ["A1", "Mug"]]), ("Bowls", [["sku"], ["B1"]]))
        preview = await uploaded(api, content, "a.xlsx")
        assert (preview["sheet"], preview["sheets"]) == ("Mugs", ["Notes", "Mugs", "Bowls"])
        answer = await api.patch(f"/api/v1/imports/{preview['id']}", json={"sheet": "Bowls"})
        assert [column["name"] for column in answer.json()["columns"]] == ["sku"]
        assert_problem(
            await api.patch(f"/api/v1/imports/{preview['id']}", json={"sheet": "Plates"}), 422, "invalid-request"
        )
        assert_problem(
            await api.patch(f"/api/v1/imports/{preview['id']}", json={"delimiter": ";"}), 422, "invalid-request"
        )

    async def test_errors_in_cells_are_told(self, api: httpx2.AsyncClient) -> None:
        buffer = io.BytesIO()
        book = xlsxwriter.Workbook(buffer)
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["sku", "name", "price"])
        sheet.write_row(1, 0, ["A1", "Mug"])
        sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")
        book.close()
        row = (await uploaded(api, buffer.getvalue(), "a.xlsx"))["preview"][0]
        assert row["item"] is None
        assert (row["line"], row["problems"][0]["column"]) == (2, "price")
        assert "#DIV/0!" in row["problems"][0]["message"]

    async def test_a_workbook_that_unpacks_to_too_much(self, api: httpx2.AsyncClient) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", b"<workbook/>")
            with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
                for _ in range(1_600):
                    part.write(b" " * 1_000_000)
        problem = assert_problem(await send(api, buffer.getvalue(), "a.xlsx"), 422, "table-unreadable")
        assert "too big" in problem["detail"]

    async def test_a_workbook_that_claims_millions_of_cells(self, api: httpx2.AsyncClient) -> None:
        buffer = io.BytesIO()
        book = xlsxwriter.Workbook(buffer)
        sheet = book.add_worksheet()
        sheet.write(0, 0, "sku")
        sheet.write(1_048_575, 16_383, "x")
        book.close()
        problem = assert_problem(await send(api, buffer.getvalue(), "a.xlsx"), 422, "table-unreadable")
        assert "too big" in problem["detail"]
        assert (await api.get("/health")).status_code == 200


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "empty"), (b"PK\x03\x04nonsense", "damaged"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 900, "damaged"),
            (b"\x89PNG\r\n\x1a\n" + bytes(300), "neither"), (b"<html></html>", "HTML"),
        ],
    )  # fmt: skip
    async def test_what_is_no_table_leaves_nothing_behind(
        self, api: httpx2.AsyncClient, backend: Backend, content: bytes, said: str
    ) -> None:
        settings: Settings = backend.app.state.settings
        before = set((settings.data_dir / "imports").glob("*"))
        problem = assert_problem(await send(api, content), 422, "table-unreadable")
        assert said in problem["detail"]
        assert (await api.get("/api/v1/imports")).json()["items"] == []
        assert set((settings.data_dir / "imports").glob("*")) <= before

    async def test_a_zip_of_something_else(self, api: httpx2.AsyncClient) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("photo.jpg", b"x")
        problem = assert_problem(await send(api, buffer.getvalue()), 422, "table-unreadable")
        assert "no workbook" in problem["detail"]

    async def test_a_file_of_500_megabytes_is_refused(self, backend: Backend) -> None:
        size = 500_000_000
        sent = 0

        async def endless() -> object:
            nonlocal sent
            while sent < size:
                sent += 100_000
                yield b"x" * 100_000

        headers = {"Authorization": "Bearer key-of-the-test-client", "Content-Length": str(size)}
        headers["Content-Type"] = "multipart/form-data; boundary=x"
        async with backend.client(headers=headers) as client:
            answer = await client.post("/api/v1/imports", content=endless())  # type: ignore[arg-type]
        assert_problem(answer, 413, "payload-too-large")

    async def test_without_a_file_or_with_wrong_fields(self, api: httpx2.AsyncClient) -> None:
        assert_problem(await api.post("/api/v1/imports", data={"language": "en"}), 422, "invalid-request")
        assert_problem(await api.post("/api/v1/imports", json={"file": "x"}), 422, "invalid-request")
        assert_problem(await api.post("/api/v1/imports", content=b"\x00"), 422, "invalid-request")
        problem = assert_problem(await send(api, CATALOGUE, currency="euro", colour="x"), 422, "invalid-request")
        assert {error["pointer"] for error in problem["errors"]} == {"#/currency", "#/colour"}

    async def test_a_stranger_is_refused_before_the_file_is_read(self, anonymous: httpx2.AsyncClient) -> None:
        assert_problem(await send(anonymous, CATALOGUE), 401, "not-signed-in")

    async def test_odd_file_names(self, api: httpx2.AsyncClient) -> None:
        preview = await uploaded(api, CATALOGUE, "../../etc/\u202epasswd.csv")
        assert preview["file_name"] == "passwd.csv"


class TestChanges:
    async def test_columns_can_be_mapped_otherwise(self, api: httpx2.AsyncClient) -> None:
        preview = await uploaded(api, "Artikel,Titel,Farbe\nA1,Mug,red\n")
        answer = await api.patch(
            f"/api/v1/imports/{preview['id']}",
            json={"mapping": {"Artikel": "sku", "Titel": "name", "Farbe": "attribute:Colour"}},
        )
        item = answer.json()["preview"][0]["item"]
        assert (item["sku"], item["name"]) == ("A1", "Mug")
        assert item["attributes"][0]["name"] == "Colour"

    async def test_mappings_that_cannot_be(self, api: httpx2.AsyncClient) -> None:
        preview = await uploaded(api, CATALOGUE)
        answer = await api.patch(
            f"/api/v1/imports/{preview['id']}",
            json={"mapping": {"a/b~c": "sku", "sku": "colour of the sky", "name": "attribute: "}},
        )
        problem = assert_problem(answer, 422, "invalid-request")
        assert [error["pointer"] for error in problem["errors"]] == [
            "#/mapping/a~1b~0c", "#/mapping/sku", "#/mapping/name",
        ]  # fmt: skip
        assert (await api.get(f"/api/v1/imports/{preview['id']}")).json()["mapping"] == preview["mapping"]

    async def test_format_encoding_delimiter_and_header(self, api: httpx2.AsyncClient) -> None:
        preview = await uploaded(api, "x;y\nsku;name\nA1;Größe\n".encode("cp1252"))
        path = f"/api/v1/imports/{preview['id']}"
        changed = (await api.patch(path, json={"header_row": 2, "encoding": "cp850", "delimiter": ";"})).json()
        assert (changed["header_row"], changed["encoding"]) == (2, "cp850")
        assert changed["preview"][0]["item"]["name"] != "Größe"
        assert (await api.patch(path, json={"format": "google"})).json()["format"] == "google"
        assert_problem(await api.patch(path, json={"encoding": "rot13"}), 422, "invalid-request")
        assert_problem(await api.patch(path, json={"delimiter": "x"}), 422, "invalid-request")
        assert_problem(await api.patch(path, json={"header_row": 100}), 422, "table-unreadable")
        assert (await api.get(f"{path}/preview")).json()["header_row"] == 2

    async def test_removing_it_keeps_the_products(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        preview = await uploaded(api, CATALOGUE)
        await started(api, preview["id"])
        assert (await api.delete(f"/api/v1/imports/{preview['id']}")).status_code == 204
        assert_problem(await api.get(f"/api/v1/imports/{preview['id']}"), 404, "import-not-found")
        settings: Settings = backend.app.state.settings
        assert not (settings.data_dir / "imports" / preview["id"]).exists()
        assert len((await api.get("/api/v1/products")).json()["items"]) == 1

    async def test_a_file_that_is_gone(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        preview = await uploaded(api, CATALOGUE)
        settings: Settings = backend.app.state.settings
        (settings.data_dir / "imports" / preview["id"] / "original").unlink()
        for method, path in (("GET", "preview"), ("POST", "start"), ("GET", "errors.csv")):
            answer = await api.request(method, f"/api/v1/imports/{preview['id']}/{path}")
            assert_problem(answer, 410, "import-file-gone")

    async def test_the_list_is_paged_newest_first(self, api: httpx2.AsyncClient) -> None:
        ids = [(await uploaded(api, CATALOGUE))["id"] for _ in range(3)]
        page = (await api.get("/api/v1/imports", params={"limit": 2})).json()
        assert ([item["id"] for item in page["items"]], page["total"]) == (ids[:0:-1], 3)
        rest = (await api.get("/api/v1/imports", params={"cursor": page["next_cursor"]})).json()
        assert [item["id"] for item in rest["items"]] == ids[:1]
        assert_problem(await api.get("/api/v1/imports", params={"cursor": "bm9wZQ"}), 422, "invalid-cursor")
