"""Files as shops make them, and files as nobody should make them."""

import csv
import io
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.formats.base import ReadOptions, ReadResult, WriteOptions
from app.formats.google_xml import XmlInvalid, read_xml_rows
from app.formats.items import CatalogueItem
from app.formats.json_lines import read_json
from app.formats.markup import html_to_text, text_to_html
from app.formats.registry import FORMATS
from backend.tests.formats.items import NASTY


def read(name: str, table: str, *, currency: str | None = "EUR", delimiter: str = ",") -> list[ReadResult]:
    header, *rows = csv.reader(io.StringIO(table.strip(), newline=""), delimiter=delimiter)
    target = FORMATS[name]
    numbered = [(number, dict(zip(header, row, strict=False))) for number, row in enumerate(rows, 2)]
    return list(target.read(numbered, target.propose_mapping(header), ReadOptions("en", currency)))


def items(results: list[ReadResult]) -> list[CatalogueItem]:
    assert [error for result in results for error in result.errors] == []
    return [result.item for result in results if result.item is not None]


def codes(results: list[ReadResult]) -> list[list[str]]:
    return [[error.code for error in result.errors] for result in results]


class TestShopify:
    def test_a_product_with_variants_and_photos(self) -> None:
        parent, small, large = items(read("shopify-legacy", """
Handle,Title,Body (HTML),Vendor,Type,Tags,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Barcode,Image Src,Image Position,Image Alt Text,Variant Image,SEO Title,Status,Variant Grams
shirt,Merino shirt,<p>Warm &amp; light.</p><ul><li>Soft</li></ul>,Alba,Shirts,"wool, outdoor",Size,S,SH-S,49.00,'4006381333931,https://cdn.example/2.jpg,2,Back,,Shirt,active,200
shirt,,,,,,,L,SH-L,49.00,,https://cdn.example/1.jpg,1,Front,https://cdn.example/l.jpg,,,210
shirt,,,,,,,,,,,https://cdn.example/3.jpg,3,,,,,
"""))  # fmt: skip  # noqa: E501
        assert (parent.sku, parent.name, parent.brand, parent.category) == ("shirt", "Merino shirt", "Alba", "Shirts")
        assert parent.tags == ["wool", "outdoor"]
        assert parent.option_names == ["Size"]
        assert [(image.url[-5:], image.alt) for image in parent.images or []] == [
            ("1.jpg", "Front"),
            ("2.jpg", "Back"),
            ("3.jpg", ""),
        ]
        texts = parent.texts["en"]
        assert (texts.description, texts.bullets, texts.seo_title) == ("Warm & light.", ["Soft"], "Shirt")
        assert parent.extra == {"Status": "active"}
        assert (small.sku, small.parent_sku, small.gtin, small.price and small.price.amount) == (
            "SH-S",
            "shirt",
            "4006381333931",
            "49.00",
        )
        assert [(option.name, option.value) for option in large.options or []] == [("Size", "L")]
        assert [image.url for image in large.images or []] == ["https://cdn.example/l.jpg"]
        assert (large.name, large.new_name) == (None, "Merino shirt - L")
        assert large.extra == {"Weight value (grams)": "210"}

    def test_a_product_without_variants_and_sku(self) -> None:
        (result,) = read("shopify", """
Title,URL handle,Option1 name,Option1 value,SKU,Price,Barcode
Mug,blue-mug,Title,Default Title,,12.90,ABC-1
""")  # fmt: skip
        (item,) = items([result])
        assert (item.sku, item.options, item.parent_sku) == ("blue-mug", None, None)
        assert [warning.code for warning in result.warnings] == ["sku-missing", "gtin-invalid"]
        assert (item.gtin, item.extra["Barcode"]) == ("", "ABC-1")

    def test_rows_of_one_handle_that_are_torn_apart(self) -> None:
        results = read("shopify", """
Title,URL handle,SKU,Option1 name,Option1 value
Shirt,shirt,S,Size,S
,shirt,M,,M
Mug,mug,MUG,Title,Default Title
,shirt,L,,L
""")  # fmt: skip
        assert codes(results) == [[], [], [], [], ["handle-repeated"]]

    def test_prices_need_a_currency(self) -> None:
        table = "Title,URL handle,SKU,Price\nMug,mug,MUG,12.90\n"
        assert codes(read("shopify", table, currency=None)) == [["price-invalid"]]

    def test_html_that_says_more_than_our_text_is_written_again_while_the_text_is_the_same(self) -> None:
        html = '<h2 class="x">Mug</h2><table><tr><td>Height</td><td>8 cm</td></tr></table>'
        (item,) = items(
            read(
                "shopify",
                'Title,URL handle,SKU,Description\nMug,mug,MUG,"' + html.replace('"', '""') + '"\n',
            )
        )
        assert item.texts["en"].description == "Mug\n\nHeight 8 cm"
        header, row = list(FORMATS["shopify"].write([item], WriteOptions()))
        assert dict(zip(header, row, strict=True))["Description"] == html
        item.texts["en"].description = "Another text"
        _, row = list(FORMATS["shopify"].write([item], WriteOptions()))
        assert dict(zip(header, row, strict=True))["Description"] == "<p>Another text</p>"

    def test_both_headers_carry_the_same_columns_of_the_shop(self) -> None:
        (item,) = items(read("shopify-legacy", """
Handle,Title,Variant SKU,Variant Inventory Policy,Cost per item,Google Shopping / MPN,Material (product.metafields.custom.m)
mug,Mug,MUG,continue,4.20,M-1,Steel
"""))  # fmt: skip  # noqa: E501
        header, row = list(FORMATS["shopify"].write([item], WriteOptions(extra_columns=tuple(item.extra))))
        cells = dict(zip(header, row, strict=True))
        assert cells["Continue selling when out of stock"] == "continue"
        assert cells["Cost per item"] == "4.20"
        assert cells["Google Shopping / Manufacturer part number (MPN)"] == "M-1"
        assert cells["Material (product.metafields.custom.m)"] == "Steel"

    def test_handles_are_unique_and_do_not_change_with_the_title(self) -> None:
        skus = ["MUG-1", "mug-1", "A/1", "A 1", "ключ", "ü"]
        rows = list(FORMATS["shopify"].write([CatalogueItem(sku=sku, name="Same") for sku in skus], WriteOptions()))[1:]
        again = list(FORMATS["shopify"].write([CatalogueItem(sku=sku, name="Other") for sku in skus], WriteOptions()))[
            1:
        ]
        handles = [row[1] for row in rows]
        assert handles == [row[1] for row in again]
        assert handles[0] == "mug-1"
        assert len(set(handles)) == len(handles)


