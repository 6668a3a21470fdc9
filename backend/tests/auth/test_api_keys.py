"""API keys: shown once, never more than their owner, and of that only what their scopes name."""

import hashlib
from typing import Any

import httpx2
import pytest

from app.auth.scopes import OF_ROLE, accepted_scopes
from backend.tests.auth.accounts import add_user, bearer, make_key, signed_in
from backend.tests.support.backend import Backend, assert_problem

KEYS = "/api/v1/auth/api-keys"


class TestCreate:
    async def test_it_is_shown_once_and_kept_as_a_hash(self, browser: httpx2.AsyncClient, backend: Backend) -> None:
        made = await make_key(browser, "read", "read", "write")
        assert made["key"].startswith("oak_")
        assert len(made["key"]) == 47
        assert made["scopes"] == ["read", "write"]
        assert made["last_four"] == made["key"][-4:]
        (listed,) = (await browser.get(KEYS)).json()["items"]
        assert listed == {name: value for name, value in made.items() if name != "key"}
        (row,) = await backend.execute("SELECT * FROM api_keys")
        assert row.token_hash == hashlib.sha256(made["key"].encode()).hexdigest()
        assert made["key"] not in str(row)
        events = await backend.execute("SELECT * FROM audit_events WHERE table_name = 'api_keys'")
        assert len(events) == 1
        assert row.token_hash not in str(events)
        assert made["key"] not in str(events)

    @pytest.mark.parametrize(
        "change",
        [
            {"scopes": []},
            {"scopes": ["everything"]},
            {"scopes": ["read"] * 7},
            {"name": ""},
            {"expires_at": "2020-01-01T00:00:00Z"},
            {"expires_at": "2999-01-01"},
            {"expires_at": "soon"},
        ],
    )
    async def test_what_is_not_valid_is_refused(self, browser: httpx2.AsyncClient, change: dict[str, Any]) -> None:
        answer = await browser.post(KEYS, json={"name": "x", "scopes": ["read"], **change})
        assert_problem(answer, 422, "invalid-request")

    @pytest.mark.parametrize(("role", "refused"), [("viewer", "write"), ("viewer", "admin"), ("editor", "admin")])
    async def test_no_more_than_the_owners_role(
        self, api: httpx2.AsyncClient, backend: Backend, role: str, refused: str
    ) -> None:
        await add_user(api, role=role)
        ana = await signed_in(backend)
        answer = await ana.post(KEYS, json={"name": "x", "scopes": ["read", refused]})
        assert_problem(answer, 422, "scope-not-allowed")
        await ana.aclose()

    async def test_a_key_makes_none_that_may_do_more(
        self, browser: httpx2.AsyncClient, anonymous: httpx2.AsyncClient
    ) -> None:
        admin_only = await make_key(browser, "admin")
        body = {"name": "x", "scopes": ["admin", "write"]}
        answer = await anonymous.post(KEYS, json=body, headers=bearer(admin_only["key"]))
        assert_problem(answer, 422, "scope-not-allowed")
        writer = await make_key(browser, "read", "write", "review", "import", "export")
        answer = await anonymous.post(KEYS, json={"name": "x", "scopes": ["read"]}, headers=bearer(writer["key"]))
        assert_problem(answer, 403, "scope-required")


