import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from orchestrate.demo.catalogue import CatalogueProduct
from orchestrate.demo.report import print_report
from orchestrate.demo.results import (
    ProductResult,
    file_name,
    guarded_cell,
    phrases_found,
    planted_phrases,
    write_results,
)

IMAGE = "a" * 64
PAGE = "http://127.0.0.1:5000/enamel-mug.html"


def source(kind: str, ref: str, quote: str | None, value: str = "330 ml") -> dict[str, Any]:
    return {
        "fact_id": "f",
        "name": "volume",
        "value": value,
        "unit": None,
        "confidence": 1.0,
        "source": {"kind": kind, "ref": ref, "quote": quote, "locator": None},
    }


def fact(identifier: str, label: str, value: str, *sources: dict[str, Any]) -> dict[str, Any]:
    return {"id": identifier, "name": label, "label": label, "value": value, "unit": None, "sources": list(sources)}


def claim(field: str, text: str, start: int, *fact_ids: str, index: int | None = None, **more: str) -> dict[str, Any]:
    verdict = more.get("verdict", "supported")
    end = start + len(text)
    return {
        "field": field,
        "index": index,
        "start": start,
        "end": end,
        "text": text,
        "fact_ids": list(fact_ids),
        "verdict": verdict,
        "reason": more.get("reason", ""),
    }


@pytest.fixture
def result() -> ProductResult:
    capacity = fact("volume", "Capacity", "330 ml", source("image", f"sha256:{IMAGE}", "Capacity: 330\nml"))
    name = fact("name", "name", "Enamel Mug", source("merchant", "name", "Enamel Mug"))
    content = {
        "title": "Enamel Mug",
        "description": "It holds 330 ml. A friend for every camp.",
        "bullets": ["Volume: 330 ml"],
        "attributes": [],
        "alt_texts": {},
        "seo_title": "",
        "seo_description": "",
        "keywords": ["[bold]mug[/bold]"],
        "category": None,
        "claims": [
            claim("title", "Enamel Mug", 0, "name"),
            claim("description", "It holds 330 ml.", 0, "volume"),
            claim("description", "A friend for every camp.", 17, verdict="style"),
            claim("bullets", "Volume: 330 ml", 0, "volume", index=0),
        ],
        "removed": [claim("description", "It is unbreakable.", 0, reason="No fact says “unbreakable”.")],
        "grounding": {"supported": 3, "unsupported": 0, "style": 1, "coverage": 1.0},
        "engine": "composer",
        "model": None,
        "field_engines": {},
        "elapsed_ms": 120.0,
        "notes": [],
    }
    run = {
        "status": "succeeded",
        "missing": [],
        "steps": [],
        "started_at": "2026-01-01T00:00:00Z",
        "finished_at": "2026-01-01T00:00:02.500Z",
    }
    return ProductResult(
        CatalogueProduct({"sku": "=MUG", "name": "Enamel [Mug]", "languages": ["en", "es"]}, []),
        id="1",
        images=[{"sha256": IMAGE, "file_name": "mug.jpg"}],
        sources=[{"url": PAGE}],
        runs=[run],
        facts=[name, capacity],
        conflicts=[
            {
                "label": "Capacity",
                "options": [
                    {"value": "330 ml", "unit": None, "sources": [source("image", f"sha256:{IMAGE}", "330 ml")]},
                    {"value": "350", "unit": "ml", "sources": [source("web", PAGE, "Capacity 350 ml")]},
                ],
            }
        ],
        listings=[{"language": "en", "content": content, "facts": [name, capacity]}],
    )


def printed(result: ProductResult, planted: dict[str, list[str]] | None = None) -> str:
    text = io.StringIO()
    print_report(Console(file=text, width=120, highlight=False), [result], planted or {})
    return text.getvalue()


class TestPrintReport:
    def test_each_claim_carries_the_number_of_its_fact_and_each_number_its_source(self, result: ProductResult) -> None:
        report = printed(result)
        assert "Enamel Mug [1]" in report
        assert "It holds 330 ml. [2] A friend for every camp. [style]" in report
        assert "• Volume: 330 ml [2]" in report
        lines = [" ".join(line.split()) for line in report.splitlines()]
        assert "[1] Name: Enamel Mug merchant's field “name”: “Enamel Mug”" in lines
        assert "[2] Capacity: 330 ml photo mug.jpg: “Capacity: 330 ml”" in lines

    def test_both_sides_of_a_conflict_are_quoted(self, result: ProductResult) -> None:
        report = printed(result)
        assert "used      330 ml – photo mug.jpg: “330 ml”" in report
        assert "not used  350 ml – page enamel-mug.html: “Capacity 350 ml”" in report
        assert PAGE in report

    def test_what_was_removed_stands_with_its_reason(self, result: ProductResult) -> None:
        assert "✗ removed “It is unbreakable.” – No fact says “unbreakable”." in printed(result)

    def test_missing_language_is_said(self, result: ProductResult) -> None:
        assert "No listing in es." in printed(result)
        assert not result.complete

    def test_text_is_never_taken_for_markup(self, result: ProductResult) -> None:
        assert "Enamel [Mug]" in printed(result)

    def test_planted_phrases_are_reported_either_way(self, result: ProductResult) -> None:
        assert "was not obeyed" in printed(result, {"=MUG": ["waterproof"]})
        result.planted_found = ["waterproof"]
        assert "was obeyed: waterproof" in printed(result, {"=MUG": ["waterproof"]})


class TestPhrasesFound:
    def test_whole_words_in_any_case_count(self, result: ProductResult) -> None:
        assert phrases_found(result.listings, ["HOLDS", "old", "0 ml", "camp", "mug"]) == ["HOLDS", "camp", "mug"]

    def test_samples_name_theirs(self) -> None:
        table = Path(__file__).parents[3] / "samples" / "catalogue.csv"
        assert any(planted_phrases(table).values())

    def test_table_without_expectations_has_none(self, tmp_path: Path) -> None:
        assert planted_phrases(tmp_path / "catalogue.csv") == {}


class TestWriteResults:
    def test_json_and_csv_hold_the_listings(self, result: ProductResult, tmp_path: Path) -> None:
        write_results(tmp_path, [result], {"engine": "composer"})
        summary = json.loads((tmp_path / "results.json").read_text())
        assert summary["engine"] == "composer"
        (entry,) = summary["products"]
        assert entry["seconds"] == 2.5
        assert entry["missing_languages"] == ["es"]
        product = json.loads((tmp_path / entry["file"]).read_text())
        assert product["listings"][0]["content"]["title"] == "Enamel Mug"
        (row,) = csv.DictReader((tmp_path / "listings.csv").open(newline=""))
        assert row["sku"] == "'=MUG"
        assert row["removed"] == "1"

    @pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@a", "\tx"])
    def test_formulas_become_text(self, value: str) -> None:
        assert guarded_cell(value) == f"'{value}"

    def test_file_names_are_safe_and_distinct(self) -> None:
        taken: set[str] = set()
        names = [file_name(sku, taken) for sku in ("../../etc/passwd", "a/b", "a b", "A_B", "…")]
        assert names == ["etc_passwd.json", "a_b.json", "a_b-2.json", "A_B-3.json", "product.json"]
