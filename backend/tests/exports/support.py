"""Common moves of the tests of exports."""

import csv
import io
import json
import uuid
from typing import Any

import httpx2

from backend.tests.support.backend import Backend, create_product

EXPORTS = "/api/v1/exports"


async def ask(api: httpx2.AsyncClient, **body: Any) -> dict[str, Any]:
    answer = await api.post(EXPORTS, json={"format": "generic", "scope": "all", **body})
    assert answer.status_code == 201, answer.text
    export: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"{EXPORTS}/{export['id']}"
    return export


async def file_of(api: httpx2.AsyncClient, export: dict[str, Any]) -> httpx2.Response:
    answer = await api.get(f"{EXPORTS}/{export['id']}/file")
    assert answer.status_code == 200, answer.text
    return answer


async def exported(api: httpx2.AsyncClient, **body: Any) -> list[dict[str, str]]:
    export = await ask(api, **body)
    text = (await file_of(api, export)).content.decode("utf-8-sig")
    delimiter = "\t" if export["format"] == "google" else ","
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


async def skus(api: httpx2.AsyncClient, **body: Any) -> list[str]:
    return [row["sku"] for row in await exported(api, **body)]


async def add_variant(
    api: httpx2.AsyncClient, backend: Backend, parent: dict[str, Any], sku: str, size: str
) -> dict[str, Any]:
    await backend.execute("UPDATE products SET option_names = '{Size}' WHERE id = :id", id=parent["id"])
    product = await create_product(api, sku, price={"amount": "9.50", "currency": "EUR"})
    await backend.execute(
        "UPDATE products SET parent_id = :parent, options = CAST(:options AS jsonb) WHERE id = :id",
        parent=parent["id"], id=product["id"], options=json.dumps([{"name": "Size", "value": size}]),
    )  # fmt: skip
    return product


async def add_listing(
    backend: Backend,
    product: dict[str, Any],
    *,
    status: str = "approved",
    author_kind: str = "ai",
    version: int = 1,
    **texts: Any,
) -> None:
    content = {
        "language": "en",
        "title": "Enamel mug, sea blue",
        "description": "A mug for the mountains.\n\nIt is made of steel.",
        "bullets": ["Holds 330 ml", "Dishwasher-safe"],
        "seo_title": "Enamel mug",
        "seo_description": "Buy it.",
        "attributes": [],
        "alt_texts": {},
        "keywords": [],
        "category": None,
        "engine": "composer",
        "removed": [],
        "prompt_version": "1",
        "elapsed_ms": 1.0,
        "notes": [],
        **texts,
    }
    await backend.execute(
        "INSERT INTO listings (id, product_id, language, version, status, author, author_kind, content, facts)"
        " VALUES (:id, :product, 'en', :version, :status, 'x', :kind, CAST(:content AS jsonb), '[]')",
        id=uuid.uuid4(),
        product=product["id"],
        version=version,
        status=status,
        kind=author_kind,
        content=json.dumps(content),
    )
