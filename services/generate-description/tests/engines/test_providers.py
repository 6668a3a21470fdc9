"""Providers against a loopback server that speaks OpenAI's protocol: good answers, inventions and faults."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

LISTING = {
    "title": "Bruma Enamel Mug, 330 ml",
    "sentences": [
        {"ids": [1], "text": "The Bruma Enamel Mug is made of enamelled steel."},
        {"ids": [1], "text": "It holds 330 ml."},
        {"ids": [2], "text": "It has a built-in heating element."},
        {"ids": [3], "text": "It is dishwasher safe."},
    ],
    "bullets": [
        {"ids": [2], "text": "Holds 330 ml"},
        {"ids": [3], "text": "Dishwasher safe"},
        {"ids": [1], "text": "FDA approved"},
    ],
}
REQUEST = {
    "product": {"name": "Enamel Mug", "brand": "Bruma"},
    "engine": "openai",
    "facts": [
        {"id": name, "name": name, "value": value, "source": {"kind": "merchant", "ref": name}}
        for name, value in {"material": "enamelled steel", "volume": "330 ml", "care": "dishwasher safe"}.items()
    ],
}


class Provider:
    """Answers each call with the next of `answers`: a status, or the text of a completion."""

    def __init__(self) -> None:
        self.answers: list[int | str] = []
        self.asked: list[dict] = []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *arguments: object) -> None:
                return

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                provider.asked.append(body)
                answer = provider.answers.pop(0) if provider.answers else 500
                status, data = (
                    (answer, {"error": {"message": "no"}}) if isinstance(answer, int) else (200, reply(answer))
                )
                payload = json.dumps(data).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def reply(text: str) -> dict:
    message = {"role": "assistant", "content": text}
    usage = {"prompt_tokens": 300, "completion_tokens": 150, "total_tokens": 450}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {"id": "1", "object": "chat.completion", "created": 1, "model": "test", "choices": [choice], "usage": usage}


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider()
    yield provider
    provider.server.shutdown()


@pytest.fixture
def client(serve, provider):
    return serve(
        openai_api_key="sk-test", openai_base_url=provider.url, openai_model="unheard-of", anthropic_api_key=None
    )


class TestOpenAi:
    def test_inventions_are_removed_and_reported(self, client, provider) -> None:
        provider.answers = [json.dumps(LISTING), 500]
        listing = client.post("/api/v1/generate", json=REQUEST).json()
        assert listing["engine"] == "openai"
        assert "heating" not in listing["description"]
        assert {claim["text"] for claim in listing["removed"]} == {"It has a built-in heating element.", "FDA approved"}
        assert listing["grounding"]["coverage"] == 1.0
        assert listing["field_engines"]["keywords"] == "composer"

    def test_wrong_citation_is_corrected(self, client, provider) -> None:
        provider.answers = [json.dumps(LISTING), 500]
        listing = client.post("/api/v1/generate", json=REQUEST).json()
        [claim] = [c for c in listing["claims"] if c["field"] == "description" and c["text"] == "It holds 330 ml."]
        assert claim["fact_ids"] == ["volume"]

    def test_repair_is_asked_once_with_the_reasons(self, client, provider) -> None:
        better = {**LISTING, "sentences": LISTING["sentences"][:2], "bullets": LISTING["bullets"][:2]}
        provider.answers = [json.dumps(LISTING), json.dumps(better)]
        listing = client.post("/api/v1/generate", json=REQUEST).json()
        assert len(provider.asked) == 2
        assert "heating element" in json.dumps(provider.asked[1])
        assert listing["removed"] == []
        assert listing["usage"]["input_tokens"] == 600

    def test_the_price_of_an_unknown_model_is_unknown(self, client, provider) -> None:
        provider.answers = [json.dumps(LISTING), 500]
        assert client.post("/api/v1/generate", json=REQUEST).json()["usage"]["cost_usd"] is None

    @pytest.mark.parametrize("answer", [401, 429, 500, "", "Here is your listing!", '{"title": "cut', '{"title": "x"}'])
    def test_any_fault_falls_back_to_the_composer_with_a_note(self, client, provider, answer) -> None:
        provider.answers = [answer]
        listing = client.post("/api/v1/generate", json=REQUEST).json()
        assert listing["engine"] == "composer"
        assert "openai" in listing["notes"][0]
        assert listing["grounding"]["coverage"] == 1.0

    def test_too_little_survives(self, client, provider) -> None:
        nonsense = [{"ids": [1], "text": f"It grants wish number {n}."} for n in (11, 12, 13)]
        answer = json.dumps({"title": "The best of magic", "sentences": nonsense, "bullets": nonsense})
        provider.answers = [answer, answer]
        listing = client.post("/api/v1/generate", json=REQUEST).json()
        assert listing["engine"] == "composer"
        assert listing["title"].startswith("Bruma Enamel Mug")
        assert listing["grounding"]["coverage"] == 1.0

    def test_a_text_that_tells_next_to_nothing_gives_way(self, client, provider) -> None:
        facts = {"colour": "red", "weight": "300 g", "height": "9 cm", "origin": "Poland", "warranty": "2 years"}
        more = [
            {"id": name, "name": name, "value": value, "source": {"kind": "merchant", "ref": name}}
            for name, value in facts.items()
        ]
        thin = [{"ids": [1], "text": "It is made of enamelled steel."}, {"ids": [1], "text": "Steel it is made of."}]
        provider.answers = [json.dumps({"title": "Bruma Enamel Mug", "sentences": thin, "bullets": thin}), 500]
        body = {**REQUEST, "facts": [*REQUEST["facts"], *more]}
        listing = client.post("/api/v1/generate", json=body).json()
        assert listing["field_engines"]["description"] == "composer"
        assert "300 g" in listing["description"]
