"""Listings with real claims: the stub writes what a test says, and the real check judges it."""

from typing import Any

import httpx2

from backend.tests.support.runs import finished, listings, ready_product
from backend.tests.support.services import Behaviour, StubServices
from generate_description.check.checker import Checker, grounding
from shared.models.base import Usage
from shared.models.generate import (
    CheckRequest,
    CheckResponse,
    GenerateRequest,
    Listing,
    ListingAttribute,
    ListingField,
)

SUPPORTED = "The mug is 8 cm high. It is made of enamelled steel."
UNSUPPORTED = "It is dishwasher-safe and waterproof."


def really_checked(request: CheckRequest) -> CheckResponse:
    checker = Checker(request.facts, request.product, request.language, request.ui_language)
    claims = [claim for given in request.texts for claim in checker.check_text(given.field, given.text, given.index)]
    return CheckResponse(claims=claims, grounding=grounding(claims))


def writes(
    description: str = SUPPORTED, title: str = "Enamel mug", bullets: tuple[str, ...] = ("Height: 8 cm",)
) -> Behaviour:
    """A generate-description that writes these texts, with the claims that the real check finds in them."""

    def write(request: GenerateRequest) -> Listing:
        checker = Checker(request.facts, request.product, request.language, request.ui_language)
        texts: list[tuple[ListingField, int | None, str]] = [("title", None, title), ("description", None, description)]
        texts += [("bullets", index, text) for index, text in enumerate(bullets)]
        claims = [claim for field, index, text in texts for claim in checker.check_text(field, text, index)]
        return Listing(
            language=request.language,
            title=title,
            description=description,
            bullets=list(bullets),
            attributes=[
                ListingAttribute(name=fact.name, value=fact.value, fact_ids=[fact.id]) for fact in request.facts[:2]
            ],
            claims=claims,
            grounding=grounding(claims),
            engine="composer",
            prompt_version="test",
            usage=Usage(input_tokens=10, output_tokens=5, cost_usd=0.001),
            elapsed_ms=1.0,
        )

    return write


async def written_listing(
    api: httpx2.AsyncClient,
    stubs: StubServices,
    description: str = SUPPORTED,
    *,
    sku: str = "MUG-1",
    bullets: tuple[str, ...] = ("Height: 8 cm",),
    **product: Any,
) -> dict[str, Any]:
    """A product whose listing an engine has written; the listing, with its `product_id`."""
    stubs.generate.behaviour = writes(description, bullets=bullets)
    stubs.generate.check_behaviour = really_checked
    product_id = await ready_product(api, sku=sku, **product)
    run = await finished(api, product_id)
    assert run["status"] == "succeeded", run
    return {**(await listings(api, product_id))[0], "product_id": product_id}


def path(listing: dict[str, Any], *parts: str) -> str:
    return "/".join([f"/api/v1/products/{listing['product_id']}/listings/{listing['id']}", *parts])


async def send(
    api: httpx2.AsyncClient, method: str, listing: dict[str, Any], *parts: str, status: int = 200, **body: Any
) -> dict[str, Any]:
    """A write with the entity tag that was read; the listing it answers."""
    answer = await api.request(
        method, path(listing, *parts), json=body or None, headers={"If-Match": str(listing["etag"])}
    )
    assert answer.status_code == status, answer.text
    return {**answer.json(), "product_id": listing["product_id"]}


async def edit(api: httpx2.AsyncClient, listing: dict[str, Any], **texts: Any) -> dict[str, Any]:
    return await send(api, "PATCH", listing, **texts)


async def approve(api: httpx2.AsyncClient, listing: dict[str, Any]) -> dict[str, Any]:
    return await send(api, "POST", listing, "approve")


async def again(api: httpx2.AsyncClient, listing: dict[str, Any]) -> dict[str, Any]:
    """The version as it is now."""
    answer = await api.get(path(listing))
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] == answer.json()["etag"]
    return {**answer.json(), "product_id": listing["product_id"]}


async def history(api: httpx2.AsyncClient, listing: dict[str, Any]) -> list[tuple[int, str]]:
    """Version and status, newest first."""
    found = (await api.get(f"/api/v1/products/{listing['product_id']}/listings/versions")).json()["items"]
    return [(each["version"], each["status"]) for each in found]


async def written_again(
    api: httpx2.AsyncClient, stubs: StubServices, listing: dict[str, Any], description: str
) -> dict[str, Any]:
    """What an engine writes next for the same product."""
    stubs.generate.behaviour = writes(description)
    await finished(api, listing["product_id"], force=True)
    found = (await api.get(f"/api/v1/products/{listing['product_id']}/listings/versions")).json()["items"][0]
    return {**found, "product_id": listing["product_id"]}
