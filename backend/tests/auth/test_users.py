"""Users: made, changed, deactivated; one administrator always remains."""

import asyncio
from typing import Any

import httpx2
import pytest

from backend.tests.auth.accounts import PASSWORD, add_user, bearer, make_key, sign_in, signed_in
from backend.tests.support.backend import Backend, assert_problem

USERS = "/api/v1/auth/users"


class TestCreate:
    async def test_a_user_is_made_and_found(self, api: httpx2.AsyncClient) -> None:
        user = await add_user(api, "Ana@Example.com", "viewer", language="es")
        assert user == {
            **user, "email": "ana@example.com", "name": "Ana", "role": "viewer", "active": True, "language": "es",
            "has_password": True, "signed_in_at": None,
        }  # fmt: skip
        assert (await api.get(f"{USERS}/{user['id']}")).json() == user
        assert PASSWORD not in str(user)

    async def test_one_address_is_one_user(self, api: httpx2.AsyncClient) -> None:
        await add_user(api)
        body = {"email": "ANA@example.com", "name": "Other", "role": "viewer"}
        assert_problem(await api.post(USERS, json=body), 409, "email-taken")

    async def test_also_when_two_come_at_once(self, api: httpx2.AsyncClient) -> None:
        body = {"email": "ana@example.com", "name": "Ana", "role": "viewer"}
        answers = await asyncio.gather(*(api.post(USERS, json=body) for _ in range(5)))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("email", "no address"),
            ("email", "a@b@c"),
            ("email", "@example.com"),
            ("email", "ana@"),
            ("email", "ana@-example.com"),
            ("email", "ana@example.com\nBcc: all@example.com"),
            ("email", "\u212aarl@example.com"),
            ("email", "a" * 65 + "@example.com"),
            ("email", "ana@" + "a." * 130 + "com"),
            ("email", '"ana b"@example.com'),
            ("email", "Ana <ana@example.com>"),
            ("name", ""),
            ("name", "  "),
            ("name", "two\nlines"),
            ("name", "nul\x00"),
            ("name", "x" * 201),
            ("role", "owner"),
            ("language", "español"),
            ("password", ""),
            ("unknown", 1),
        ],
    )
    async def test_what_is_not_valid_is_refused(self, api: httpx2.AsyncClient, field: str, value: Any) -> None:
        body = {"email": "ana@example.com", "name": "Ana", "role": "viewer", field: value}
        problem = assert_problem(await api.post(USERS, json=body), 422, "invalid-request")
        assert problem["errors"][0]["pointer"] == f"#/{field}"

    async def test_a_weak_password_is_refused(self, api: httpx2.AsyncClient) -> None:
        body = {"email": "ana@example.com", "name": "Ana", "role": "viewer", "password": "ana@example.com"}
        assert_problem(await api.post(USERS, json=body), 422, "password-too-weak")

    async def test_names_of_all_alphabets(self, api: httpx2.AsyncClient) -> None:
        for number, name in enumerate(["Ñandú Güemes", "李小龍", "О'Коннор", "Zoë 🦊", "<b>x</b>"]):
            assert (await add_user(api, f"u{number}@example.com", name=name))["name"] == name