class TestWooCommerce:
    def test_a_variable_product(self) -> None:
        results = read("woocommerce", r"""
ID,Type,SKU,Name,Published,Description,Regular price,Categories,Tags,Images,Parent,Attribute 1 name,Attribute 1 value(s),Attribute 1 visible,Attribute 1 global,Attribute 2 name,Attribute 2 value(s),Attribute 2 visible,Attribute 2 global,Meta: _x
7,variable,SHIRT,Shirt,1,"<p>Soft.</p>\n<ul><li>Warm</li></ul>",,"Clothing > Shirts, Sale","a\, b, c","https://a.example/1.jpg, https://a.example/2.jpg",,Size,"S, M",1,1,Material,Wool,1,0,keep
8,variation,SHIRT-S,Shirt - S,1,,"12,90",,,,SHIRT,Size,S,,1,,,,,
9,simple,MUG,Mug,-1,,5,,,,,,,,,,,,,
""")  # fmt: skip  # noqa: E501
        shirt, small, mug = items(results)
        assert (shirt.option_names, shirt.category, shirt.tags) == (["Size"], "Clothing > Shirts", ["a, b", "c"])
        assert shirt.texts["en"].bullets == ["Warm"]
        assert [(a.name, a.value) for a in shirt.attributes or []] == [("Material", "Wool")]
        assert shirt.extra == {
            "Published": "1",
            "Categories": "Clothing > Shirts, Sale",
            "Meta: _x": "keep",
            "Attribute flags: Size": "1 1",
        }
        assert (small.parent_sku, small.price and small.price.amount) == ("SHIRT", "12.90")
        assert [(o.name, o.value) for o in small.options or []] == [("Size", "S")]
        assert mug.extra == {"Published": "-1"}

    def test_products_without_sku_are_known_by_id(self) -> None:
        (result,) = read("woocommerce", "ID,Type,SKU,Name,Regular price\n7,simple,,Mug,5\n")
        (item,) = items([result])
        assert item.sku == "id:7"
        header, row = list(FORMATS["woocommerce"].write([item], WriteOptions()))
        cells = dict(zip(header, row, strict=True))
        assert (cells["ID"], cells["SKU"]) == ("7", "")

    def test_the_apostrophe_that_its_exporter_sets_is_taken_off(self) -> None:
        (item,) = items(read("woocommerce", "SKU,Name,Regular price\nA,'-20 % mug,5\n"))
        assert item.name == "-20 % mug"
        _, row = list(FORMATS["woocommerce"].write([item], WriteOptions()))
        assert "'-20 % mug" in row


