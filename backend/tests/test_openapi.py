"""The API and its OpenAPI document are the same: generated requests, good and bad, over real HTTP.

Each operation gets generated values around things that exist (`World`), so that requests reach beyond "not found".
What is generated depends on the operation alone (`derandomize`): a failure comes again, and prints its curl command.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.api import create_app
from app.settings import Settings
from backend.tests.support.backend import API_KEY, Backend
from backend.tests.support.world import WITHOUT_EXAMPLE, World

# Good ones, and as many bad ones. Each costs 20-75 ms to think up, so these make about one and five minutes.
QUICK_EXAMPLES = 4
FULL_EXAMPLES = 15
# A stream stays open while its run is under way; tests/enrichment/test_events.py reads it.
STREAMS = re.compile(r"/events$")
# What answers to strangers.
PUBLIC = re.compile(r"^(/health|/ping|/public-media/.*|/api/v1/services/health|/api/v1/auth/.*)$")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
# What differs from the document is not always refused: the gateway passes bodies on unread, for the service behind it
# (here a stub) to validate, and numbers are taken as times, in seconds since 1970.
LENIENT = re.compile(r"^/api/v1/(services|audit)(/|$)")

DOCUMENT = create_app(Settings(log_level="ERROR")).openapi()
METHODS = frozenset({"get", "put", "post", "delete", "patch"})


def documented() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield method, path, operation


def operations() -> list[Any]:
    return [
        pytest.param(method, path, id=f"{method.upper()} {path}")
        for method, path, _ in documented()
        if not STREAMS.search(path)
    ]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shared_world(running_backend: Backend) -> AsyncIterator[World]:
    async with running_backend.client(headers={"Authorization": f"Bearer {API_KEY}"}) as api:
        yield World(api)
    # Such as downloads from hosts that there are not, which would be tried for minutes.
    await running_backend.execute("DELETE FROM procrastinate_jobs WHERE status = 'todo'")
    await running_backend.clear()


@pytest_asyncio.fixture(loop_scope="session")
async def world(shared_world: World) -> World:
    await shared_world.fill()
    return shared_world


def operation_of(method: str, path: str) -> APIOperation[Any, Any, Any, Any]:
    schema = schemathesis.openapi.from_dict(DOCUMENT, config=SchemathesisConfig())
    return schema[path][method.upper()]


def exercise(backend: Backend, method: str, path: str, parameters: dict[str, Any] | None, examples: int) -> None:
    """Good and bad requests, with these path parameters or with any."""
    operation = operation_of(method, path)
    rejection = [] if LENIENT.match(path) else [negative_data_rejection]
    with requests.Session() as session:
        session.trust_env = False

        def send(mode: GenerationMode, checks: list[Any]) -> None:
            @settings(
                max_examples=examples,
                derandomize=True,
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(mode, path_parameters=parameters))
            def one(case: schemathesis.Case) -> None:
                case.call_and_validate(
                    base_url=backend.url,
                    session=session,
                    headers={"Authorization": f"Bearer {API_KEY}"},
                    checks=checks,
                    timeout=30,
                )

            one()

        send(GenerationMode.POSITIVE, CHECKS)
        # An operation without parameters and body has nothing to get wrong.
        with contextlib.suppress(Unsatisfiable):
            send(GenerationMode.NEGATIVE, [*CHECKS, *rejection])


class TestGeneratedRequests:
    async def test_every_path_leads_to_something(self, world: World) -> None:
        missing = []
        for path in DOCUMENT["paths"]:
            names = set(re.findall(r"\{(\w+)\}", path)) - WITHOUT_EXAMPLE
            missing += [(path, name) for name in names - set(await world.parameters(path))]
        assert missing == []

    @pytest.mark.parametrize(("method", "path"), operations())
    async def test_about_what_there_is(self, running_backend: Backend, world: World, method: str, path: str) -> None:
        known = await world.parameters(path)
        await asyncio.to_thread(exercise, running_backend, method, path, known or None, QUICK_EXAMPLES)

    @pytest.mark.full
    @pytest.mark.parametrize(("method", "path"), operations())
    async def test_many(self, running_backend: Backend, world: World, method: str, path: str) -> None:
        known = await world.parameters(path)
        for parameters in [known, None] if known else [None]:
            await asyncio.to_thread(exercise, running_backend, method, path, parameters, FULL_EXAMPLES)


class TestDocument:
    def test_every_operation_says_what_it_is(self) -> None:
        lacking = [
            (method, path)
            for method, path, operation in documented()
            if not (operation.get("summary") and operation.get("description") and operation.get("tags"))
        ]
        assert lacking == []

    def test_operation_ids_are_unique(self) -> None:
        identifiers = [operation["operationId"] for _, _, operation in documented()]
        assert len(identifiers) == len(set(identifiers))

    def test_refusals_are_documented(self) -> None:
        undocumented = [
            (method, path, status)
            for method, path, operation in documented()
            if not PUBLIC.match(path)
            for status in ("401", "403", "422")
            if status not in operation["responses"]
            if status != "422" or "parameters" in operation or "requestBody" in operation
        ]
        assert undocumented == []

    def test_every_error_is_a_problem(self) -> None:
        others = [
            (method, path, status)
            for method, path, operation in documented()
            for status, response in operation["responses"].items()
            if status >= "400" and path != "/health" and "application/problem+json" not in response.get("content", {})
        ]
        assert others == []

    def test_streams_say_so(self) -> None:
        for _, path, operation in documented():
            if STREAMS.search(path):
                assert "text/event-stream" in operation["responses"]["200"]["content"]
