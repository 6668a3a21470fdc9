"""The columns of Shopify's product CSV: the current name, the one of the legacy header, and what they are to us."""

from typing import Literal, NamedTuple

Level = Literal["product", "variant"]


class Column(NamedTuple):
    """`default` is what a new product gets, and what is not kept in `extra`, since it is written anyway."""

    name: str
    legacy: str | None
    field: str
    level: Level = "product"
    default: str = ""


GOOGLE = "Google Shopping / "

COLUMNS: tuple[Column, ...] = (
    Column("Title", "Title", "title"),
    Column("URL handle", "Handle", "handle"),
    Column("Description", "Body (HTML)", "description"),
    Column("Vendor", "Vendor", "brand"),
    Column("Product category", "Product Category", "product_category"),
    Column("Type", "Type", "category"),
    Column("Tags", "Tags", "tags"),
    Column("Published on online store", "Published", "extra"),
    Column("Status", "Status", "extra"),
    Column("SKU", "Variant SKU", "sku", "variant"),
    Column("Barcode", "Variant Barcode", "gtin", "variant"),
    Column("Option1 name", "Option1 Name", "option1_name"),
    Column("Option1 value", "Option1 Value", "option1_value", "variant"),
    Column("Option1 Linked To", "Option1 Linked To", "extra"),
    Column("Option2 name", "Option2 Name", "option2_name"),
    Column("Option2 value", "Option2 Value", "option2_value", "variant"),
    Column("Option2 Linked To", "Option2 Linked To", "extra"),
    Column("Option3 name", "Option3 Name", "option3_name"),
    Column("Option3 value", "Option3 Value", "option3_value", "variant"),
    Column("Option3 Linked To", "Option3 Linked To", "extra"),
    Column("Price", "Variant Price", "price", "variant"),
    Column("Compare-at price", "Variant Compare At Price", "extra", "variant"),
    Column("Cost per item", "Cost per item", "extra", "variant"),
    Column("Charge tax", "Variant Taxable", "extra", "variant", "TRUE"),
    Column("Tax code", "Variant Tax Code", "extra", "variant"),
    Column("Unit price total measure", "Unit Price Total Measure", "extra", "variant"),
    Column("Unit price total measure unit", "Unit Price Total Measure Unit", "extra", "variant"),
    Column("Unit price base measure", "Unit Price Base Measure", "extra", "variant"),
    Column("Unit price base measure unit", "Unit Price Base Measure Unit", "extra", "variant"),
    Column("Inventory tracker", "Variant Inventory Tracker", "extra", "variant"),
    Column("Inventory quantity", "Variant Inventory Qty", "extra", "variant"),
    Column("Continue selling when out of stock", "Variant Inventory Policy", "extra", "variant", "DENY"),
    Column("Weight value (grams)", "Variant Grams", "extra", "variant"),
    Column("Weight unit for display", "Variant Weight Unit", "extra", "variant"),
    Column("Requires shipping", "Variant Requires Shipping", "extra", "variant", "TRUE"),
    Column("Fulfillment service", "Variant Fulfillment Service", "extra", "variant", "manual"),
    Column("Product image URL", "Image Src", "images"),
    Column("Image position", "Image Position", "image_position"),
    Column("Image alt text", "Image Alt Text", "image_alt"),
    Column("Variant image URL", "Variant Image", "variant_image", "variant"),
    Column("Gift card", "Gift Card", "extra", "product", "FALSE"),
    Column("SEO title", "SEO Title", "seo_title"),
    Column("SEO description", "SEO Description", "seo_description"),
    Column("Color (product.metafields.shopify.color-pattern)", None, "extra"),
    Column(f"{GOOGLE}Google product category", f"{GOOGLE}Google Product Category", "extra"),
    Column(f"{GOOGLE}Gender", f"{GOOGLE}Gender", "extra"),
    Column(f"{GOOGLE}Age group", f"{GOOGLE}Age Group", "extra"),
    Column(f"{GOOGLE}Manufacturer part number (MPN)", f"{GOOGLE}MPN", "extra"),
    Column(f"{GOOGLE}Ad group name", f"{GOOGLE}AdWords Grouping", "extra"),
    Column(f"{GOOGLE}Ads labels", f"{GOOGLE}AdWords Labels", "extra"),
    Column(f"{GOOGLE}Condition", f"{GOOGLE}Condition", "extra"),
    Column(f"{GOOGLE}Custom product", f"{GOOGLE}Custom Product", "extra"),
    *(Column(f"{GOOGLE}Custom label {n}", f"{GOOGLE}Custom Label {n}", "extra") for n in range(5)),
)

LEGACY_ORDER = (
    "URL handle", "Title", "Description", "Vendor", "Product category", "Type", "Tags", "Published on online store",
    "Option1 name", "Option1 value", "Option1 Linked To", "Option2 name", "Option2 value", "Option2 Linked To",
    "Option3 name", "Option3 value", "Option3 Linked To", "SKU", "Weight value (grams)", "Inventory tracker",
    "Inventory quantity", "Continue selling when out of stock", "Fulfillment service", "Price", "Compare-at price",
    "Requires shipping", "Charge tax", "Unit price total measure", "Unit price total measure unit",
    "Unit price base measure", "Unit price base measure unit", "Barcode", "Product image URL", "Image position",
    "Image alt text", "Gift card", "SEO title", "SEO description", f"{GOOGLE}Google product category",
    f"{GOOGLE}Gender", f"{GOOGLE}Age group", f"{GOOGLE}Manufacturer part number (MPN)", f"{GOOGLE}Ad group name",
    f"{GOOGLE}Ads labels", f"{GOOGLE}Condition", f"{GOOGLE}Custom product",
    *(f"{GOOGLE}Custom label {n}" for n in range(5)),
    "Variant image URL", "Weight unit for display", "Tax code", "Cost per item", "Status",
)  # fmt: skip

BY_NAME = {column.name: column for column in COLUMNS}
BY_LEGACY = {column.legacy: column for column in COLUMNS if column.legacy}
"""What both headers call a column: one name in `extra`, so that either can be written from either."""

NUMERIC = frozenset({
    "Barcode", "Price", "Compare-at price", "Cost per item", "Unit price total measure", "Unit price base measure",
    "Inventory quantity", "Weight value (grams)", "Image position", "Included / [Primary]", "Price / International",
    "Compare-at price / International",
})  # fmt: skip


def header_of(*, legacy: bool) -> list[str]:
    if not legacy:
        return [column.name for column in COLUMNS]
    return [BY_NAME[name].legacy or name for name in LEGACY_ORDER]