class TestGoogle:
    def test_an_offer(self) -> None:
        parent, offer = items(read("google", """
id	title	structured_title	structured_description	price	image link	additional image link	availability	item_group_id	color	size	product_highlight	product_detail	gtin	custom_label_0
A-1		trained_algorithmic_media:"Mug: ""blue"", big"	trained_algorithmic_media:"Text"	12.90 EUR	https://a.example/1.jpg	https://a.example/2.jpg,https://a.example/3.jpg	in_stock	A	blue	L	"Warm, soft",Light	General:Height:8 cm,Colour:blue	4006381333931	sale
""", delimiter="\t"))  # fmt: skip  # noqa: E501
        # csv took the outer quotes of nothing: the cells do not begin with one.
        assert parent.sku == "A"
        assert offer.name == 'Mug: "blue", big'
        assert offer.texts["en"].ai_written
        assert [image.url[-5:] for image in offer.images or []] == ["1.jpg", "2.jpg", "3.jpg"]
        assert {a.name: a.value for a in offer.attributes or []} == {"Height": "8 cm", "Colour": "blue", "Size": "L"}
        assert offer.extra == {"custom_label_0": "sale"}

    def test_xml_with_entities_opens_nothing(self, tmp_path: object) -> None:
        document = b"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY y "yyy">]>
<rss xmlns:g="http://base.google.com/ns/1.0"><channel><item><g:id>A</g:id><g:title>&x;&y;</g:title></item></channel></rss>"""
        rows = list(read_xml_rows(io.BytesIO(document)))
        assert "root:" not in str(rows)

    def test_a_billion_laughs_end_soon(self) -> None:
        entities = '<!ENTITY a "ha">' + "".join(
            f'<!ENTITY a{n} "{("&a" + (str(n - 1) if n else "") + ";") * 10}">' for n in range(10)
        )
        document = f"<!DOCTYPE rss [{entities}]><rss><item><id>&a9;</id></item></rss>".encode()
        started = time.process_time()
        try:
            rows = list(read_xml_rows(io.BytesIO(document)))
        except XmlInvalid:
            rows = []
        assert len(str(rows)) < 10_000
        assert time.process_time() - started < 10

    @pytest.mark.parametrize("document", [b"", b"no xml", b"<rss>", b"\xff\xfe", b"<item><id>1</id>"])
    def test_what_is_no_xml(self, document: bytes) -> None:
        with pytest.raises(XmlInvalid):
            list(read_xml_rows(io.BytesIO(document)))

    def test_atom(self) -> None:
        document = b"""<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
<entry><g:id>A</g:id><title>Mug</title><link href="https://a.example/"/><g:additional_image_link>https://a.example/1,2.jpg
</g:additional_image_link></entry></feed>"""
        ((_, cells),) = read_xml_rows(io.BytesIO(document))
        assert (cells["id"], cells["title"], cells["link"]) == ("A", "Mug", "https://a.example/")


class TestGeneric:
    def test_a_row_error_stops_nothing(self) -> None:
        results = read("generic", """
