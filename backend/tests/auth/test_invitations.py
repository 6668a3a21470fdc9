"""Invitations and password resets: one-time links, shown or mailed, worth nothing to who has none."""

import asyncio
from typing import Any
from urllib.parse import unquote

import httpx2
import pytest

from app.auth.mail import MailServer
from app.auth.mail_texts import INVITATION, in_language
from backend.tests.auth.accounts import OTHER_PASSWORD, PASSWORD, add_user, sign_in, signed_in
from backend.tests.auth.mailbox import Mailbox
from backend.tests.support.backend import Backend, assert_problem
from backend.tests.support.servers import eventually, free_port

INVITATIONS = "/api/v1/auth/invitations"
RESETS = "/api/v1/auth/password-resets"


def token_of(link: str) -> str:
    return link.partition("#token=")[2].partition("&")[0]


async def invite(api: httpx2.AsyncClient, email: str = "eva+shop@example.com", **fields: Any) -> Any:
    answer = await api.post(INVITATIONS, json={"email": email, "role": "editor", **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def accept(client: httpx2.AsyncClient, link: str, password: str = PASSWORD, name: str = "Eva") -> httpx2.Response:
    return await client.post(
        f"{INVITATIONS}/accept", json={"token": token_of(link), "name": name, "password": password}
    )


class TestInvitation:
    async def test_the_guest_chooses_name_and_password_and_is_in(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, backend: Backend
    ) -> None:
        made = await invite(api, language="es")
        assert (made["mail"], made["url"], made["invitation"]["status"]) == ("not_configured", None, "open")
        assert unquote(made["path"]).endswith("&email=eva+shop@example.com")
        answer = await accept(anonymous, made["path"])
        assert answer.status_code == 201
        me = (await anonymous.get("/api/v1/auth/me")).json()
        assert (me["name"], me["email"], me["role"], me["language"]) == ("Eva", "eva+shop@example.com", "editor", "es")
        (listed,) = (await api.get(INVITATIONS)).json()["items"]
        assert listed["status"] == "accepted"
        assert (await sign_in(anonymous, "eva+shop@example.com")).status_code == 200
        (event,) = await backend.execute("SELECT * FROM audit_events WHERE table_name = 'users' AND action = 'insert'")
        assert (event.actor_name, str(event.actor_id)) == ("Eva", me["id"])

    async def test_only_the_hash_is_kept(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        token = token_of((await invite(api))["path"])
        assert token not in str(await backend.execute("SELECT * FROM invitations"))
        assert token not in str(await backend.execute("SELECT * FROM audit_events"))
        assert "token_hash" not in str(await backend.execute("SELECT after FROM audit_events"))

    async def test_of_two_who_accept_at_once_one_gets_in(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        made = await invite(api)
        async with backend.client() as one, backend.client() as other:
            answers = await asyncio.gather(*(accept(client, made["path"]) for client in (one, other)))
        assert sorted(answer.status_code for answer in answers) == [201, 401]

    async def test_it_works_once(self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient) -> None:
        made = await invite(api)
        await accept(anonymous, made["path"])
        assert_problem(await accept(anonymous, made["path"]), 401, "invitation-invalid")

    async def test_a_password_that_is_refused_does_not_use_it_up(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient
    ) -> None:
        made = await invite(api)
        assert_problem(await accept(anonymous, made["path"], "eva+shop12"), 422, "password-too-weak")
        assert (await accept(anonymous, made["path"])).status_code == 201

    async def test_revoked_renewed_and_old_links_are_void(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, backend: Backend
    ) -> None:
        made = await invite(api)
        path = f"{INVITATIONS}/{made['invitation']['id']}"
        renewed = (await api.post(f"{path}/resend")).json()
        assert_problem(await accept(anonymous, made["path"]), 401, "invitation-invalid")
        await backend.execute("UPDATE invitations SET expires_at = now() - interval '1 second'")
        assert_problem(await accept(anonymous, renewed["path"]), 401, "invitation-invalid")
        assert (await api.get(INVITATIONS)).json()["items"][0]["status"] == "expired"
        again = (await api.post(f"{path}/resend")).json()
        assert (await api.delete(path)).status_code == 204
        assert_problem(await accept(anonymous, again["path"]), 401, "invitation-invalid")
        assert_problem(await api.post(f"{path}/resend"), 404, "invitation-not-found")
        assert_problem(await api.delete(path), 404, "invitation-not-found")

    async def test_one_open_invitation_for_each_address(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await invite(api)
        body = {"email": "EVA+shop@example.com", "role": "viewer"}
        assert_problem(await api.post(INVITATIONS, json=body), 409, "already-invited")
        await backend.execute("UPDATE invitations SET expires_at = now() - interval '1 second'")
        answers = await asyncio.gather(*(api.post(INVITATIONS, json=body) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]

    async def test_who_is_here_needs_none(self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient) -> None:
        made = await invite(api)
        await add_user(api, "eva+shop@example.com")
        body = {"email": "eva+shop@example.com", "role": "admin"}
        assert_problem(await api.post(INVITATIONS, json=body), 409, "email-taken")
        # Whoever holds the older invitation does not become that user.
        assert_problem(await accept(anonymous, made["path"], OTHER_PASSWORD), 409, "email-taken")

    async def test_a_guest_may_not_choose_the_role(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient
    ) -> None:
        body = {"token": token_of((await invite(api))["path"]), "name": "Eva", "password": PASSWORD, "role": "admin"}
        assert_problem(await anonymous.post(f"{INVITATIONS}/accept", json=body), 422, "invalid-request")

    async def test_pages(self, api: httpx2.AsyncClient) -> None:
        for number in range(5):
            await invite(api, f"u{number}@example.com")
        first = (await api.get(INVITATIONS, params={"limit": 3})).json()
        second = (await api.get(INVITATIONS, params={"limit": 3, "cursor": first["next_cursor"]})).json()
        assert [each["email"][1] for each in first["items"] + second["items"]] == list("43210")


class TestInvitationByMail:
    async def test_it_arrives_with_a_link_that_works(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, mailbox: Mailbox
    ) -> None:
        made = await invite(api)
        assert made["mail"] == "sent"
        assert made["url"] == "https://catalogue.shop.example" + made["path"]
        (mail,) = mailbox.mails
        assert mail["to"] == "eva+shop@example.com"
        assert mail["from"] == "Catálogo <catalogue@shop.example>"
        assert mail["subject"] == "Your invitation to the catalogue"
        assert mail["auto-submitted"] == "auto-generated"
        assert mail["message-id"].rstrip(">").endswith("@shop.example")
        assert made["url"] in mailbox.text()
        link = next(line for line in mailbox.text().splitlines() if line.startswith("https://"))
        assert (await accept(anonymous, link)).status_code == 201

    async def test_in_spanish(self, api: httpx2.AsyncClient, mailbox: Mailbox) -> None:
        await invite(api, language="es-MX")
        assert mailbox.mails[0]["subject"] == "Invitación al catálogo"
        assert "elegir tu contraseña" in mailbox.text()

    @pytest.mark.parametrize(("language", "subject"), [(None, "en"), ("fr", "en"), ("es", "es"), ("es-ES", "es")])
    def test_what_we_do_not_speak_is_english(self, language: str | None, subject: str) -> None:
        assert in_language(INVITATION, language) is INVITATION[subject]

    async def test_whoever_asks_cannot_choose_where_the_link_leads(
        self, api: httpx2.AsyncClient, mailbox: Mailbox
    ) -> None:
        headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Origin": "https://evil.example"}
        await api.post(INVITATIONS, json={"email": "eva@example.com", "role": "viewer"}, headers=headers)
        assert "evil" not in mailbox.mails[0].as_string()

    async def test_a_name_cannot_add_headers_or_recipients(
        self, api: httpx2.AsyncClient, backend: Backend, mailbox: Mailbox
    ) -> None:
        await add_user(api, "boss@example.com", "admin", name="Boss, Bcc: all@example.com <x@y.z> {link.__class__} %s")
        boss = await signed_in(backend, "boss@example.com")
        await invite(boss)
        assert mailbox.recipients == [["eva+shop@example.com"]]
        assert "Bcc" not in mailbox.mails[0]
        assert "{link.__class__} %s invites you" in " ".join(mailbox.text().split())
        await boss.aclose()

    async def test_a_server_that_refuses_is_told_and_nothing_else_fails(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, mailbox: Mailbox
    ) -> None:
        mailbox.refuse = True
        made = await invite(api)
        assert made["mail"] == "failed"
        assert (await accept(anonymous, made["path"])).status_code == 201

    async def test_a_server_that_is_not_there_too(
        self, api: httpx2.AsyncClient, backend: Backend, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(backend.app.state.mailer, "server", MailServer("127.0.0.1", free_port(), tls=False))
        assert (await invite(api))["mail"] == "failed"


class TestMailServer:
    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            ("smtp://mail.example", MailServer("mail.example", 587, tls=False)),
            ("smtps://mail.example", MailServer("mail.example", 465, tls=True)),
            ("smtp://u%40x:p%2Fw@mail.example:25/", MailServer("mail.example", 25, False, "u@x", "p/w")),
        ],
    )
    def test_addresses(self, url: str, expected: MailServer) -> None:
        assert MailServer.from_url(url) == expected

    @pytest.mark.parametrize(
        "url", ["mail.example", "http://mail.example", "smtp://", "smtp://host?x=1", "smtp://h/path"]
    )
    def test_what_is_none(self, url: str) -> None:
        with pytest.raises(ValueError, match="BACKEND_SMTP_URL"):
            MailServer.from_url(url)

    def test_only_this_machine_may_do_without_tls(self) -> None:
        assert MailServer("127.0.0.1", 25, False).is_on_this_machine
        assert MailServer("::1", 25, False).is_on_this_machine
        assert not MailServer("127.0.0.1.evil.example", 25, False).is_on_this_machine
        assert not MailServer("10.0.0.1", 25, False).is_on_this_machine


class TestPasswordReset:
    async def ask(self, client: httpx2.AsyncClient, email: str = "ana@example.com") -> httpx2.Response:
        return await client.post(RESETS, json={"email": email})

    async def complete(self, client: httpx2.AsyncClient, link: str, password: str) -> httpx2.Response:
        return await client.post(f"{RESETS}/complete", json={"token": token_of(link), "password": password})

    async def test_by_mail(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, backend: Backend, mailbox: Mailbox
    ) -> None:
        await add_user(api, language="es")
        stolen = await signed_in(backend)
        assert (await self.ask(anonymous, "Ana@Example.com")).status_code == 202
        await eventually(lambda: len(mailbox.mails) == 1)
        assert mailbox.mails[0]["subject"] == "Elige una contraseña nueva"
        link = next(line for line in mailbox.text().splitlines() if line.startswith("https://"))
        assert_problem(await self.complete(anonymous, link, "ana@example.com"), 422, "password-too-weak")
        assert (await self.complete(anonymous, link, OTHER_PASSWORD)).status_code == 204
        # Nobody is signed in by it, whoever was is out, and the link is used up.
        assert "orchestrate_session" not in anonymous.cookies
        assert_problem(await stolen.get("/api/v1/auth/me"), 401, "not-signed-in")
        assert_problem(await self.complete(anonymous, link, PASSWORD), 401, "password-reset-invalid")
        assert (await sign_in(anonymous, password=OTHER_PASSWORD)).status_code == 200
        await stolen.aclose()

    async def test_the_answer_does_not_tell_who_is_here(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, backend: Backend, mailbox: Mailbox
    ) -> None:
        await add_user(api)
        gone = await add_user(api, "gone@example.com")
        await api.patch(f"/api/v1/auth/users/{gone['id']}", json={"active": False})
        answers = [await self.ask(anonymous, f"{name}@example.com") for name in ("nobody", "gone", "ana")]
        assert {(answer.status_code, answer.text) for answer in answers} == {(202, "null")}
        await backend.quiet()
        assert mailbox.recipients == [["ana@example.com"]]

    async def test_no_token_waits_in_the_queue(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, backend: Backend, mailbox: Mailbox
    ) -> None:
        await add_user(api)
        await self.ask(anonymous)
        await eventually(lambda: len(mailbox.mails) == 1)
        token = token_of(mailbox.text())
        assert token not in str(await backend.execute("SELECT * FROM procrastinate_jobs"))
        assert token.split()[0] not in str(await backend.execute("SELECT * FROM password_resets"))

    async def test_nobodys_mailbox_is_flooded(self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient) -> None:
        await add_user(api)
        assert [(await self.ask(anonymous)).status_code for _ in range(3)] == [202] * 3
        answer = await self.ask(anonymous)
        assert_problem(answer, 429, "too-many-attempts")
        assert int(answer.headers["retry-after"]) > 60

    async def test_a_newer_link_voids_the_older_one(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient
    ) -> None:
        user = await add_user(api)
        path = f"/api/v1/auth/users/{user['id']}/password-reset-links"
        older, newer = (await api.post(path)).json(), (await api.post(path)).json()
        assert newer["mail"] == "not_configured"
        assert_problem(await self.complete(anonymous, older["path"], OTHER_PASSWORD), 401, "password-reset-invalid")
        assert (await self.complete(anonymous, newer["path"], OTHER_PASSWORD)).status_code == 204

    async def test_an_old_link_is_refused(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, backend: Backend
    ) -> None:
        user = await add_user(api)
        link = (await api.post(f"/api/v1/auth/users/{user['id']}/password-reset-links")).json()["path"]
        await backend.execute("UPDATE password_resets SET expires_at = now() - interval '1 second'")
        assert_problem(await self.complete(anonymous, link, OTHER_PASSWORD), 401, "password-reset-invalid")

    async def test_of_two_at_once_one_wins(self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient) -> None:
        user = await add_user(api)
        link = (await api.post(f"/api/v1/auth/users/{user['id']}/password-reset-links")).json()["path"]
        answers = await asyncio.gather(
            *(self.complete(anonymous, link, password) for password in (OTHER_PASSWORD, "four brown mountains"))
        )
        assert sorted(answer.status_code for answer in answers) == [204, 401]

    async def test_a_token_of_another_kind_is_none(
        self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient
    ) -> None:
        await add_user(api)
        sign_in_link = (await api.post("/api/v1/auth/sign-in-links")).json()["path"]
        assert_problem(await self.complete(anonymous, sign_in_link, OTHER_PASSWORD), 401, "password-reset-invalid")

    @pytest.mark.parametrize("path", [RESETS, f"{RESETS}/complete", f"{INVITATIONS}/accept"])
    async def test_other_sites_cannot_ask(self, anonymous: httpx2.AsyncClient, path: str) -> None:
        answer = await anonymous.post(path, json={}, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code in {403, 422}
        body: dict[str, str] = {"email": "a@b.c"} if path == RESETS else {"token": "x" * 43, "password": PASSWORD}
        if path.endswith("accept"):
            body["name"] = "Eva"
        answer = await anonymous.post(path, json=body, headers={"Sec-Fetch-Site": "cross-site"})
        assert_problem(answer, 403, "cross-site-request")
