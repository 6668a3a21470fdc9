"""The service with a scripted vision model behind it, both over real HTTP.

The script's server speaks OpenAI's protocol, and knows every way in which a vision model can answer, or not.
"""

import asyncio
import base64
import contextlib
import json
import math
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from describe_image.vision_model import readiness

GOOD: dict[str, Any] = {
    "text": ["NORDIKA", "Enamel Mug", "330 ml", "Handmade with love", "Holds 450 ml"],
    "product_type": "mug",
    "materials": ["enamelled steel"],
    "contents": [],
    "attributes": [{"name": "handle", "value": "one round handle"}, {"name": "lid", "value": "unknown"}],
    "description": "A cylindrical mug with a round handle stands on a plain ground.",
    "alt_text": "Cylindrical enamel mug with a round handle",
}
WARM_UP_TEXT = "Fill in the JSON for this photo."


@dataclass
class Script:
    """What the server does next; `asked` holds the questions of the tests, without the warm-up."""

    model: str = "tiny-vision"
    answers: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    loading: bool = False
    key: str | None = None
    pause_s: float = 0.0
    in_progress: int = 0
    most_in_progress: int = 0
    cancelled: int = 0
    logprob: float | None = math.log(0.8)
    release: threading.Event = field(default_factory=threading.Event)

    def next_answer(self) -> dict[str, Any]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0] if self.answers else {}

    def images(self) -> list[bytes]:
        urls = [
            part["image_url"]["url"]
            for body in self.asked
            for message in body["messages"]
            if isinstance(message["content"], list)
            for part in message["content"]
            if part["type"] == "image_url"
        ]
        return [base64.b64decode(url.partition(",")[2]) for url in urls]


def completion(script: Script, text: str) -> dict[str, Any]:
    choice: dict[str, Any] = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": text},
    }
    if script.logprob is not None:
        tokens = [
            {"token": text[start : start + 3], "logprob": script.logprob, "bytes": None, "top_logprobs": []}
            for start in range(0, len(text), 3)
        ]
        choice["logprobs"] = {"content": tokens, "refusal": None}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": script.model,
        "choices": [choice],
        "usage": {"prompt_tokens": 1300, "completion_tokens": 210, "total_tokens": 1510},
    }


def chat_app(script: Script) -> FastAPI:
    app = FastAPI()

    def refused(request: Request) -> Response | None:
        if script.key is not None and request.headers.get("authorization") != f"Bearer {script.key}":
            return JSONResponse({"error": {"message": "bad key"}}, status_code=401)
        if script.loading:
            return JSONResponse({"error": {"message": "Loading model"}}, status_code=503)
        return None

    @app.get("/v1/models")
    async def models(request: Request) -> Response:
        return refused(request) or JSONResponse(
            {"object": "list", "data": [{"id": script.model, "object": "model", "created": 1, "owned_by": "test"}]}
        )

    @app.post("/v1/chat/completions")
    async def chat(request: Request) -> Response:
        refusal = refused(request)
        if refusal is not None:
            return refusal
        body = await request.json()
        warm_up = str(body["messages"]).count(WARM_UP_TEXT) and not script.answers
        if warm_up:
            return JSONResponse(completion(script, json.dumps(GOOD)))
        script.asked.append(body)
        script.in_progress += 1
        script.most_in_progress = max(script.most_in_progress, script.in_progress)
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(script.pause_s):
                    while not await request.is_disconnected() and not script.release.is_set():
                        await asyncio.sleep(0.01)
            if await request.is_disconnected():
                script.cancelled += 1
        finally:
            script.in_progress -= 1
        answer = script.next_answer()
        if "status" in answer:
            return JSONResponse(
                {"error": {"message": answer.get("message", "no")}},
                status_code=answer["status"],
                headers=answer.get("headers", {}),
            )
        if answer.get("drop"):
            assert request.scope["type"] == "http"
            # Promises more than it sends, and closes: a broken connection as a client sees it.
            return Response("{", headers={"Content-Length": "1000", "Connection": "close"})
        text = answer["text"] if isinstance(answer.get("text"), str) else json.dumps({**GOOD, **answer})
        return JSONResponse(completion(script, text))

    return app


@contextlib.contextmanager
def scripted(serving: Any, script: Script) -> Iterator[str]:
    with serving(chat_app(script)) as url:
        yield f"{url}/v1"


@dataclass
class SeeingService:
    url: str
    script: Script


def wait_until_ready(url: str) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if httpx2.get(f"{url}/ping").status_code == 200:
            return
        time.sleep(0.02)
    raise AssertionError(httpx2.get(f"{url}/health").text)


@pytest.fixture(scope="session")
def ready() -> Callable[[str], None]:
    return wait_until_ready


@pytest.fixture(scope="session")
def running_seeing(serving: Callable, start_seeing: Callable) -> Iterator[SeeingService]:
    script = Script()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readiness, "WHILE_LOADING_S", 0.05)
        patch.setattr(readiness, "WHILE_READY_S", 0.2)
        with scripted(serving, script) as base_url, start_seeing(base_url, answers_cached=0) as url:
            wait_until_ready(url)
            yield SeeingService(url, script)


@pytest.fixture
def seeing(running_seeing: SeeingService) -> SeeingService:
    """Each test begins with a model that answers well."""
    script = running_seeing.script
    fresh = Script(answers=[{}])
    script.__dict__.update(fresh.__dict__)
    return running_seeing


@pytest.fixture
def script(seeing: SeeingService) -> Script:
    return seeing.script


@pytest.fixture
async def client(seeing: SeeingService) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=seeing.url, timeout=60) as client:
        yield client


@pytest.fixture(scope="session")
def new_script() -> type[Script]:
    return Script


@pytest.fixture(scope="session")
def serve_script(serving: Callable) -> Callable[[Script], contextlib.AbstractContextManager[str]]:
    return lambda script: scripted(serving, script)
