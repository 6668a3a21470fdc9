from pathlib import Path

import pytest

from orchestrate.demo.catalogue import CatalogueUnreadable, read_catalogue
from orchestrate.workspace import find_workspace

SAMPLES = find_workspace().root / "samples"
HEADINGS = "sku,name,brand,category,gtin,price,currency,keywords,source_urls,images,languages,attributes"


def table(folder: Path, *rows: str, headings: str = HEADINGS) -> Path:
    path = folder / "catalogue.csv"
    path.write_text("\n".join([headings, *rows]) + "\n", encoding="utf-8")
    return path


class TestReadCatalogue:
    def test_the_samples_can_be_read(self) -> None:
        products = read_catalogue(SAMPLES / "catalogue.csv", "http://127.0.0.1:1")
        assert len(products) >= 8
        assert all(photo.is_file() for product in products for photo in product.photos)
        assert all(url.startswith("http://127.0.0.1:1/") for each in products for url in each.fields["source_urls"])

    def test_cells_become_fields(self, tmp_path: Path) -> None:
        (tmp_path / "photos").mkdir()
        (tmp_path / "photos" / "a.jpg").touch()
        row = "A-1, Lamp ,Halvora,Home > Lamps,,64.90,EUR,lamp | LED,{site}/a.html,a.jpg,en | es,Power=9 W; Note=a=b"
        (product,) = read_catalogue(table(tmp_path, row), "http://127.0.0.1:5000")
        assert product.fields == {
            "sku": "A-1",
            "name": "Lamp",
            "brand": "Halvora",
            "category": "Home > Lamps",
            "price": {"amount": "64.90", "currency": "EUR"},
            "keywords": ["lamp", "LED"],
            "source_urls": ["http://127.0.0.1:5000/a.html"],
            "languages": ["en", "es"],
            "attributes": [{"name": "Power", "value": "9 W"}, {"name": "Note", "value": "a=b"}],
        }
        assert product.photos == [tmp_path / "photos" / "a.jpg"]

    def test_columns_may_be_left_out(self, tmp_path: Path) -> None:
        (product,) = read_catalogue(table(tmp_path, "A-1,Lamp", headings="sku,name"), None)
        assert product.fields == {"sku": "A-1", "name": "Lamp", "attributes": [], "keywords": [], "source_urls": []}

    def test_byte_order_mark_of_a_spreadsheet_is_no_part_of_the_heading(self, tmp_path: Path) -> None:
        path = table(tmp_path, "A-1,Lamp", headings="sku,name")
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
        assert read_catalogue(path, None)[0].sku == "A-1"

    @pytest.mark.parametrize(
        ("row", "message"),
        [
            (",Lamp,,,,,,,,,,", "line 2: sku is empty"),
            ("A-1,,,,,,,,,,,", "line 2: name is empty"),
            ("A-1,Lamp,,,,9.90,,,,,,", "line 2: price and currency"),
            ("A-1,Lamp,,,,,,,,,,Power", "line 2: 'Power' is no attribute"),
            ("A-1,Lamp,,,,,,,,missing.jpg,,", r"line 2: there is no photo .*missing\.jpg"),
            ("A-1,Lamp,,,,,,,{site}/a.html,,,", "line 2: {site} needs a folder"),
            ("A-1,Lamp", "line 2: it has not as many cells"),
            ("A-1,Lamp,,,,,,,,,,,one too many", "line 2: it has not as many cells"),
        ],
    )
    def test_what_is_wrong_is_named_with_its_line(self, tmp_path: Path, row: str, message: str) -> None:
        with pytest.raises(CatalogueUnreadable, match=message):
            read_catalogue(table(tmp_path, row), None)

    def test_unknown_column_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(CatalogueUnreadable, match="unknown columns: 'colour'"):
            read_catalogue(table(tmp_path, "A-1,Lamp,red", headings="sku,name,colour"), None)

    def test_table_without_products_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(CatalogueUnreadable, match="no products"):
            read_catalogue(table(tmp_path), None)

    def test_missing_table_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(CatalogueUnreadable, match="cannot be read"):
            read_catalogue(tmp_path / "none.csv", None)
