"""The HTTP face of generate-description."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence

from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from generate_description.check.checker import check
from generate_description.engines.embedded import EmbeddedEngine
from generate_description.engines.model_engine import ModelEngine
from generate_description.errors import NotEnoughFacts, UnknownEngine
from generate_description.generation.events import listing_events
from generate_description.generation.service import Generator
from generate_description.settings import GenerateDescriptionSettings
from shared.models.generate import CheckRequest, CheckResponse, GenerateRequest, Listing
from shared.utils.errors import DeadlineExceeded, InvalidRequest
from shared.utils.problems import problems
from shared.utils.service import create_service

DESCRIPTION = "Writes listings from facts, and checks that every claim has one."


def providers(settings: GenerateDescriptionSettings) -> Sequence[ModelEngine]:
    keys = (settings.openai_api_key, settings.anthropic_api_key)
    if not any(key and key.get_secret_value() for key in keys):
        return []
    # Their libraries take seconds to load and over 100 MB.
    from generate_description.engines.providers import provider_engines

    return provider_engines(settings)


def create_app(settings: GenerateDescriptionSettings | None = None) -> FastAPI:
    settings = settings or GenerateDescriptionSettings()
    engines: list[ModelEngine] = [*providers(settings), EmbeddedEngine(settings)]
    generator = Generator(engines)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        await generator.close()

    app = create_service(
        service="generate-description",
        description=DESCRIPTION,
        settings=settings,
        engines=generator.health,
        lifespan=lifespan,
    )

    @app.post(
        "/api/v1/generate",
        tags=["listings"],
        response_model=Listing,
        responses={
            **problems(InvalidRequest, NotEnoughFacts, UnknownEngine, DeadlineExceeded),
            200: {
                "description": "The listing; with `stream: true` events `delta`, then `listing` or `problem`.",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            },
        },
    )
    async def generate(request: GenerateRequest) -> Listing | StreamingResponse:
        """Write a listing whose every claim names its facts."""
        prepared = await generator.prepare(request)
        if request.stream:
            events: AsyncGenerator[str, None] = listing_events(generator, prepared)
            return StreamingResponse(
                events, media_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
            )
        return await generator.generate(prepared)

    @app.post("/api/v1/check", tags=["listings"], responses=problems(InvalidRequest))
    async def check_claims(request: CheckRequest) -> CheckResponse:
        """Check text that anybody wrote: the same verdicts as for a model's."""
        return await asyncio.to_thread(check, request)

    return app
