import asyncio
import hashlib
import re
import uuid
from http.cookies import SimpleCookie
from typing import Any

import httpx2
import pytest
from fastapi.routing import APIRoute
from starlette.routing import Mount, Route

from app.database import get_session
from backend.tests.support.backend import Backend, assert_problem, create_product

# What answers without credentials, and why.
PUBLIC = {
    ("GET", "/health"),
    ("GET", "/ping"),
    ("GET", "/api/v1/services/health"),
    ("POST", "/api/v1/auth/sign-in"),
    ("POST", "/api/v1/auth/password-resets"),
    ("POST", "/api/v1/auth/password-resets/complete"),
    ("POST", "/api/v1/auth/invitations/accept"),
    ("GET", "/public-media/{signature}/{sha256}/{name}"),  # for shops; each address is signed
    ("GET", "/{path:path}"),  # the web app itself, which then asks to sign in
    ("GET", "/openapi.json"),  # the contract is no secret
    ("GET", "/public-media/{signature}/{sha256}/{name}"),  # shops; the signature is the permission
    ("GET", "/docs"),
    ("GET", "/docs/oauth2-redirect"),
    ("GET", "/redoc"),
}


# POST for the size of their bodies alone: they write nothing, so they are for viewers.
READING = {("POST", "/api/v1/exports/preflight"), ("POST", "/api/v1/photo-archives/match")}
# What a key reads only with the scope `admin`.
NOT_FOR_READING_KEYS = {
    "/metrics",
    "/api/v1/audit",
    "/api/v1/audit/export",
    "/api/v1/auth/api-keys",
    "/api/v1/auth/invitations",
    "/api/v1/auth/people",
    "/api/v1/auth/sessions",
    "/api/v1/auth/users",
    "/api/v1/auth/users/{user_id}",
}
# One's own account and keys: every signed-in person may change those, and nobody else's.
OWN = {
    ("POST", "/api/v1/auth/sign-out"),
    ("PATCH", "/api/v1/auth/me"),
    ("POST", "/api/v1/auth/me/password"),
    ("DELETE", "/api/v1/auth/sessions"),
    ("DELETE", "/api/v1/auth/sessions/{session_id}"),
    ("POST", "/api/v1/auth/api-keys"),
    ("DELETE", "/api/v1/auth/api-keys/{key_id}"),
}


def leaf_routes(routes: Any) -> list[Any]:
    """All routes, also those that FastAPI keeps inside included routers."""
    found = []
    for route in routes:
        inner = getattr(route, "routes", None) or getattr(getattr(route, "original_router", None), "routes", None)
        found += leaf_routes(inner) if inner and not isinstance(route, Mount) else [route]
    return found


def every_route(backend: Backend) -> list[tuple[str, str]]:
    routes = []
    for route in leaf_routes(backend.app.routes):
        assert isinstance(route, APIRoute | Route), f"{route} is neither public nor checked by this test"
        routes += [(method, route.path) for method in sorted((route.methods or set()) - {"HEAD"})]
    return routes


def concrete(path: str, product_id: str) -> str:
    """The path with an id in each place: the product's, or one that nothing has."""
    path = path.replace("{product_id}", product_id).replace("{sha256}", "0" * 64).replace("{size}", "320")
    return re.sub(r"\{\w+(:\w+)?\}", lambda match: "MUG-1" if match[1] else str(uuid.uuid4()), path)


def calls(dependant: Any) -> list[Any]:
    """What is called for a request, in this order."""
    return [call for each in dependant.dependencies for call in calls(each)] + [dependant.call]


async def set_role(backend: Backend, role: str) -> None:
    await backend.execute("UPDATE users SET role = :role", role=role)


