"""A table of products, as `samples/README.md` describes it, and the photos that it names."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrate.errors import CommandError

COLUMNS = (
    "sku",
    "name",
    "brand",
    "category",
    "gtin",
    "price",
    "currency",
    "keywords",
    "source_urls",
    "images",
    "languages",
    "attributes",
)
REQUIRED = ("sku", "name")
SITE = "{site}"


class CatalogueUnreadable(CommandError):
    """The table cannot be used; the message names the line."""


@dataclass(frozen=True, slots=True)
class CatalogueProduct:
    """`fields` is the body of `POST /api/v1/products`; the backend has the last word on what is valid."""

    fields: dict[str, Any]
    photos: list[Path]

    @property
    def sku(self) -> str:
        return str(self.fields["sku"])

    @property
    def name(self) -> str:
        return str(self.fields["name"])


def several(cell: str) -> list[str]:
    return [part.strip() for part in cell.split("|") if part.strip()]


def attributes(cell: str) -> list[dict[str, str]]:
    """`Power=9 W; Colour=Graphite grey`"""
    found = []
    for part in re.split(r";\s*", cell):
        if not part.strip():
            continue
        name, equals, value = part.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise ValueError(f"{part.strip()!r} is no attribute; write Name=Value")
        found.append({"name": name.strip(), "value": value.strip()})
    return found


def product_of(row: dict[str, str], photo_folder: Path, site: str | None) -> CatalogueProduct:
    """Raises ValueError with what is wrong with the row."""
    for column in REQUIRED:
        if not row[column]:
            raise ValueError(f"{column} is empty")
    if bool(row["price"]) != bool(row["currency"]):
        raise ValueError("price and currency belong together")
    if SITE in row["source_urls"] and site is None:
        raise ValueError("{site} needs a folder site/ beside the table")
    photos = [photo_folder / name for name in several(row["images"])]
    for photo in photos:
        if not photo.is_file():
            raise ValueError(f"there is no photo {photo}")
    fields: dict[str, Any] = {"sku": row["sku"], "name": row["name"], "attributes": attributes(row["attributes"])}
    fields |= {column: row[column] for column in ("brand", "category", "gtin") if row[column]}
    if row["price"]:
        fields["price"] = {"amount": row["price"], "currency": row["currency"]}
    fields["keywords"] = several(row["keywords"])
    fields["source_urls"] = [url.replace(SITE, site or "") for url in several(row["source_urls"])]
    if several(row["languages"]):
        fields["languages"] = several(row["languages"])
    return CatalogueProduct(fields, photos)


def read_catalogue(table: Path, site: str | None) -> list[CatalogueProduct]:
    """Raises CatalogueUnreadable. Photos lie in `photos/` beside the table; `site` stands for {site} in its URLs."""
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            rows = [(reader.line_num, row) for row in reader]
            headings = list(reader.fieldnames or [])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CatalogueUnreadable(f"{table} cannot be read: {error}") from None
    unknown = [heading for heading in headings if heading not in COLUMNS]
    missing = [column for column in REQUIRED if column not in headings]
    if unknown or missing:
        names = ", ".join(map(repr, unknown or missing))
        raise CatalogueUnreadable(
            f"{table} {'has unknown columns' if unknown else 'lacks the columns'}: {names}.",
            f"Columns are {', '.join(COLUMNS)}.",
        )
    products: list[CatalogueProduct] = []
    for line, row in rows:
        if None in row or None in row.values():
            raise CatalogueUnreadable(f"{table}, line {line}: it has not as many cells as the first line.")
        cells = {column: (row.get(column) or "").strip() for column in COLUMNS}
        try:
            products.append(product_of(cells, table.parent / "photos", site))
        except ValueError as error:
            raise CatalogueUnreadable(f"{table}, line {line}: {error}.") from None
    if not products:
        raise CatalogueUnreadable(f"{table} has no products.")
    return products
