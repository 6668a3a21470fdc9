"""The header rows as the shops have them."""

import pytest

from app.formats.base import ReadOptions, WriteOptions
from app.formats.registry import FORMATS, detect_format

SHOPIFY = [
    "Title",
    "URL handle",
    "Description",
    "Vendor",
    "Product category",
    "Type",
    "Tags",
    "Published on online store",
    "Status",
    "SKU",
    "Barcode",
    "Option1 name",
    "Option1 value",
    "Option1 Linked To",
    "Option2 name",
    "Option2 value",
    "Option2 Linked To",
    "Option3 name",
    "Option3 value",
    "Option3 Linked To",
    "Price",
    "Compare-at price",
    "Cost per item",
    "Charge tax",
    "Tax code",
    "Unit price total measure",
    "Unit price total measure unit",
    "Unit price base measure",
    "Unit price base measure unit",
    "Inventory tracker",
    "Inventory quantity",
    "Continue selling when out of stock",
    "Weight value (grams)",
    "Weight unit for display",
    "Requires shipping",
    "Fulfillment service",
    "Product image URL",
    "Image position",
    "Image alt text",
    "Variant image URL",
    "Gift card",
    "SEO title",
    "SEO description",
    "Color (product.metafields.shopify.color-pattern)",
    "Google Shopping / Google product category",
    "Google Shopping / Gender",
    "Google Shopping / Age group",
    "Google Shopping / Manufacturer part number (MPN)",
    "Google Shopping / Ad group name",
    "Google Shopping / Ads labels",
    "Google Shopping / Condition",
    "Google Shopping / Custom product",
    "Google Shopping / Custom label 0",
    "Google Shopping / Custom label 1",
    "Google Shopping / Custom label 2",
    "Google Shopping / Custom label 3",
    "Google Shopping / Custom label 4",
]
LEGACY_BEGINNING = [
    "Handle",
    "Title",
    "Body (HTML)",
    "Vendor",
    "Product Category",
    "Type",
    "Tags",
    "Published",
    "Option1 Name",
    "Option1 Value",
]
WOOCOMMERCE = [
    "ID", "Type", "SKU", "GTIN, UPC, EAN, or ISBN", "Name", "Published", "Is featured?", "Visibility in catalog",
    "Short description", "Description", "Date sale price starts", "Date sale price ends", "Tax status", "Tax class",
    "In stock?", "Stock", "Low stock amount", "Backorders allowed?", "Sold individually?", "Weight (kg)",
    "Length (cm)", "Width (cm)", "Height (cm)", "Allow customer reviews?", "Purchase note", "Sale price",
    "Regular price", "Categories", "Tags", "Shipping class", "Images", "Download limit", "Download expiry days",
    "Parent", "Grouped products", "Upsells", "Cross-sells", "External URL", "Button text", "Position",
]  # fmt: skip
GOOGLE = [
    "id",
    "title",
    "structured_title",
    "description",
    "structured_description",
    "link",
    "image_link",
    "additional_image_link",
    "availability",
    "price",
    "sale_price",
    "brand",
    "gtin",
    "mpn",
    "identifier_exists",
    "condition",
    "google_product_category",
    "product_type",
    "item_group_id",
    "color",
    "size",
    "material",
    "pattern",
    "gender",
    "age_group",
    "product_highlight",
    "product_detail",
    "custom_label_0",
    "custom_label_1",
    "custom_label_2",
    "custom_label_3",
    "custom_label_4",
]
SAMPLE_CATALOGUE = [
    "sku", "name", "brand", "category", "gtin", "price", "currency", "keywords", "source_urls", "images", "languages",
    "attributes",
]  # fmt: skip


def header(name: str, **options: object) -> list[str]:
    return next(FORMATS[name].write([], WriteOptions(**options)))  # type: ignore[arg-type]


