"""The four routes in front of the services, and their health. Bodies pass as bytes; the service validates them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel

from app.auth.dependencies import Editor
from app.auth.errors import NotSignedIn, RoleRequired
from app.gateway.client import ServiceClient
from app.gateway.errors import ServiceTimeout, ServiceUnavailable
from app.gateway.health import HealthMonitor
from app.gateway.services import Services
from shared.models.describe import DescribeRequest, DescribeResponse
from shared.models.extract import ExtractRequest, ExtractResponse
from shared.models.generate import CheckRequest, CheckResponse, GenerateRequest, Listing
from shared.models.health import SystemHealth
from shared.utils.asgi import read_body
from shared.utils.errors import InvalidRequest, PayloadTooLarge
from shared.utils.problems import problems
from shared.utils.request_context import remaining_seconds

router = APIRouter(prefix="/api/v1/services", tags=["services"])

MAX_BODY_BYTES = 32 * 1024 * 1024
PASSED_ON = ("content-type", "idempotency-key", "accept-language")
PASSED_BACK = ("content-type", "retry-after", "idempotency-replayed")
CLIENT_LEFT = 499

REFUSALS = problems(NotSignedIn, RoleRequired, PayloadTooLarge, InvalidRequest, ServiceUnavailable, ServiceTimeout)


def body_of(model: type[BaseModel], *, image_upload: bool = False) -> dict[str, Any]:
    """The request body in the OpenAPI document, though the route itself takes bytes."""
    content: dict[str, Any] = {"application/json": {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}
    if image_upload:
        image = {"type": "object", "properties": {"image": {"type": "string", "format": "binary"}}}
        content["multipart/form-data"] = {"schema": image}
    return {"requestBody": {"required": True, "content": content}}


GATEWAY_BODIES: tuple[type[BaseModel], ...] = (DescribeRequest, ExtractRequest, GenerateRequest, CheckRequest)


async def forward(request: Request, client: ServiceClient, path: str) -> Response:
    body = await read_body(request.scope, request.receive, MAX_BODY_BYTES)
    if body is None:
        return Response(status_code=CLIENT_LEFT)
    headers = {name.title(): request.headers[name] for name in PASSED_ON if name in request.headers}
    seconds = remaining_seconds(client.default_deadline_s)
    end = asyncio.get_running_loop().time() + seconds
    context = client.stream(path, body, headers, deadline_s=seconds)
    opening = asyncio.ensure_future(context.__aenter__())
    leaving = asyncio.ensure_future(disconnected(request))
    await asyncio.wait({opening, leaving}, return_when=asyncio.FIRST_COMPLETED)
    if not opening.done():
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
        return Response(status_code=CLIENT_LEFT)
    leaving.cancel()
    upstream = await opening
    return StreamingResponse(
        relay(upstream, context, end),
        status_code=upstream.status,
        headers={name: upstream.headers[name] for name in PASSED_BACK if name in upstream.headers},
    )


async def disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def relay(upstream: aiohttp.ClientResponse, context: Any, end: float) -> AsyncIterator[bytes]:
    """The deadline also ends an answer that has begun: it is broken off, so that nobody takes it for complete."""
    chunks = upstream.content.iter_any()
    try:
        while True:
            # Not around the `yield`: what a slow client does with a chunk is no part of the wait.
            async with asyncio.timeout_at(end):
                chunk = await anext(chunks, b"")
            if not chunk:
                return
            yield chunk
    finally:
        await context.__aexit__(None, None, None)


def services_of(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


@router.post(
    "/describe-image",
    response_model=DescribeResponse,
    responses=REFUSALS,
    openapi_extra=body_of(DescribeRequest, image_upload=True),
)
async def describe_image(_: Editor, request: Request) -> Response:
    """What a product photo shows (describe-image's `POST /api/v1/describe`)."""
    return await forward(request, services_of(request).describe_image, "/api/v1/describe")


@router.post(
    "/extract-webcontent",
    response_model=ExtractResponse,
    responses=REFUSALS,
    openapi_extra=body_of(ExtractRequest),
)
async def extract_webcontent(_: Editor, request: Request) -> Response:
    """What a page says (extract-webcontent's `POST /api/v1/extract`)."""
    return await forward(request, services_of(request).extract_webcontent, "/api/v1/extract")


@router.post(
    "/generate-description", response_model=Listing, responses=REFUSALS, openapi_extra=body_of(GenerateRequest)
)
async def generate_description(_: Editor, request: Request) -> Response:
    """A grounded listing (generate-description's `POST /api/v1/generate`)."""
    return await forward(request, services_of(request).generate_description, "/api/v1/generate")


@router.post("/check-claims", response_model=CheckResponse, responses=REFUSALS, openapi_extra=body_of(CheckRequest))
async def check_claims(_: Editor, request: Request) -> Response:
    """The grounding check alone (generate-description's `POST /api/v1/check`)."""
    return await forward(request, services_of(request).generate_description, "/api/v1/check")


@router.get("/health")
async def services_health(request: Request) -> SystemHealth:
    """How the services are, from memory; always 200. Public."""
    monitor: HealthMonitor = request.app.state.health_monitor
    return monitor.report()
