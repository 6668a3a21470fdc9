"""A little of everything that the API knows, so that generated requests find something at the end of their paths."""

import io
import re
import zipfile
from typing import Any

import httpx2

from backend.tests.support.images import image_bytes
from backend.tests.support.runs import finished, ready_product

# Of these there is none for the holder of a key, or nothing to list.
WITHOUT_EXAMPLE = frozenset({"session_id", "signature", "name", "size", "download_id"})
# In which collection the values of a parameter are found where the path itself does not say so.
ELSEWHERE = {
    "run_id": "/api/v1/products/{product_id}/runs",
    "claim_id": "/api/v1/products/{product_id}/listings",
}


def zip_of_photos() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("WORLD-1.png", image_bytes(color=(1, 2, 3)))
    return buffer.getvalue()


class World:
    """`fill` makes it, and makes it anew when a generated request took something away."""

    def __init__(self, api: httpx2.AsyncClient) -> None:
        self.api = api
        self.product_id = ""
        self.number = 0
        self.bulk_edit_id: str | None = None

    async def fill(self) -> None:
        if self.product_id and await self.is_whole():
            return
        self.number += 1
        self.product_id = await ready_product(
            self.api,
            sku=f"WORLD-{self.number}",
            category="Kitchen > Mugs",
            languages=["en", "es"],
            # The page says 8 cm: a conflict.
            attributes=[{"name": "Height", "value": "9", "unit": "cm"}],
        )
        await finished(self.api, self.product_id)
        product = f"/api/v1/products/{self.product_id}"
        fact_id = await self.member(f"{product}/facts", "id")
        await self.post(f"{product}/facts/{fact_id}/confirm", json={})
        await self.post(f"{product}/comments", json={"text": "Which blue is it?"})
        tagged = {"ids": [self.product_id], "changes": {"add_tags": ["new"]}}
        self.bulk_edit_id = (await self.post("/api/v1/products/bulk", json=tagged)).json()["undo"]
        await self.post("/api/v1/auth/users", json={"email": self.mail("user"), "name": "User", "role": "viewer"})
        await self.post("/api/v1/auth/invitations", json={"email": self.mail("guest"), "role": "editor"})
        await self.post("/api/v1/auth/api-keys", json={"name": "Key", "scopes": ["read"]})
        await self.post("/api/v1/imports", files={"file": ("products.csv", b"sku,name\nA-1,Mug\n", "text/csv")})
        await self.post("/api/v1/exports", json={"format": "json"})
        await self.post("/api/v1/photo-archives", files={"archive": ("photos.zip", zip_of_photos(), "application/zip")})
        settings = {
            "brand-voice/house-style": {"name": "House style"},
            "glossary/es": {"terms": [{"term": "mug", "translation": "taza"}]},
            "prompt/generate": {"text": "Mention the guarantee."},
        }
        for where, value in settings.items():
            await self.api.put(f"/api/v1/settings/{where}", json=value, headers={"If-None-Match": "*"})

    def mail(self, name: str) -> str:
        return f"{name}-{self.number}@shop.example"

    async def post(self, path: str, **content: Any) -> httpx2.Response:
        answer = await self.api.post(path, **content)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        return answer

    async def is_whole(self) -> bool:
        product = f"/api/v1/products/{self.product_id}"
        parts = [f"{product}/{part}" for part in ("images", "sources", "facts", "conflicts", "listings", "decisions")]
        answers = [await self.api.get(part) for part in [*parts, "/api/v1/settings/brand-voice"]]
        return all(answer.status_code == 200 and items_of(answer) for answer in answers)

    async def parameters(self, path: str) -> dict[str, Any]:
        """Values of a path's parameters: `/users/{user_id}` is looked up in `/users`."""
        found: dict[str, Any] = {}
        for match in re.finditer(r"\{(\w+)\}", path):
            name = match[1]
            collection = ELSEWHERE.get(name, path[: match.start()].rstrip("/"))
            known = {"product_id": self.product_id, **found}
            value = await self.value(filled_in(collection, known), name)
            if value is not None:
                found[name] = value
        return found

    async def value(self, collection: str, name: str) -> Any:
        product = f"/api/v1/products/{self.product_id}"
        if name == "product_id":
            return self.product_id
        if name == "sku":
            return f"WORLD-{self.number}"
        if name == "kind":
            return "brand-voice"
        if name == "bulk_edit_id":
            return self.bulk_edit_id
        if name == "sha256" and collection == "/media":
            return await self.member(f"{product}/images", "sha256")
        if name == "sha256":
            return await self.member(f"{product}/sources", "snapshot_sha256")
        if name == "claim_id":
            content = await self.member(collection, "content") or {}
            # A generated edit may have left a text without any.
            return next((claim["id"] for claim in content.get("claims", [])), None)
        return None if name in WITHOUT_EXAMPLE else await self.member(collection, name)

    async def member(self, collection: str, name: str) -> Any:
        answer = await self.api.get(collection)
        items = items_of(answer) if answer.status_code == 200 else []
        first = items[0] if items else {}
        return next((first[key] for key in (name, name.removesuffix("_id"), "id") if key in first), None)


def filled_in(path: str, values: dict[str, Any]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: str(values.get(match[1], "-")), path)


def items_of(answer: httpx2.Response) -> list[dict[str, Any]]:
    body = answer.json()
    items: list[dict[str, Any]] = body["items"] if isinstance(body, dict) else body
    return items