class TestEveryRoute:
    async def test_the_walk_sees_the_whole_api(self, backend: Backend) -> None:
        documented = {
            (method.upper(), path) for path, item in backend.app.openapi()["paths"].items() for method in item
        }
        walked = {(method, path.replace(":path", "")) for method, path in every_route(backend)}
        assert documented <= walked
        assert len(documented) >= 30

    async def test_all_but_the_public_ones_refuse_strangers(
        self, backend: Backend, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient
    ) -> None:
        existing = (await create_product(api))["id"]
        open_routes = []
        # An existing product and an unknown one must look the same to a stranger.
        for product_id in (existing, str(uuid.uuid4())):
            for method, path in every_route(backend):
                if (method, path) in PUBLIC:
                    continue
                answer = await anonymous.request(method, concrete(path, product_id))
                if answer.status_code != 401:
                    open_routes.append((method, path, answer.status_code))
                else:
                    assert_problem(answer, 401, "not-signed-in")
        assert open_routes == []

    async def test_the_public_ones_exist(self, backend: Backend) -> None:
        assert set(every_route(backend)) >= PUBLIC

    @pytest.mark.parametrize("path", ["/health", "/ping", "/api/v1/services/health", "/", "/openapi.json"])
    async def test_public(self, anonymous: httpx2.AsyncClient, path: str) -> None:
        assert (await anonymous.get(path)).status_code == 200

    async def test_a_viewer_reads_and_never_writes(self, backend: Backend, browser: httpx2.AsyncClient) -> None:
        product_id = (await create_product(browser))["id"]
        await set_role(backend, "viewer")
        assert (await browser.get("/api/v1/products")).status_code == 200
        writable = []
        for method, path in every_route(backend):
            if method == "GET" or (method, path) in PUBLIC | OWN | READING:
                continue
            answer = await browser.request(method, concrete(path, product_id))
            if answer.status_code != 403:
                writable.append((method, path, answer.status_code))
            else:
                assert_problem(answer, 403, "role-required")
        assert writable == []

    async def test_a_key_that_reads_does_nothing_else(
        self, backend: Backend, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient
    ) -> None:
        """Though it belongs to an administrator."""
        product_id = (await create_product(api))["id"]
        made = await api.post("/api/v1/auth/api-keys", json={"name": "reader", "scopes": ["read"]})
        anonymous.headers["Authorization"] = f"Bearer {made.json()['key']}"
        wrong = []
        for method, path in every_route(backend):
            if (method, path) in PUBLIC:
                continue
            answer = await anonymous.request(method, concrete(path, product_id), timeout=10)
            kind = answer.json()["type"] if answer.status_code == 403 else None
            reads = (method == "GET" or (method, path) in READING) and path not in NOT_FOR_READING_KEYS
            if reads != (kind is None):
                wrong.append((method, path, answer.status_code))
            elif kind is not None:
                assert kind == "/problems/scope-required"
        assert wrong == []

    async def test_who_asks_is_known_before_a_session_is_there(self, backend: Backend) -> None:
        """The audit log names who acts when a transaction begins: nothing may be written before."""
        late = []
        for route in leaf_routes(backend.app.routes):
            if not isinstance(route, APIRoute) or route.methods <= {"GET", "HEAD"}:
                continue
            order = calls(route.dependant)
            roles = [number for number, call in enumerate(order) if hasattr(call, "required_role")]
            sessions = [number for number, call in enumerate(order) if call is get_session]
            if roles and sessions and min(roles) > min(sessions):
                late.append((route.methods, route.path))
        assert late == []

    async def test_an_editor_is_no_administrator(self, backend: Backend, browser: httpx2.AsyncClient) -> None:
        await set_role(backend, "editor")
        await create_product(browser)
        assert_problem(await browser.post("/api/v1/auth/sign-in-links"), 403, "role-required")
        assert_problem(await browser.get("/metrics"), 403, "role-required")


class TestApiKey:
    @pytest.mark.parametrize(
        "header",
        [
            "Bearer wrong",
            "Bearer",
            "Basic a2V5",
            "Bearer key-of-the-test-client-and-more",
            "Bearer key-of-the-test-clien",
        ],
    )
    async def test_a_wrong_key_is_refused(self, anonymous: httpx2.AsyncClient, header: str) -> None:
        answer = await anonymous.get("/api/v1/products", headers={"Authorization": header})
        assert_problem(answer, 401, "not-signed-in")
        assert answer.headers["www-authenticate"] == "Bearer"

    async def test_bytes_that_are_no_text_are_refused(self, anonymous: httpx2.AsyncClient) -> None:
        answer = await anonymous.get("/api/v1/products", headers=[(b"Authorization", b"Bearer \xff\xfe")])
        assert_problem(answer, 401, "not-signed-in")

    async def test_the_scheme_is_case_insensitive(self, anonymous: httpx2.AsyncClient) -> None:
        headers = {"Authorization": "bearer key-of-the-test-client"}
        assert (await anonymous.get("/api/v1/auth/me", headers=headers)).json()["role"] == "admin"

    async def test_a_wrong_key_is_not_saved_by_a_good_cookie(self, browser: httpx2.AsyncClient) -> None:
        answer = await browser.get("/api/v1/products", headers={"Authorization": "Bearer wrong"})
        assert_problem(answer, 401, "not-signed-in")


