"""People for the tests: users with passwords, and clients that they are signed in with."""

from typing import Any

import httpx2

from backend.tests.support.backend import Backend

PASSWORD = "a quiet harbour in May"
OTHER_PASSWORD = "seven green lanterns"


async def add_user(api: httpx2.AsyncClient, email: str = "ana@example.com", role: str = "editor", **fields: Any) -> Any:
    body = {"email": email, "name": email.partition("@")[0].title(), "role": role, "password": PASSWORD, **fields}
    answer = await api.post("/api/v1/auth/users", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def sign_in(
    client: httpx2.AsyncClient, email: str = "ana@example.com", password: str = PASSWORD
) -> httpx2.Response:
    return await client.post("/api/v1/auth/sign-in", json={"email": email, "password": password})


async def signed_in(backend: Backend, email: str = "ana@example.com", password: str = PASSWORD) -> httpx2.AsyncClient:
    """A browser of this person; the caller closes it."""
    client = backend.client()
    answer = await sign_in(client, email, password)
    assert answer.status_code == 200, answer.text
    return client


async def make_key(client: httpx2.AsyncClient, *scopes: str, **fields: Any) -> Any:
    answer = await client.post("/api/v1/auth/api-keys", json={"name": "shop sync", "scopes": scopes, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}