class TestList:
    async def test_pages_and_filters(self, api: httpx2.AsyncClient) -> None:
        for letter in "abcde":
            await add_user(api, f"{letter}@example.com", "viewer", password=None)
        await add_user(api, "z@other.example", "editor", password=None)
        first = (await api.get(USERS, params={"limit": 4})).json()
        second = (await api.get(USERS, params={"limit": 4, "cursor": first["next_cursor"]})).json()
        assert [user["email"][0] for user in first["items"] + second["items"]] == list("abcdez")
        assert (first["total"], second["next_cursor"]) == (6, None)
        for parameters, expected in [
            ({"role": "editor"}, "z"),
            ({"search": "OTHER"}, "z"),
            ({"search": "%"}, ""),
            ({"active": "false"}, ""),
        ]:
            found = (await api.get(USERS, params=parameters)).json()["items"]
            assert "".join(user["email"][0] for user in found) == expected

    @pytest.mark.parametrize("cursor", ["x", "bnVsbA", "WyJhIl0x", "Ilwi", "WyJcdTAwMDAiXQ", "é"])
    async def test_a_strange_cursor_is_refused(self, api: httpx2.AsyncClient, cursor: str) -> None:
        assert (await api.get(USERS, params={"cursor": cursor})).status_code in {200, 422}

    async def test_colleagues_see_names_and_no_addresses(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await add_user(api, "vera@example.com", "viewer")
        gone = await add_user(api, "gone@example.com", "viewer")
        await api.patch(f"{USERS}/{gone['id']}", json={"active": False})
        vera = await signed_in(backend, "vera@example.com")
        people = (await vera.get("/api/v1/auth/people")).json()
        assert [(person["name"], person["role"]) for person in people] == [("Vera", "viewer")]
        assert "@" not in str(people)
        assert_problem(await vera.get(USERS), 403, "role-required")
        await vera.aclose()


class TestChange:
    async def test_a_new_role_counts_at_once_and_ends_the_sessions(
        self, api: httpx2.AsyncClient, backend: Backend
    ) -> None:
        user = await add_user(api, role="viewer")
        ana = await signed_in(backend)
        answer = await api.patch(f"{USERS}/{user['id']}", json={"role": "editor"})
        assert answer.json()["role"] == "editor"
        assert_problem(await ana.get("/api/v1/auth/me"), 401, "not-signed-in")
        await sign_in(ana)
        assert (await ana.get("/api/v1/auth/me")).json()["role"] == "editor"
        await ana.aclose()

    async def test_a_new_name_ends_nothing(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        user = await add_user(api)
        ana = await signed_in(backend)
        await api.patch(f"{USERS}/{user['id']}", json={"name": "Ana López", "role": "editor"})
        assert (await ana.get("/api/v1/auth/me")).json()["name"] == "Ana López"
        await ana.aclose()

    async def test_deactivation_ends_sessions_and_keys_at_once(
        self, api: httpx2.AsyncClient, backend: Backend, anonymous: httpx2.AsyncClient
    ) -> None:
        user = await add_user(api)
        ana = await signed_in(backend)
        admin_made = (await ana.get("/api/v1/auth/me")).json()
        assert admin_made["id"] == user["id"]
        key = (await make_key(ana, "read"))["key"]
        assert (await anonymous.get("/api/v1/products", headers=bearer(key))).status_code == 200
        await api.patch(f"{USERS}/{user['id']}", json={"active": False})
        assert_problem(await ana.get("/api/v1/auth/me"), 401, "not-signed-in")
        assert_problem(await anonymous.get("/api/v1/products", headers=bearer(key)), 401, "not-signed-in")
        assert_problem(await sign_in(anonymous), 401, "invalid-credentials")
        # Activated again, the person signs in; what was cut off stays cut off.
        await api.patch(f"{USERS}/{user['id']}", json={"active": True})
        assert_problem(await ana.get("/api/v1/auth/me"), 401, "not-signed-in")
        assert_problem(await anonymous.get("/api/v1/products", headers=bearer(key)), 401, "not-signed-in")
        assert (await sign_in(ana)).status_code == 200
        await ana.aclose()

    async def test_an_administrator_ends_the_sessions_of_a_user(
        self, api: httpx2.AsyncClient, backend: Backend
    ) -> None:
        user = await add_user(api)
        ana = await signed_in(backend)
        assert (await api.delete(f"{USERS}/{user['id']}/sessions")).status_code == 204
        assert_problem(await ana.get("/api/v1/auth/me"), 401, "not-signed-in")
        await ana.aclose()

    async def test_nobody_raises_their_own_role(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        user = await add_user(api)
        ana = await signed_in(backend)
        assert_problem(await ana.patch(f"{USERS}/{user['id']}", json={"role": "admin"}), 403, "role-required")
        answer = await ana.patch("/api/v1/auth/me", json={"role": "admin"})
        assert_problem(answer, 422, "invalid-request")
        assert (await ana.patch("/api/v1/auth/me", json={"name": "Anita", "language": "es"})).json() == {
            **(await ana.get("/api/v1/auth/me")).json(), "name": "Anita", "language": "es",
        }  # fmt: skip
        await ana.aclose()

    async def test_an_unknown_one(self, api: httpx2.AsyncClient) -> None:
        path = f"{USERS}/00000000-0000-0000-0000-000000000000"
        for answer in (
            await api.get(path),
            await api.patch(path, json={"name": "x"}),
            await api.delete(f"{path}/sessions"),
            await api.post(f"{path}/password-reset-links"),
        ):
            assert_problem(answer, 404, "user-not-found")


class TestLastAdministrator:
    @pytest.mark.parametrize("change", [{"role": "editor"}, {"active": False}, {"role": "viewer", "active": False}])
    async def test_the_last_one_stays(self, api: httpx2.AsyncClient, change: dict[str, Any]) -> None:
        admin = await add_user(api, role="admin")
        answer = await api.patch(f"{USERS}/{admin['id']}", json=change)
        assert_problem(answer, 409, "last-administrator")
        assert (await api.get(f"{USERS}/{admin['id']}")).json() == admin

    async def test_inactive_ones_do_not_count(self, api: httpx2.AsyncClient) -> None:
        one, other = await add_user(api, role="admin"), await add_user(api, "bo@example.com", "admin")
        assert (await api.patch(f"{USERS}/{other['id']}", json={"active": False})).status_code == 200
        assert_problem(await api.patch(f"{USERS}/{one['id']}", json={"role": "viewer"}), 409, "last-administrator")
        # And may be changed as they are.
        assert (await api.patch(f"{USERS}/{other['id']}", json={"role": "viewer"})).status_code == 200

    async def test_two_requests_at_once_do_not_take_both(self, api: httpx2.AsyncClient) -> None:
        admins = [await add_user(api, f"{name}@example.com", "admin", password=None) for name in "abcdef"]
        answers = await asyncio.gather(
            *(api.patch(f"{USERS}/{admin['id']}", json={"role": "editor"}) for admin in admins)
        )
        assert sorted(answer.status_code for answer in answers) == [200] * 5 + [409]
        assert (await api.get(USERS, params={"role": "admin"})).json()["total"] == 1

    async def test_who_cannot_sign_in_is_no_way_out(
        self, api: httpx2.AsyncClient, backend: Backend, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where no command line can make links, an administrator without a password could not come in again."""
        admin = await add_user(api, role="admin")
        await add_user(api, "nopassword@example.com", "admin", password=None)
        client = await signed_in(backend)
        monkeypatch.setattr(backend.app.state.settings, "local_api_key", None)
        answer = await client.patch(f"{USERS}/{admin['id']}", json={"role": "viewer"})
        assert_problem(answer, 409, "last-administrator")
        await client.aclose()


class TestSignInLinks:
    async def test_an_administrator_gets_a_link_for_themselves(
        self, api: httpx2.AsyncClient, backend: Backend, anonymous: httpx2.AsyncClient
    ) -> None:
        """And not for the owner, in whose name they would act then."""
        await add_user(api, role="admin")
        ana = await signed_in(backend)
        link = (await ana.post("/api/v1/auth/sign-in-links")).json()["path"]
        answer = await anonymous.post("/api/v1/auth/sign-in", json={"token": link.partition("#token=")[2]})
        assert answer.json()["email"] == "ana@example.com"
        await ana.aclose()

    async def test_a_key_is_not_turned_into_a_session(
        self, browser: httpx2.AsyncClient, anonymous: httpx2.AsyncClient
    ) -> None:
        made = await make_key(browser, "admin")
        answer = await anonymous.post("/api/v1/auth/sign-in-links", headers=bearer(made["key"]))
        assert_problem(answer, 403, "session-required")

    async def test_a_link_of_a_deactivated_user_is_void(
        self, api: httpx2.AsyncClient, browser: httpx2.AsyncClient, anonymous: httpx2.AsyncClient
    ) -> None:
        await add_user(api, role="admin")
        link = (await api.post("/api/v1/auth/sign-in-links")).json()["path"]
        owner = (await browser.get("/api/v1/auth/me")).json()
        assert (await api.patch(f"{USERS}/{owner['id']}", json={"active": False})).status_code == 200
        answer = await anonymous.post("/api/v1/auth/sign-in", json={"token": link.partition("#token=")[2]})
        assert_problem(answer, 401, "sign-in-link-invalid")
        assert_problem(await api.post("/api/v1/auth/sign-in-links"), 409, "user-inactive")
