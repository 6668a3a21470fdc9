"""What a demo has made: kept together for the report, and written as JSON and CSV."""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from orchestrate.demo.catalogue import CatalogueProduct

CSV_COLUMNS = (
    "sku",
    "language",
    "title",
    "description",
    "bullets",
    "seo_title",
    "seo_description",
    "keywords",
    "category",
    "engine",
    "supported",
    "removed",
    "conflicts",
)


@dataclass
class ProductResult:
    """One product's answers of the API, as they came."""

    product: CatalogueProduct
    id: str = ""
    problem: str | None = None
    images: list[dict[str, Any]] = field(default_factory=list)
    sources: list[dict[str, Any]] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    listings: list[dict[str, Any]] = field(default_factory=list)
    planted_found: list[str] = field(default_factory=list)

    @property
    def languages(self) -> list[str]:
        return list(self.product.fields.get("languages", ["en"]))

    @property
    def missing_languages(self) -> list[str]:
        written = {listing["language"] for listing in self.listings}
        return [language for language in self.languages if language not in written]

    @property
    def complete(self) -> bool:
        return not self.missing_languages and not self.planted_found

    @property
    def photo_names(self) -> dict[str, str]:
        return {image["sha256"]: image["file_name"] for image in self.images}

    @property
    def seconds(self) -> float:
        """The time that its runs were under way."""
        return sum(
            (moment(run["finished_at"]) - moment(run["started_at"])).total_seconds()
            for run in self.runs
            if run["finished_at"] and run["started_at"]
        )

    @property
    def supported(self) -> int:
        return sum(listing["content"]["grounding"]["supported"] for listing in self.listings)

    @property
    def removed(self) -> int:
        return sum(len(listing["content"]["removed"]) for listing in self.listings)

    def as_json(self) -> dict[str, Any]:
        return {
            "sku": self.product.sku,
            "name": self.product.name,
            "problem": self.problem,
            "missing_languages": self.missing_languages,
            "seconds": round(self.seconds, 2),
            "listings": self.listings,
            "facts": self.facts,
            "conflicts": self.conflicts,
            "images": self.images,
            "sources": self.sources,
            "runs": self.runs,
        }


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def texts_of(listing: dict[str, Any]) -> Iterator[str]:
    """Every text of a listing that a shop would show."""
    content = listing["content"]
    for name in ("title", "description", "seo_title", "seo_description", "category"):
        yield content.get(name) or ""
    yield from content["bullets"]
    yield from content["keywords"]
    yield from content["alt_texts"].values()
    for attribute in content["attributes"]:
        yield f"{attribute['name']}: {attribute['value']}"


def planted_phrases(table: Path) -> dict[str, list[str]]:
    """What the sample pages try to smuggle into a listing, by SKU; kept in `expected.json` beside the table."""
    try:
        expected = json.loads((table.parent / "expected.json").read_text(encoding="utf-8"))
        return {
            sku: list(entry["injection_phrases"]) for sku, entry in expected.items() if "injection_phrases" in entry
        }
    except (OSError, ValueError, TypeError):
        return {}


def phrases_found(listings: list[dict[str, Any]], phrases: list[str]) -> list[str]:
    text = "\n".join(text for listing in listings for text in texts_of(listing))
    return [phrase for phrase in phrases if re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text, re.IGNORECASE)]


def guarded_cell(value: object) -> str:
    """A spreadsheet would run a text that begins like a formula; an apostrophe in front keeps it a text."""
    text = str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def file_name(sku: str, taken: set[str]) -> str:
    """A name for the SKU that every file system takes, and that no other product has."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "_", sku).strip("._")[:80] or "product"
    name, number = stem, 2
    while name.lower() in taken:
        name, number = f"{stem}-{number}", number + 1
    taken.add(name.lower())
    return f"{name}.json"


def write_results(folder: Path, results: list[ProductResult], summary: dict[str, Any]) -> None:
    products = folder / "products"
    products.mkdir(parents=True, exist_ok=True)
    taken: set[str] = set()
    files = {}
    for result in results:
        files[result.product.sku] = f"products/{file_name(result.product.sku, taken)}"
        write_json(folder / files[result.product.sku], result.as_json())
    entries = [
        {
            "sku": result.product.sku,
            "name": result.product.name,
            "file": files[result.product.sku],
            "languages": [listing["language"] for listing in result.listings],
            "missing_languages": result.missing_languages,
            "supported_claims": result.supported,
            "removed_claims": result.removed,
            "conflicts": len(result.conflicts),
            "seconds": round(result.seconds, 2),
            "problem": result.problem,
        }
        for result in results
    ]
    write_json(folder / "results.json", {**summary, "products": entries})
    with (folder / "listings.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(CSV_COLUMNS)
        for result in results:
            for listing in result.listings:
                writer.writerow([guarded_cell(value) for value in csv_row(result, listing)])


def csv_row(result: ProductResult, listing: dict[str, Any]) -> list[object]:
    content = listing["content"]
    return [
        result.product.sku,
        listing["language"],
        content["title"],
        content["description"],
        "\n".join(content["bullets"]),
        content["seo_title"],
        content["seo_description"],
        ", ".join(content["keywords"]),
        content["category"] or "",
        content["engine"],
        content["grounding"]["supported"],
        len(content["removed"]),
        len(result.conflicts),
    ]


def write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
