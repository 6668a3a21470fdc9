"""One product, its runs, and what came of them, through the API."""

from typing import Any

import httpx2

from backend.tests.support.backend import (
    create_product,
    enrich,
    run_with_status,
    upload,
)
from backend.tests.support.images import image_bytes
from shared.utils.errors import AppError

PAGE = "https://shop.example/mug"
OTHER_PAGE = "https://other.example/mug"
RED, BLUE = image_bytes(color=(200, 0, 0)), image_bytes(color=(0, 0, 200))


class PageUnavailable(AppError):
    status, title = 502, "The page could not be had"


class ImageUnreadable(AppError):
    status, title = 422, "The image is damaged"


async def ready_product(
    api: httpx2.AsyncClient, *, images: tuple[bytes, ...] = (RED,), pages: tuple[str, ...] = (PAGE,), **fields: Any
) -> str:
    product = await create_product(api, source_urls=list(pages), **fields)
    for number, content in enumerate(images):
        assert (await upload(api, product["id"], content, f"photo-{number}.png")).status_code == 201
    return str(product["id"])


async def product_status(api: httpx2.AsyncClient, product_id: str) -> str:
    return str((await api.get(f"/api/v1/products/{product_id}")).json()["status"])


async def listings(api: httpx2.AsyncClient, product_id: str, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await api.get(f"/api/v1/products/{product_id}/listings", params=query)).json()
    return found


async def facts(api: httpx2.AsyncClient, product_id: str) -> dict[str, dict[str, Any]]:
    return {fact["name"]: fact for fact in (await api.get(f"/api/v1/products/{product_id}/facts")).json()}


async def finished(api: httpx2.AsyncClient, product_id: str, **options: Any) -> dict[str, Any]:
    return await run_with_status(api, (await enrich(api, product_id, **options))["id"])
