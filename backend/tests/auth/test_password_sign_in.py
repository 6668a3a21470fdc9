"""Email and password: who gets in, what an attacker learns, and how long guessing takes."""

import asyncio
import json
import logging
from http.cookies import SimpleCookie
from typing import Any

import httpx2
import pytest
from argon2 import PasswordHasher

from app.auth import passwords
from app.auth.housekeeping import tidy_up
from app.auth.throttle import AT_ACCOUNT, OF_ACCOUNT, OF_ADDRESS, network
from backend.tests.auth.accounts import OTHER_PASSWORD, PASSWORD, add_user, sign_in, signed_in
from backend.tests.support.backend import Backend, assert_problem

WRONG = "not the right one"


def cookie(answer: httpx2.Response, name: str) -> Any:
    for header in answer.headers.get_list("set-cookie"):
        found = SimpleCookie(header)
        if name in found:
            return found[name]
    return None


async def let_time_pass(backend: Backend) -> None:
    """All waits are over."""
    await backend.execute("UPDATE throttles SET blocked_until = now() - interval '1 second'")


class TestSignIn:
    async def test_the_right_password(self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient) -> None:
        user = await add_user(api)
        answer = await sign_in(anonymous)
        assert answer.status_code == 200
        assert answer.json() == {
            "id": user["id"], "name": "Ana", "email": "ana@example.com", "role": "editor", "language": None,
            "has_password": True, "scopes": None,
        }  # fmt: skip
        assert answer.headers["cache-control"] == "no-store"
        assert (await anonymous.get("/api/v1/auth/me")).json()["email"] == "ana@example.com"

    async def test_letters_of_the_address_may_be_large(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient
    ) -> None:
        await add_user(api, "Ana@Example.COM")
        assert (await sign_in(anonymous, " ANA@example.com ")).status_code == 200

    async def test_cookies_are_out_of_reach(self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient) -> None:
        await add_user(api)
        answer = await sign_in(anonymous)
        session, device = cookie(answer, "orchestrate_session"), cookie(answer, "orchestrate_device")
        assert session["httponly"]
        assert session["samesite"].lower() == "lax"
        assert device["httponly"]
        assert device["samesite"].lower() == "strict"
        assert device["path"] == "/api/v1/auth/sign-in"

    async def test_the_session_that_the_browser_came_with_ends(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, backend: Backend
    ) -> None:
        """Whoever planted a cookie before must not be signed in after."""
        await add_user(api)
        await sign_in(anonymous)
        planted = anonymous.cookies["orchestrate_session"]
        await sign_in(anonymous)
        assert anonymous.cookies["orchestrate_session"] != planted
        async with backend.client(headers={"Cookie": f"orchestrate_session={planted}"}) as attacker:
            assert_problem(await attacker.get("/api/v1/auth/me"), 401, "not-signed-in")

    async def test_an_invented_session_is_never_adopted(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient
    ) -> None:
        await add_user(api)
        anonymous.cookies.set("orchestrate_session", "chosen-by-the-attacker")
        answer = await sign_in(anonymous)
        assert cookie(answer, "orchestrate_session").value != "chosen-by-the-attacker"

    async def test_from_another_site_nobody_signs_a_victim_in(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient
    ) -> None:
        await add_user(api)
        body = {"email": "ana@example.com", "password": PASSWORD}
        answer = await anonymous.post("/api/v1/auth/sign-in", json=body, headers={"Sec-Fetch-Site": "cross-site"})
        assert_problem(answer, 403, "cross-site-request")

    async def test_an_old_hash_is_renewed(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, backend: Backend
    ) -> None:
        await add_user(api)
        weak = PasswordHasher(memory_cost=8192, time_cost=1, parallelism=1).hash(PASSWORD)
        await backend.execute("UPDATE users SET password_hash = :hash", hash=weak)
        assert (await sign_in(anonymous)).status_code == 200
        (row,) = await backend.execute("SELECT password_hash FROM users WHERE email = 'ana@example.com'")
        assert "m=47104" in row.password_hash
        assert (await sign_in(anonymous)).status_code == 200

    @pytest.mark.parametrize(
        ("body", "pointers"),
        [
            ({}, {"#/email", "#/password"}),
            ({"email": "ana@example.com"}, {"#/password"}),
            ({"email": "no address", "password": PASSWORD}, {"#/email"}),
            ({"email": "ana@example.com\r\nBcc: x@y.z", "password": PASSWORD}, {"#/email"}),
            ({"email": "ana@exämple.com", "password": PASSWORD}, {"#/email"}),
            ({"email": "ana@example.com", "password": ""}, {"#/password"}),
            ({"email": "ana@example.com", "password": 7}, {"#/password"}),
            ({"email": "a@b.c", "password": "x" * 4001}, {"#/password"}),
            ({"token": "x" * 43, "email": "ana@example.com"}, {"#/email"}),
            ({"token": "short"}, {"#/token"}),
            ([], {"#"}),
            ("text", {"#"}),
        ],
    )
    async def test_what_is_wrong_with_the_body_is_said_in_its_own_terms(
        self, anonymous: httpx2.AsyncClient, body: Any, pointers: set[str]
    ) -> None:
        answer = await anonymous.post("/api/v1/auth/sign-in", json=body)
        problem = assert_problem(answer, 422, "invalid-request")
        assert {error["pointer"] for error in problem["errors"]} == pointers
        assert PASSWORD not in answer.text


