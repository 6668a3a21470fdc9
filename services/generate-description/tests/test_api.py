"""The service over real HTTP: contracts, streams, problems."""

import json

import httpx2
import pytest

from shared.models.generate import CheckResponse, Listing

FACTS = [
    {"id": "a", "name": "material", "value": "enamelled steel", "source": {"kind": "web", "ref": "https://shop.example/mug"}},
    {"id": "b", "name": "volume", "value": "330", "unit": "ml", "source": {"kind": "merchant", "ref": "volume"}},
    {"id": "c", "name": "care", "value": "dishwasher safe", "source": {"kind": "image", "ref": "sha256:" + "0" * 64}},
]  # fmt: skip
REQUEST = {"product": {"name": "Enamel Mug", "brand": "Bruma"}, "facts": FACTS, "engine": "composer"}


def events_of(text: str) -> list[tuple[str, dict]]:
    found = []
    for block in text.strip().split("\n\n"):
        if block.startswith(":"):
            continue
        name, data = block.split("\n", 1)
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


class TestGenerate:
    def test_three_facts_become_a_listing_with_claims_and_fact_ids(self, client: httpx2.Client) -> None:
        answer = client.post("/api/v1/generate", json=REQUEST)
        assert answer.status_code == 200
        listing = Listing.model_validate(answer.json())
        assert listing.engine == "composer"
        assert listing.grounding.coverage == 1.0
        assert {fact_id for claim in listing.claims for fact_id in claim.fact_ids} == {"a", "b", "c"}
        fields = {"title": listing.title, "description": listing.description}
        for claim in listing.claims:
            if claim.field in fields:
                assert fields[claim.field][claim.start : claim.end] == claim.text

    def test_auto_without_model_or_key_is_the_composer(self, client: httpx2.Client) -> None:
        assert client.post("/api/v1/generate", json={**REQUEST, "engine": "auto"}).json()["engine"] == "composer"

    def test_a_missing_engine_is_replaced_and_noted(self, client: httpx2.Client) -> None:
        listing = client.post("/api/v1/generate", json={**REQUEST, "engine": "embedded"}).json()
        assert listing["engine"] == "composer"
        assert "embedded" in listing["notes"][0]

    def test_unknown_engine_is_a_problem(self, client: httpx2.Client) -> None:
        answer = client.post("/api/v1/generate", json={**REQUEST, "engine": "oracle"})
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/unknown-engine")

    @pytest.mark.parametrize("stream", [False, True])
    def test_no_facts_is_a_problem_that_says_what_is_missing(self, client: httpx2.Client, stream: bool) -> None:
        answer = client.post("/api/v1/generate", json={**REQUEST, "facts": [], "stream": stream})
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "/problems/not-enough-facts"
        assert "material" in answer.json()["detail"]

    @pytest.mark.parametrize("change", [{"surprise": 1}, {"facts": [FACTS[0], FACTS[0]]}, {"product": {}}])
    def test_invalid_body_is_a_problem(self, client: httpx2.Client, change: dict) -> None:
        answer = client.post("/api/v1/generate", json={**REQUEST, **change})
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-request")

    def test_repeat_with_the_same_key_is_the_same_answer(self, client: httpx2.Client) -> None:
        headers = {"Idempotency-Key": "run:generate:en:1"}
        first = client.post("/api/v1/generate", json=REQUEST, headers=headers)
        second = client.post("/api/v1/generate", json=REQUEST, headers=headers)
        # Equal to the millisecond: it was not written a second time.
        assert first.json() == second.json()

    def test_category_comes_from_the_given_list(self, client: httpx2.Client) -> None:
        body = {**REQUEST, "categories": ["Home > Lamps", "Kitchen > Mugs", "Garden"]}
        assert client.post("/api/v1/generate", json=body).json()["category"] == "Kitchen > Mugs"
        body = {**REQUEST, "categories": ["Home > Lamps"]}
        assert client.post("/api/v1/generate", json=body).json()["category"] is None


class TestStream:
    def test_deltas_then_the_listing(self, client: httpx2.Client) -> None:
        answer = client.post("/api/v1/generate", json={**REQUEST, "stream": True})
        assert answer.headers["content-type"].startswith("text/event-stream")
        events = events_of(answer.text)
        assert [name for name, _ in events][-1] == "listing"
        listing = Listing.model_validate(events[-1][1])
        written = "".join(data["text"] for name, data in events if name == "delta" and data["field"] == "description")
        assert written == listing.description


class TestCheck:
    def test_text_of_a_person(self, client: httpx2.Client) -> None:
        text = "It holds 330 ml. It is the best mug and dishwasher safe. It weighs 2 kg."
        body = {"facts": FACTS, "language": "en", "texts": [{"field": "description", "text": text}]}
        answer = CheckResponse.model_validate(client.post("/api/v1/check", json=body).json())
        assert [claim.verdict for claim in answer.claims] == ["supported", "unsupported", "unsupported"]
        assert [text[claim.start : claim.end] for claim in answer.claims] == [claim.text for claim in answer.claims]
        assert answer.grounding.coverage == pytest.approx(1 / 3, abs=0.001)

    def test_reasons_in_spanish(self, client: httpx2.Client) -> None:
        body = {
            "facts": FACTS,
            "language": "es",
            "ui_language": "es",
            "texts": [{"field": "title", "text": "Taza de 500 ml"}],
        }
        [claim] = client.post("/api/v1/check", json=body).json()["claims"]
        assert claim["reason"] == "Ningún dato indica 500 ml."


class TestHealth:
    def test_lists_the_engines(self, client: httpx2.Client) -> None:
        health = client.get("/health").json()
        engines = {engine["name"]: engine for engine in health["engines"]}
        assert health["status"] == "ok"
        assert engines["composer"]["ready"]
        assert not engines["embedded"]["ready"]
        assert "models pull" in engines["embedded"]["detail"]
