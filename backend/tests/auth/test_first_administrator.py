"""ADMIN_EMAIL and ADMIN_PASSWORD: who can sign in to a new installation."""

import asyncio
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from app.auth.first_administrator import ensure_first_administrator
from app.settings import Settings
from backend.tests.auth.accounts import OTHER_PASSWORD, PASSWORD, add_user, sign_in
from backend.tests.support.backend import Backend


def settings(email: str | None = "Boss@Example.com", password: str | None = PASSWORD) -> Settings:
    return Settings(admin_email=email, admin_password=SecretStr(password) if password else None)


async def administrators(backend: Backend) -> list[Any]:
    return await backend.execute("SELECT * FROM users WHERE role = 'admin'")


class TestFirstAdministrator:
    async def test_is_made_where_there_is_none(self, backend: Backend, anonymous: httpx2.AsyncClient) -> None:
        await ensure_first_administrator(backend.sessions, settings())
        answer = await sign_in(anonymous, "boss@example.com")
        assert (answer.json()["email"], answer.json()["role"]) == ("boss@example.com", "admin")

    async def test_is_made_once_however_many_start(self, backend: Backend) -> None:
        await asyncio.gather(*(ensure_first_administrator(backend.sessions, settings()) for _ in range(5)))
        assert len(await administrators(backend)) == 1

    async def test_an_existing_password_stays(self, backend: Backend, anonymous: httpx2.AsyncClient) -> None:
        await ensure_first_administrator(backend.sessions, settings())
        await ensure_first_administrator(backend.sessions, settings(password=OTHER_PASSWORD))
        await ensure_first_administrator(backend.sessions, settings(email="other@example.com"))
        assert (await sign_in(anonymous, "boss@example.com")).status_code == 200
        assert (await sign_in(anonymous, "boss@example.com", OTHER_PASSWORD)).status_code == 401
        assert len(await administrators(backend)) == 1

    async def test_the_owner_by_link_is_no_reason_against(
        self, backend: Backend, browser: httpx2.AsyncClient, anonymous: httpx2.AsyncClient
    ) -> None:
        await ensure_first_administrator(backend.sessions, settings())
        assert (await sign_in(anonymous, "boss@example.com")).status_code == 200

    async def test_a_user_with_a_password_is_not_raised(self, backend: Backend, api: httpx2.AsyncClient) -> None:
        await add_user(api, "boss@example.com", "viewer", password=OTHER_PASSWORD)
        await ensure_first_administrator(backend.sessions, settings())
        assert await administrators(backend) == []

    async def test_without_the_settings_nothing_happens(self, backend: Backend) -> None:
        await ensure_first_administrator(backend.sessions, settings(None, None))
        assert await backend.execute("SELECT 1 FROM users") == []

    @pytest.mark.parametrize(
        ("email", "password", "says"),
        [
            ("boss@example.com", None, "belong together"),
            (None, PASSWORD, "belong together"),
            ("boss", PASSWORD, "pattern"),
            ("boss@example.com", "changeme", "at least 10"),
            ("boss@example.com", "changeme123", "tried first"),
        ],
    )
    async def test_what_cannot_be_used_stops_the_start_and_says_why(
        self, backend: Backend, email: str | None, password: str | None, says: str
    ) -> None:
        with pytest.raises(ValueError, match=says) as caught:
            await ensure_first_administrator(backend.sessions, settings(email, password))
        assert password is None or password not in str(caught.value)
        assert await backend.execute("SELECT 1 FROM users") == []