class TestUse:
    async def test_it_acts_for_its_owner(
        self, api: httpx2.AsyncClient, backend: Backend, anonymous: httpx2.AsyncClient
    ) -> None:
        user = await add_user(api)
        ana = await signed_in(backend)
        made = await make_key(ana, "read", "write")
        me = (await anonymous.get("/api/v1/auth/me", headers=bearer(made["key"]))).json()
        assert (me["id"], me["scopes"]) == (user["id"], ["read", "write"])
        body = {"sku": "A", "name": "A"}
        assert (await anonymous.post("/api/v1/products", json=body, headers=bearer(made["key"]))).status_code == 201
        (event,) = await backend.execute("SELECT * FROM audit_events WHERE table_name = 'products'")
        assert (str(event.actor_id), str(event.api_key_id)) == (user["id"], made["id"])
        (listed,) = (await ana.get(KEYS)).json()["items"]
        assert listed["used_at"] is not None
        await ana.aclose()

    async def test_when_the_owner_loses_a_role_so_does_the_key(
        self, api: httpx2.AsyncClient, backend: Backend, anonymous: httpx2.AsyncClient
    ) -> None:
        user = await add_user(api)
        ana = await signed_in(backend)
        key = (await make_key(ana, "read", "write"))["key"]
        await api.patch(f"/api/v1/auth/users/{user['id']}", json={"role": "viewer"})
        answer = await anonymous.post("/api/v1/products", json={"sku": "A", "name": "A"}, headers=bearer(key))
        assert_problem(answer, 403, "role-required")
        assert (await anonymous.get("/api/v1/products", headers=bearer(key))).status_code == 200
        await ana.aclose()

    async def test_a_revoked_one_ends_at_once(self, browser: httpx2.AsyncClient, anonymous: httpx2.AsyncClient) -> None:
        made = await make_key(browser, "read")
        assert (await browser.delete(f"{KEYS}/{made['id']}")).status_code == 204
        answer = await anonymous.get("/api/v1/products", headers=bearer(made["key"]))
        assert_problem(answer, 401, "not-signed-in")
        (listed,) = (await browser.get(KEYS)).json()["items"]
        assert listed["status"] == "revoked"
        assert (await browser.delete(f"{KEYS}/{made['id']}")).status_code == 204

    async def test_an_expired_one_is_refused(
        self, browser: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, backend: Backend
    ) -> None:
        made = await make_key(browser, "read", expires_at="2999-01-01T00:00:00Z")
        assert (await anonymous.get("/api/v1/products", headers=bearer(made["key"]))).status_code == 200
        await backend.execute("UPDATE api_keys SET expires_at = now() - interval '1 second'")
        answer = await anonymous.get("/api/v1/products", headers=bearer(made["key"]))
        assert_problem(answer, 401, "not-signed-in")

    @pytest.mark.parametrize("change", [lambda key: key[:-1], lambda key: key + "A", str.swapcase, lambda key: key[4:]])
    async def test_a_key_that_is_almost_right(
        self, browser: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, change: Any
    ) -> None:
        made = await make_key(browser, "read")
        answer = await anonymous.get("/api/v1/products", headers=bearer(change(made["key"])))
        assert_problem(answer, 401, "not-signed-in")

    async def test_those_of_others(
        self, api: httpx2.AsyncClient, backend: Backend, browser: httpx2.AsyncClient
    ) -> None:
        await add_user(api)
        await add_user(api, "bo@example.com")
        ana, bo = await signed_in(backend), await signed_in(backend, "bo@example.com")
        made = await make_key(ana, "read")
        assert (await bo.get(KEYS)).json()["items"] == []
        assert_problem(await bo.get(KEYS, params={"everybody": True}), 403, "role-required")
        assert_problem(await bo.delete(f"{KEYS}/{made['id']}"), 404, "api-key-not-found")
        (seen,) = (await browser.get(KEYS, params={"everybody": True})).json()["items"]
        assert seen["owner"]["name"] == "Ana"
        assert (await browser.delete(f"{KEYS}/{made['id']}")).status_code == 204
        await ana.aclose()
        await bo.aclose()

    async def test_the_list_goes_on(self, browser: httpx2.AsyncClient) -> None:
        made = [(await make_key(browser, "read"))["id"] for _ in range(5)]
        first = (await browser.get(KEYS, params={"limit": 3})).json()
        second = (await browser.get(KEYS, params={"limit": 3, "cursor": first["next_cursor"]})).json()
        assert [key["id"] for key in first["items"] + second["items"]] == made[::-1]


class TestScopes:
    @pytest.mark.parametrize(
        ("role", "method", "path", "accepted"),
        [
            ("viewer", "GET", "/api/v1/products/{product_id}", {"read"}),
            ("editor", "PATCH", "/api/v1/products/{product_id}", {"write"}),
            ("editor", "POST", "/api/v1/products/{product_id}/listings/{language}/approve", {"review"}),
            ("editor", "POST", "/api/v1/imports", {"import"}),
            ("viewer", "GET", "/api/v1/imports/{import_id}", {"import", "read"}),
            ("editor", "POST", "/api/v1/exports", {"export"}),
            ("viewer", "GET", "/api/v1/exports/{export_id}/file", {"export", "read"}),
            ("admin", "PUT", "/api/v1/settings/{key}", {"admin"}),
            ("admin", "GET", "/api/v1/audit", {"admin"}),
            ("viewer", "GET", "/api/v1/auth/me", {"read"}),
            ("viewer", "PATCH", "/api/v1/auth/me", {"admin"}),
            ("viewer", "POST", "/api/v1/auth/api-keys", {"admin"}),
            ("viewer", "GET", "/media/{sha256}/{size}.webp", {"read"}),
            ("admin", "GET", "/metrics", {"admin"}),
        ],
    )
    def test_what_a_route_accepts(self, role: Any, method: str, path: str, accepted: set[str]) -> None:
        assert accepted_scopes(role, method, path) == accepted

    def test_each_role_may_give_what_the_one_below_may(self) -> None:
        assert OF_ROLE["viewer"] < OF_ROLE["editor"] < OF_ROLE["admin"]


class TestOpenApi:
    async def test_both_ways_in_are_documented(self, backend: Backend) -> None:
        document = backend.app.openapi()
        assert set(document["components"]["securitySchemes"]) == {"session", "api_key"}
        products = document["paths"]["/api/v1/products"]
        assert products["get"]["security"] == [{"session": []}, {"api_key": ["read"]}]
        assert products["post"]["security"] == [{"session": []}, {"api_key": ["write"]}]
        assert "security" not in document["paths"]["/api/v1/auth/sign-in"]["post"]
        assert "security" not in document["paths"]["/health"]["get"]