class TestSignIn:
    async def token(self, api: httpx2.AsyncClient) -> str:
        answer = await api.post("/api/v1/auth/sign-in-links")
        assert answer.status_code == 201
        # In the fragment, which browsers never send.
        path, _, token = answer.json()["path"].partition("#token=")
        assert path == "/sign-in"
        return str(token)

    async def test_a_link_signs_in_once(self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient) -> None:
        token = await self.token(api)
        first = await anonymous.post("/api/v1/auth/sign-in", json={"token": token})
        assert first.status_code == 200
        assert first.json() == {**first.json(), "email": "owner@localhost", "role": "admin"}
        again = await anonymous.post("/api/v1/auth/sign-in", json={"token": token})
        assert_problem(again, 401, "sign-in-link-invalid")

    async def test_of_two_at_once_one_wins(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        token = await self.token(api)
        async with backend.client() as one, backend.client() as other:
            answers = await asyncio.gather(
                *(client.post("/api/v1/auth/sign-in", json={"token": token}) for client in (one, other))
            )
        assert sorted(answer.status_code for answer in answers) == [200, 401]

    async def test_an_old_link_is_refused(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, backend: Backend
    ) -> None:
        token = await self.token(api)
        await backend.execute("UPDATE sign_in_links SET expires_at = now() - interval '1 second'")
        answer = await anonymous.post("/api/v1/auth/sign-in", json={"token": token})
        assert_problem(answer, 401, "sign-in-link-invalid")

    async def test_an_unknown_token_is_refused(self, anonymous: httpx2.AsyncClient) -> None:
        answer = await anonymous.post("/api/v1/auth/sign-in", json={"token": "x" * 43})
        assert_problem(answer, 401, "sign-in-link-invalid")

    @pytest.mark.parametrize("token", ["", "short", "x" * 201, None, 7, "a" * 30 + "\u0000"])
    async def test_what_is_no_token_is_refused(self, anonymous: httpx2.AsyncClient, token: Any) -> None:
        answer = await anonymous.post("/api/v1/auth/sign-in", json={"token": token})
        assert answer.status_code in {401, 422}

    async def test_only_hashes_are_stored(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, backend: Backend
    ) -> None:
        token = await self.token(api)
        await anonymous.post("/api/v1/auth/sign-in", json={"token": token})
        cookie = anonymous.cookies["orchestrate_session"]
        links = [row.token_hash for row in await backend.execute("SELECT token_hash FROM sign_in_links")]
        sessions = [row.token_hash for row in await backend.execute("SELECT token_hash FROM sessions")]
        assert hashlib.sha256(token.encode()).hexdigest() in links
        assert hashlib.sha256(cookie.encode()).hexdigest() in sessions
        assert token not in links
        assert cookie not in sessions

    async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient
    ) -> None:
        answer = await anonymous.post("/api/v1/auth/sign-in", json={"token": await self.token(api)})
        cookie = SimpleCookie(answer.headers.get_list("set-cookie")[0])["orchestrate_session"]
        assert cookie["httponly"]
        assert cookie["samesite"].lower() == "lax"
        assert cookie["path"] == "/"
        assert cookie["expires"]
        assert not cookie["secure"], "over plain http on this machine a secure cookie would never come back"

    async def test_signing_out_ends_the_session_on_the_server(
        self, browser: httpx2.AsyncClient, anonymous: httpx2.AsyncClient
    ) -> None:
        cookie = browser.cookies["orchestrate_session"]
        assert (await browser.post("/api/v1/auth/sign-out")).status_code == 204
        answer = await anonymous.get("/api/v1/auth/me", headers={"Cookie": f"orchestrate_session={cookie}"})
        assert_problem(answer, 401, "not-signed-in")

    async def test_an_expired_session_is_refused(self, browser: httpx2.AsyncClient, backend: Backend) -> None:
        await backend.execute("UPDATE sessions SET expires_at = now() - interval '1 second'")
        assert_problem(await browser.get("/api/v1/auth/me"), 401, "not-signed-in")

    @pytest.mark.parametrize("cookie", ["x", "x" * 4000, "é", '"quoted"'])
    async def test_an_invented_session_is_refused(self, anonymous: httpx2.AsyncClient, cookie: str) -> None:
        headers = [(b"Cookie", b"orchestrate_session=" + cookie.encode())]
        assert_problem(await anonymous.get("/api/v1/auth/me", headers=headers), 401, "not-signed-in")


class TestCrossSite:
    """Cookies come along with requests that other sites make; keys don't."""

    @pytest.mark.parametrize(
        "headers",
        [
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1"},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://127.0.0.1:1"},
        ],
    )
    async def test_a_write_from_elsewhere_is_refused(
        self, browser: httpx2.AsyncClient, headers: dict[str, str]
    ) -> None:
        answer = await browser.post("/api/v1/products", json={"sku": "A", "name": "A"}, headers=headers)
        assert_problem(answer, 403, "cross-site-request")

    async def test_a_write_from_the_app_passes(self, browser: httpx2.AsyncClient, backend: Backend) -> None:
        for number, headers in enumerate(
            [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": backend.url}]
        ):
            body = {"sku": f"A-{number}", "name": "A"}
            assert (await browser.post("/api/v1/products", json=body, headers=headers)).status_code == 201

    async def test_reading_is_harmless(self, browser: httpx2.AsyncClient) -> None:
        answer = await browser.get("/api/v1/products", headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 200

    async def test_signing_a_victim_in_is_refused_too(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient
    ) -> None:
        token = (await api.post("/api/v1/auth/sign-in-links")).json()["path"].partition("#token=")[2]
        headers = {"Sec-Fetch-Site": "cross-site"}
        answer = await anonymous.post("/api/v1/auth/sign-in", json={"token": token}, headers=headers)
        assert_problem(answer, 403, "cross-site-request")

    async def test_a_key_is_no_cookie(self, api: httpx2.AsyncClient) -> None:
        headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://tool.example"}
        answer = await api.post("/api/v1/products", json={"sku": "A", "name": "A"}, headers=headers)
        assert answer.status_code == 201