sku,name,gtin,price,attributes
A,Mug,4006381333931,12.90,Colour=red
,Mug,,,
B,Mug,123,free,Colour
C,Mug,,,
""")  # fmt: skip
        assert codes(results) == [[], ["sku-missing"], ["gtin-invalid", "price-invalid", "attribute-invalid"], []]
        assert [result.lines for result in results] == [[2], [3], [4], [5]]
        assert results[2].errors[0].column == "gtin"

    def test_gtins_as_spreadsheets_spoil_them(self) -> None:
        results = read("generic", "sku,gtin\nA,'4006381333931\nB,4 006381 333931\nC,36000291452\nD,4.00638E+12\n")
        assert [result.item and result.item.gtin for result in results] == [
            "4006381333931",
            "4006381333931",
            "036000291452",
            None,
        ]
        assert "rounded" in results[3].errors[0].message

    def test_too_much_of_everything(self) -> None:
        long = "x" * 30_000
        results = read("generic", f"sku,name,tags,description\nA,{long},{' | '.join(map(str, range(200)))},{long}\n")
        assert codes(results) == [["too-long", "too-many", "too-long"]]

    def test_nul_and_broken_characters(self) -> None:
        rows = [(2, {"sku": "A\x00"}), (3, {"sku": "\ud800"}), (4, {"sku": "B"})]
        results = list(FORMATS["generic"].read(rows, {"sku": "sku"}, ReadOptions("en")))
        assert codes(results) == [["unstorable-character"], ["unstorable-character"], []]


class TestJson:
    @pytest.mark.parametrize("text", ["", "[]", "[", "]", "  ", "[\n]\n"])
    def test_nothing(self, text: str) -> None:
        assert [result.item for result in read_json([text])] == []

    @pytest.mark.parametrize(
        "text",
        [
            "nonsense",
            "[1]",
            '{"name": "no sku"}',
            '[{"sku": "A", "price": 5}]',
            '{"sku": ""}',
            '{"sku": "A", "gtin": "1"}',
            '{"sku": "A\\u0000"}',
            '{"sku": "\\ud800"}',
            "[" * 100_000,
            '{"sku": "A"',
            '{"sku": "A", "name": "' + "x" * 501 + '"}',
        ],
    )
    def test_errors_are_told(self, text: str) -> None:
        results = list(read_json([text]))
        assert all(result.item is None for result in results)
        assert results or set(text) <= {"["}

    def test_good_ones_around_a_bad_one_are_kept(self) -> None:
        results = list(read_json(['{"sku": "A"}\n{"sku": 5}\n', '{"sku": "B\\\\u0000"}']))
        assert [result.item and result.item.sku for result in results] == ["A", None, "B\\u0000"]
        assert [result.lines for result in results] == [[1], [2], [3]]


class TestHtml:
    @pytest.mark.parametrize(
        ("html", "description", "bullets"),
        [
            ("<p>A<br>b</p><p>C</p><ul><li>x</li><li>y</li></ul>", "A\nb\n\nC", ["x", "y"]),
            ("<ul><li>x</li></ul><p>After</p>", "• x\n\nAfter", []),
            ("<ul><li>x</li><li>y</li></ul><p>After</p>", "• x\n• y\n\nAfter", []),
            ("plain\ntext\n\nmore", "plain\ntext\n\nmore", []),
            ("<b>plain</b>\ntext", "plain\ntext", []),
            ("<p>a</p>\n   <p>b</p>", "a\n\nb", []),
            ("<script>alert(1)</script><style>p{}</style>ok", "ok", []),
            ("<p>a < b & c</p>", "a < b & c", []),
            ("<table><tr><td>H</td><td>8</td></tr><tr><td>W</td><td>9</td></tr></table>", "H 8\n\nW 9", []),
            ("&lt;b&gt;", "<b>", []),
            ("", "", []),
        ],
    )  # fmt: skip
    def test_reading(self, html: str, description: str, bullets: list[str]) -> None:
        assert html_to_text(html) == (description, tuple(bullets))

    def test_nothing_of_a_text_becomes_markup(self) -> None:
        html = text_to_html("<script>alert(1)</script>\n\n& more", ["<img src=x onerror=alert(1)>"])
        assert html.split("\n") == [
            "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
            "<p>&amp; more</p>",
            "<ul><li>&lt;img src=x onerror=alert(1)&gt;</li></ul>",
        ]

    @pytest.mark.parametrize(
        "part", ["<b>", "<div>", "<ul><li>", "<", "<!--", '<a "', "&", "<table><tr>", "</p>", "<a b "]
    )
    def test_hostile_markup_takes_no_time(self, part: str) -> None:
        started = time.process_time()
        html_to_text(part * (100_000 // len(part)))
        assert time.process_time() - started < 5


columns = st.sampled_from(
    [column for target in FORMATS.values() for column in next(target.write([], WriteOptions(attribute_count=3)))]
)
cells = st.sampled_from([*NASTY, "variation", "variable", "A", "1", "https://a.example/", "a" * 600, "\x00"]) | st.text(
    max_size=20
)


class TestFuzz:
    @pytest.mark.parametrize("name", list(FORMATS))
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        header=st.lists(columns | st.text(max_size=10), max_size=12),
        rows=st.lists(st.lists(cells, max_size=12), max_size=6),
        own=st.booleans(),
        data=st.data(),
    )
    def test_reading_never_raises(
        self, name: str, header: list[str], rows: list[list[str]], own: bool, data: st.DataObject
    ) -> None:
        target = FORMATS[name]
        mapping = target.propose_mapping(header)
        if own:
            fields = st.sampled_from([*target.fields, "extra", "ignore", "attribute:", "attribute:x", "", "nonsense"])
            mapping = {column: data.draw(fields) for column in header}
        table = [(number, dict(zip(header, row, strict=False))) for number, row in enumerate(rows, 2)]
        for result in target.read(table, mapping, ReadOptions("en", "EUR")):
            assert (result.item is None) == bool(result.errors)
            assert result.lines