class TestHeaders:
    def test_shopify(self) -> None:
        assert header("shopify") == SHOPIFY

    def test_shopify_legacy(self) -> None:
        found = header("shopify-legacy")
        assert found[:10] == LEGACY_BEGINNING
        assert found[-1] == "Status"
        for column in ("Variant SKU", "Variant Grams", "Variant Inventory Policy", "Variant Price", "Variant Barcode",
                       "Image Src", "Image Position", "Image Alt Text", "Gift Card", "SEO Title", "Variant Image",
                       "Google Shopping / MPN"):  # fmt: skip
            assert column in found
        assert len(found) == len(set(found))

    def test_shopify_metafields_follow(self) -> None:
        column = "Material (product.metafields.custom.material)"
        assert header("shopify", extra_columns=(column, "Status")) == [*SHOPIFY, column]

    def test_woocommerce(self) -> None:
        found = header("woocommerce", attribute_count=2)
        assert found[: len(WOOCOMMERCE)] == WOOCOMMERCE
        assert found[found.index("Attribute 1 name") :][:5] == [
            "Attribute 1 name",
            "Attribute 1 value(s)",
            "Attribute 1 visible",
            "Attribute 1 global",
            "Attribute 1 default",
        ]
        assert "Attribute 2 name" in found
        assert "Attribute 3 name" not in found

    def test_google(self) -> None:
        assert header("google") == GOOGLE

    def test_generic_begins_like_the_sample_catalogue(self) -> None:
        assert header("generic")[: len(SAMPLE_CATALOGUE)] == SAMPLE_CATALOGUE

    @pytest.mark.parametrize("name", list(FORMATS))
    def test_each_is_recognised_and_maps_onto_fields_it_knows(self, name: str) -> None:
        columns = header(name)
        assert detect_format(columns) == name
        assert detect_format([column.upper() for column in columns]) == name
        mapping = FORMATS[name].propose_mapping(columns)
        assert list(mapping) == columns
        numbered = {field for field in mapping.values() if field.startswith("attribute_")}
        assert set(mapping.values()) - numbered <= {*FORMATS[name].fields, "extra"}

    @pytest.mark.parametrize(
        ("columns", "name"),
        [
            (["Handle", "Title", "Body (HTML)", "Variant SKU"], "shopify-legacy"),
            (["Title", "URL handle", "SKU"], "shopify"),
            (["ID", "Type", "SKU", "Name", "Regular price"], "woocommerce"),
            (["id", "title", "image link", "price"], "google"),
            (["g:id", "g:title", "g:image_link"], "google"),
            (["\ufeffid", "title", "availability"], "google"),
            (["Artikelnummer", "Bezeichnung"], "generic"),
            (["id", "title"], "generic"),
            ([], "generic"),
        ],
    )
    def test_detection(self, columns: list[str], name: str) -> None:
        assert detect_format(columns) == name

    @pytest.mark.parametrize(
        ("column", "field"),
        [
            ("Artikelnummer", "sku"),
            ("Art.-Nr.", "sku"),
            ("Referencia", "sku"),
            ("SKU", "sku"),
            ("Item No.", "sku"),
            ("Nombre", "name"),
            ("Bezeichnung", "name"),
            ("Product name", "name"),
            ("EAN", "gtin"),
            ("Código EAN", "gtin"),
            ("Precio", "price"),
            ("VK-Preis", "price"),
            ("Marca", "brand"),
            ("Hersteller", "brand"),
            ("Währung", "currency"),
            ("Categoría", "category"),
            ("Warengruppe", "category"),
            ("Bild-URL", "images"),
            ("Beschreibung", "description"),
            ("Source URLs", "source_urls"),
            ("Farbe", "attribute:Farbe"),
            ("attribute:Farbe", "attribute:Farbe"),
            ("  Potencia ", "attribute:Potencia"),
            ("", "ignore"),
        ],
    )
    def test_free_columns(self, column: str, field: str) -> None:
        assert FORMATS["generic"].propose_mapping([column]) == {column: field}

    def test_a_field_is_given_to_one_column(self) -> None:
        assert FORMATS["generic"].propose_mapping(["Article", "Name", "name"]) == {
            "Article": "attribute:Article", "Name": "name", "name": "attribute:name",
        }  # fmt: skip

    def test_a_mapping_of_ones_own(self) -> None:
        cells = {"Nr": "A-1", "Was": "Mug", "Farbe": "blue", "X": "kept", "Y": "not"}
        mapping = {"Nr": "sku", "Was": "name", "Farbe": "attribute:Colour", "X": "extra", "Y": "ignore"}
        (result,) = FORMATS["generic"].read([(2, cells)], mapping, ReadOptions("en"))
        assert result.item is not None
        assert (result.item.sku, result.item.name, result.item.extra) == ("A-1", "Mug", {"X": "kept"})
        assert [(a.name, a.value) for a in result.item.attributes or []] == [("Colour", "blue")]
        assert (result.item.brand, result.item.price, result.item.tags) == (None, None, None)
