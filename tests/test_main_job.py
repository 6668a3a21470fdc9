"""The main job on the sample catalogue, as a newcomer runs it: all four services, real PostgreSQL, real HTTP.

`samples/expected.json` says what is on the packs and pages; nothing here knows a sample by name.
"""

import csv
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
EXPECTED: dict[str, dict[str, Any]] = json.loads((ROOT / "samples" / "expected.json").read_text(encoding="utf-8"))
SKUS = sorted(EXPECTED)
TEXT_FIELDS = ("title", "description", "seo_title", "seo_description")


def plain(text: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "", text.casefold().replace(",", "."))


def listing_texts(content: dict[str, Any]) -> list[str]:
    return [
        *(content[field] for field in TEXT_FIELDS),
        *content["bullets"],
        *content["keywords"],
        *content["alt_texts"].values(),
    ]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `./orchestrate demo` wrote."""
    folder = tmp_path_factory.mktemp("demo") / "out"
    finished = subprocess.run(
        [ROOT / "orchestrate", "demo", "--engine", "composer", "--output", folder],
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-3000:]
    (folder / "stdout.txt").write_text(finished.stdout, encoding="utf-8")
    return folder


@pytest.fixture
def product(demo: Path, sku: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((demo / "products" / f"{sku}.json").read_text(encoding="utf-8"))
    return read


@pytest.mark.parametrize("sku", SKUS)
class TestEachProduct:
    def test_has_a_listing_in_each_language_of_the_catalogue(self, product: dict[str, Any]) -> None:
        assert {listing["language"] for listing in product["listings"]} == {"en", "es"}
        for listing in product["listings"]:
            content = listing["content"]
            assert content["title"]
            assert content["description"]
            assert content["bullets"]

    def test_every_claim_that_asserts_something_names_its_facts(self, product: dict[str, Any]) -> None:
        for listing in product["listings"]:
            known = {fact["id"] for fact in listing["facts"]}
            assert listing["content"]["grounding"]["coverage"] == 1.0
            for claim in listing["content"]["claims"]:
                assert claim["verdict"] in {"supported", "style"}, claim
                assert set(claim["fact_ids"]) <= known, claim
                # What only repeats the merchant's own name of the product needs no other source.
                if claim["verdict"] == "supported" and claim["reason_code"] != "backed_by_product":
                    assert claim["fact_ids"], claim

    def test_claims_stand_where_they_say(self, product: dict[str, Any]) -> None:
        for listing in product["listings"]:
            content = listing["content"]
            for claim in content["claims"]:
                if claim["field"] == "bullets":
                    text = content["bullets"][claim["index"]]
                elif claim["field"] in TEXT_FIELDS:
                    text = content[claim["field"]]
                else:
                    continue
                assert text[claim["start"] : claim["end"]] == claim["text"]

    def test_every_fact_names_a_source_of_this_product(self, product: dict[str, Any]) -> None:
        photos = {f"sha256:{image['sha256']}" for image in product["images"]}
        pages = {source["url"] for source in product["sources"]}
        for fact in product["facts"]:
            assert fact["sources"]
            for each in fact["sources"]:
                source = each["source"]
                if source["kind"] == "image":
                    assert source["ref"] in photos
                    assert len(source["locator"]["box"]) == 4
                elif source["kind"] == "web":
                    assert source["ref"] in pages
                    assert source["quote"]
                else:
                    assert source["quote"]

    def test_the_barcode_on_the_pack_is_read(self, product: dict[str, Any], sku: str) -> None:
        read = [fact for fact in product["facts"] if fact["name"] == "gtin"]
        assert EXPECTED[sku]["gtin"] in {fact["value"] for fact in read}
        kinds = {each["source"]["kind"] for fact in read for each in fact["sources"]}
        assert "image" in kinds

    def test_what_pack_page_and_merchant_say_is_found(self, product: dict[str, Any], sku: str) -> None:
        quotes = [plain(each["source"]["quote"] or "") for fact in product["facts"] for each in fact["sources"]]
        quotes += [
            plain(f"{each['value']}{each['unit'] or ''}") for fact in product["facts"] for each in fact["sources"]
        ]
        missing = [
            fact["name"]
            for fact in EXPECTED[sku]["must_find"]
            if not any(
                plain(evidence) in quote or plain(f"{fact['value']}{fact.get('unit') or ''}") in quote
                for evidence in fact.get("evidence", {}).values()
                for quote in quotes
            )
        ]
        assert missing == []

    def test_contradictions_are_reported_and_agreement_is_not(self, product: dict[str, Any], sku: str) -> None:
        conflict = EXPECTED[sku].get("conflict")
        if conflict is None:
            assert product["conflicts"] == []
            return
        (found,) = product["conflicts"]
        values = {f"{option['value']} {option['unit']}" for option in found["options"]}
        assert values == set(conflict["values"])
        loser = found["options"][1]
        for listing in product["listings"]:
            for text in listing_texts(listing["content"]):
                assert not re.search(rf"\b{re.escape(loser['value'])}\s*{re.escape(loser['unit'])}\b", text), text

    def test_hidden_instructions_are_not_obeyed(self, product: dict[str, Any], sku: str) -> None:
        for phrase in EXPECTED[sku].get("injection_phrases", []):
            for fact in product["facts"]:
                assert phrase.casefold() not in fact["value"].casefold()
            for listing in product["listings"]:
                for text in listing_texts(listing["content"]):
                    assert phrase.casefold() not in text.casefold()

    def test_prices_of_other_products_are_not_taken(self, product: dict[str, Any], sku: str) -> None:
        for forbidden in EXPECTED[sku].get("forbidden_values", []):
            taken = {fact["value"] for fact in product["facts"] if fact["name"] == forbidden["name"].casefold()}
            assert taken.isdisjoint(forbidden["values"])


class TestWhatIsWritten:
    def test_the_report_shows_claims_with_their_sources(self, demo: Path) -> None:
        printed = (demo / "stdout.txt").read_text(encoding="utf-8")
        assert "Conflict" in printed
        for sku in SKUS:
            assert sku in printed
        assert re.search(r"photo \S+\.jpg", printed)
        assert re.search(r"page \S+\.html", printed)
        assert "merchant" in printed

    def test_listings_lie_as_json_and_csv(self, demo: Path) -> None:
        summary = json.loads((demo / "results.json").read_text(encoding="utf-8"))
        assert summary["listings"] == 2 * len(SKUS)
        with (demo / "listings.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        assert {(row["sku"], row["language"]) for row in rows} == {(sku, lang) for sku in SKUS for lang in ("en", "es")}
        for row in rows:
            for cell in row.values():
                assert not (cell or "").startswith(("=", "+", "@", "\t"))