class TestWhatAnAttackerLearns:
    async def test_unknown_inactive_and_without_password_look_like_a_wrong_password(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, backend: Backend
    ) -> None:
        await add_user(api, "known@example.com")
        await add_user(api, "nopassword@example.com", password=None)
        gone = await add_user(api, "gone@example.com")
        await api.patch(f"/api/v1/auth/users/{gone['id']}", json={"active": False})
        answers = [
            await sign_in(anonymous, "known@example.com", WRONG),
            await sign_in(anonymous, "unknown@example.com", WRONG),
            await sign_in(anonymous, "nopassword@example.com", WRONG),
            await sign_in(anonymous, "gone@example.com", PASSWORD),
        ]
        assert len({(answer.status_code, answer.text) for answer in answers}) == 1
        assert {frozenset(answer.headers) for answer in answers} == {frozenset(answers[0].headers)}
        assert_problem(answers[0], 401, "invalid-credentials")

    async def test_each_attempt_costs_one_hash(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Counted, not timed: whether the account exists must not show in how long the answer takes."""
        await add_user(api, "known@example.com")
        await add_user(api, "nopassword@example.com", password=None)
        work: list[str] = []

        class Counting(PasswordHasher):
            def hash(self, *arguments: Any, **options: Any) -> str:
                work.append("hash")
                return super().hash(*arguments, **options)

            def verify(self, *arguments: Any, **options: Any) -> Any:
                work.append("verify")
                return super().verify(*arguments, **options)

        monkeypatch.setattr(passwords, "hasher", Counting(memory_cost=8192))
        for email in ("known@example.com", "unknown@example.com", "nopassword@example.com"):
            work.clear()
            await sign_in(anonymous, email, WRONG)
            assert len(work) == 1

    async def test_neither_log_nor_audit_log_hold_what_was_typed(
        self,
        api: httpx2.AsyncClient,
        anonymous: httpx2.AsyncClient,
        backend: Backend,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        await add_user(api)
        with caplog.at_level(logging.DEBUG):
            await sign_in(anonymous, "ana@example.com", "typed-by-mistake-1")
            # The password in the field for the address: it must not be kept either.
            await sign_in(anonymous, "my-secret-password@x", "typed-by-mistake-2")
            await sign_in(anonymous)
        # Of the server alone: the test's own client logs what it receives.
        kept = "".join(record.getMessage() for record in caplog.records if not record.name.startswith("http"))
        kept += json.dumps([list(map(str, row)) for row in await backend.execute("SELECT * FROM audit_events")])
        kept += str(await backend.execute("SELECT * FROM throttles"))
        for secret in ("typed-by-mistake", "my-secret-password", PASSWORD, anonymous.cookies["orchestrate_session"]):
            assert secret not in kept
        assert "$argon2id$" not in kept


class TestLimits:
    async def fail(self, client: httpx2.AsyncClient, times: int, email: str = "ana@example.com") -> None:
        for _ in range(times):
            assert_problem(await sign_in(client, email, WRONG), 401, "invalid-credentials")

    async def test_after_a_few_errors_one_has_to_wait(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, backend: Backend
    ) -> None:
        await add_user(api)
        await self.fail(anonymous, AT_ACCOUNT.free)
        answer = await sign_in(anonymous)
        assert_problem(answer, 429, "too-many-attempts")
        assert 1 <= int(answer.headers["retry-after"]) <= 30

    async def test_each_wait_is_twice_as_long_up_to_a_limit(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, backend: Backend
    ) -> None:
        await add_user(api)
        await self.fail(anonymous, AT_ACCOUNT.free)
        waits = []
        for _ in range(7):
            waits.append(int((await sign_in(anonymous)).headers["retry-after"]))
            await let_time_pass(backend)
            await self.fail(anonymous, 1)
        for wait, expected in zip(waits, [30, 60, 120, 240, 480, 900, 900], strict=True):
            assert expected - 5 <= wait <= expected

    async def test_a_refused_attempt_does_not_make_the_wait_longer(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, backend: Backend
    ) -> None:
        await add_user(api)
        await self.fail(anonymous, AT_ACCOUNT.free)
        for _ in range(3):
            assert (await sign_in(anonymous)).status_code == 429
        await let_time_pass(backend)
        assert (await sign_in(anonymous)).status_code == 200
        # And all is forgotten.
        await self.fail(anonymous, 1)

    async def test_of_many_at_once_none_slips_through(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient
    ) -> None:
        await add_user(api)
        answers = await asyncio.gather(*(sign_in(anonymous, password=WRONG) for _ in range(25)))
        assert sorted(answer.status_code for answer in answers) == [401] * AT_ACCOUNT.free + [429] * (
            25 - AT_ACCOUNT.free
        )

    async def test_unknown_accounts_are_limited_alike(self, anonymous: httpx2.AsyncClient) -> None:
        await self.fail(anonymous, AT_ACCOUNT.free, "nobody@example.com")
        assert_problem(await sign_in(anonymous, "nobody@example.com"), 429, "too-many-attempts")

    async def test_one_address_may_not_try_many_accounts(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient
    ) -> None:
        await add_user(api)
        for number in range(OF_ADDRESS.free):
            await self.fail(anonymous, 1, f"user-{number}@example.com")
        assert_problem(await sign_in(anonymous), 429, "too-many-attempts")

    async def test_many_addresses_at_one_account_slow_it_down_and_no_more(
        self, api: httpx2.AsyncClient, backend: Backend
    ) -> None:
        await add_user(api)
        for number in range(OF_ACCOUNT.free + 40):
            async with backend.client(headers={"X-Forwarded-For": f"198.51.100.{number}"}) as bot:
                await sign_in(bot, password=WRONG)
            await let_time_pass(backend)
        async with backend.client(headers={"X-Forwarded-For": "203.0.113.9"}) as bot:
            await sign_in(bot, password=WRONG)
            answer = await sign_in(bot)
        assert int(answer.headers["retry-after"]) <= 30

    async def test_a_browser_that_was_here_before_is_not_kept_out_by_an_attacker(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, backend: Backend
    ) -> None:
        """Even from the same address, as behind one proxy."""
        await add_user(api)
        victim = await signed_in(backend)
        await self.fail(anonymous, AT_ACCOUNT.free)
        assert (await sign_in(anonymous)).status_code == 429
        assert (await sign_in(victim)).status_code == 200
        await victim.aclose()

    async def test_the_cookie_of_a_device_opens_no_way_to_other_accounts(
        self, api: httpx2.AsyncClient, backend: Backend
    ) -> None:
        await add_user(api)
        await add_user(api, "boss@example.com", "admin")
        attacker = await signed_in(backend)
        await self.fail(attacker, AT_ACCOUNT.free, "boss@example.com")
        assert (await sign_in(attacker, "boss@example.com")).status_code == 429
        await attacker.aclose()

    async def test_a_known_browser_may_not_guess_for_ever_either(
        self, api: httpx2.AsyncClient, backend: Backend
    ) -> None:
        await add_user(api)
        client = await signed_in(backend)
        await self.fail(client, AT_ACCOUNT.free)
        assert (await sign_in(client)).status_code == 429
        await client.aclose()

    @pytest.mark.parametrize(
        ("address", "counted_as"),
        [
            ("203.0.113.7", "203.0.113.7"),
            ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
            ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("fe80::1%eth0", "fe80::/64"),
            ("", ""),
            ("testclient", "testclient"),
        ],
    )
    def test_an_ipv6_customer_counts_as_one(self, address: str, counted_as: str) -> None:
        assert network(address) == counted_as


class TestOwnPassword:
    async def change(self, client: httpx2.AsyncClient, current: str | None, new: str) -> httpx2.Response:
        body = {"new_password": new} | ({"current_password": current} if current is not None else {})
        return await client.post("/api/v1/auth/me/password", json=body)

    async def test_all_sessions_end_and_this_browser_gets_a_new_one(
        self, api: httpx2.AsyncClient, backend: Backend
    ) -> None:
        await add_user(api)
        here, elsewhere = await signed_in(backend), await signed_in(backend)
        before = here.cookies["orchestrate_session"]
        assert (await self.change(here, PASSWORD, OTHER_PASSWORD)).status_code == 204
        assert here.cookies["orchestrate_session"] != before
        assert (await here.get("/api/v1/auth/me")).status_code == 200
        assert_problem(await elsewhere.get("/api/v1/auth/me"), 401, "not-signed-in")
        assert (await sign_in(elsewhere)).status_code == 401
        assert (await sign_in(elsewhere, password=OTHER_PASSWORD)).status_code == 200
        await here.aclose()
        await elsewhere.aclose()

    @pytest.mark.parametrize("current", [None, WRONG])
    async def test_without_the_current_one_nothing_changes(
        self, api: httpx2.AsyncClient, backend: Backend, current: str | None
    ) -> None:
        await add_user(api)
        client = await signed_in(backend)
        assert_problem(await self.change(client, current, OTHER_PASSWORD), 403, "wrong-current-password")
        assert (await sign_in(client)).status_code == 200
        await client.aclose()

    async def test_an_open_session_is_no_place_to_guess(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await add_user(api)
        client = await signed_in(backend)
        for _ in range(AT_ACCOUNT.free):
            assert (await self.change(client, WRONG, OTHER_PASSWORD)).status_code == 403
        assert_problem(await self.change(client, PASSWORD, OTHER_PASSWORD), 429, "too-many-attempts")
        await client.aclose()

    async def test_who_came_by_link_sets_a_first_one(self, browser: httpx2.AsyncClient) -> None:
        assert (await self.change(browser, None, PASSWORD)).status_code == 204
        assert (await browser.get("/api/v1/auth/me")).json()["has_password"] is True

    async def test_a_weak_one_is_refused_with_the_reason(self, browser: httpx2.AsyncClient) -> None:
        problem = assert_problem(await self.change(browser, None, "password123"), 422, "password-too-weak")
        assert problem["errors"] == [{"detail": problem["detail"], "pointer": "#/new_password"}]

    async def test_a_key_has_no_password(self, api: httpx2.AsyncClient) -> None:
        assert_problem(await self.change(api, None, PASSWORD), 403, "session-required")


class TestSessions:
    async def test_they_are_listed_and_ended(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await add_user(api)
        here = await signed_in(backend)
        elsewhere = backend.client(headers={"User-Agent": "Firefox \x1b[31m<script>"[:8] + "/140"})
        await sign_in(elsewhere)
        listed = (await here.get("/api/v1/auth/sessions")).json()
        assert [each["current"] for each in listed].count(True) == 1
        assert {each["address"] for each in listed} == {"127.0.0.1"}
        other = next(each for each in listed if not each["current"])
        assert other["user_agent"] == "Firefox /140"
        assert not any("token" in key for key in other)
        assert (await here.delete(f"/api/v1/auth/sessions/{other['id']}")).status_code == 204
        assert_problem(await elsewhere.get("/api/v1/auth/me"), 401, "not-signed-in")
        answer = await here.delete(f"/api/v1/auth/sessions/{other['id']}")
        assert_problem(answer, 404, "session-not-found")
        await here.aclose()
        await elsewhere.aclose()

    async def test_those_of_others_are_out_of_reach(
        self, api: httpx2.AsyncClient, backend: Backend, browser: httpx2.AsyncClient
    ) -> None:
        await add_user(api)
        ana = await signed_in(backend)
        (of_ana,) = (await ana.get("/api/v1/auth/sessions")).json()
        assert_problem(await browser.delete(f"/api/v1/auth/sessions/{of_ana['id']}"), 404, "session-not-found")
        assert (await browser.delete("/api/v1/auth/sessions")).status_code == 204
        assert (await ana.get("/api/v1/auth/me")).status_code == 200
        await ana.aclose()

    async def test_all_others_at_once(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await add_user(api)
        here, elsewhere = await signed_in(backend), await signed_in(backend)
        assert (await here.delete("/api/v1/auth/sessions")).status_code == 204
        assert (await here.get("/api/v1/auth/me")).status_code == 200
        assert (await elsewhere.get("/api/v1/auth/me")).status_code == 401
        await here.aclose()
        await elsewhere.aclose()

    async def test_when_one_was_last_seen_is_noted_now_and_then(
        self, browser: httpx2.AsyncClient, backend: Backend
    ) -> None:
        await backend.execute("UPDATE sessions SET seen_at = now() - interval '1 hour'")
        await browser.get("/api/v1/auth/me")
        (row,) = await backend.execute("SELECT seen_at > now() - interval '1 minute' AS recent FROM sessions")
        assert row.recent


class TestHousekeeping:
    async def test_what_has_ended_goes_and_the_rest_stays(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, backend: Backend
    ) -> None:
        await add_user(api)
        await sign_in(anonymous, password=WRONG)
        await sign_in(anonymous)
        await tidy_up(backend.sessions)
        tables = ("sessions", "known_devices", "throttles")
        assert [bool(await backend.execute(f"SELECT 1 FROM {table}")) for table in tables] == [True] * 3
        for table in tables[:2]:
            await backend.execute(f"UPDATE {table} SET expires_at = now() - interval '1 second'")
        await backend.execute("UPDATE throttles SET last_at = now() - interval '25 hours'")
        await tidy_up(backend.sessions)
        assert [bool(await backend.execute(f"SELECT 1 FROM {table}")) for table in tables] == [False] * 3
