"""`./orchestrate users` as its own process, against a server that answers as the API does."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

PASSWORD = "a quiet harbour in May"
ANA = {
    "id": "0197a3b0-0000-7000-8000-000000000001", "email": "ana@example.com", "name": "Ana [bold]", "role": "editor",
    "active": True, "language": None, "has_password": True, "signed_in_at": "2026-05-01T10:00:00Z",
    "created_at": "2026-05-01T10:00:00Z",
}  # fmt: skip
BO = {**ANA, "id": ANA["id"][:-1] + "2", "email": "bo@example.com", "active": False, "signed_in_at": None}
LINK = {"path": "/accept#token=t", "url": None, "expires_at": "2026-05-08T10:00:00Z", "mail": "not_configured"}
TAKEN = {"type": "/problems/email-taken", "title": "Taken", "status": 409, "detail": "Change that user instead."}


class Handler(BaseHTTPRequestHandler):
    seen: list[dict[str, Any]] = []

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        content = json.loads(body) if body else None
        self.seen.append({"method": self.command, "path": parts.path, "body": content, "query": query})
        if self.command == "GET":
            # Two pages, to see that the second is asked for.
            first = {"items": [ANA], "next_cursor": "more", "total": 2}
            self.send(200, {"items": [BO], "next_cursor": None, "total": 2} if "cursor" in query else first)
        elif self.command == "PATCH":
            self.send(200, {**ANA, **content})
        elif content and content.get("email") == "taken@example.com":
            self.send(409, TAKEN)
        else:
            self.send(201, {**ANA, **(content or {}), **LINK})

    def do_GET(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        self.answer()

    def do_PATCH(self) -> None:
        self.answer()

    def send(self, status: int, answer: Any) -> None:
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    Handler.seen.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def users(url: str, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "orchestrate", "users", *arguments],
        env={**os.environ, "ORCHESTRATE_URL": url, "ORCHESTRATE_API_KEY": "the-key"},
        input=stdin,
        capture_output=True,
        check=False,
        timeout=60,
        text=True,
    )


class TestUsers:
    def test_list_shows_all_pages_and_takes_names_as_they_are(self, url: str) -> None:
        finished = users(url, "list")
        assert finished.returncode == 0
        ana, bo = finished.stdout.splitlines()[1:]
        assert "Ana [bold]" in ana
        assert "2026-05-01 10:00" in ana
        assert bo.split()[-1] == "never"

    def test_add_reads_the_password_from_stdin(self, url: str) -> None:
        finished = users(
            url,
            "add",
            "eva@example.com",
            "--name",
            "Eva",
            "--role",
            "viewer",
            "--password-stdin",
            stdin=PASSWORD + "\n",
        )
        assert finished.returncode == 0, finished.stderr
        (request,) = Handler.seen
        assert request["body"] == {"email": "eva@example.com", "name": "Eva", "role": "viewer", "password": PASSWORD}
        assert PASSWORD not in finished.stdout + finished.stderr

    def test_there_is_no_option_for_a_password(self, url: str) -> None:
        finished = users(url, "add", "eva@example.com", "--name", "Eva", "--password", PASSWORD)
        assert finished.returncode == 2
        assert Handler.seen == []

    @pytest.mark.parametrize("arguments", [(), ("--password-stdin",)])
    def test_without_a_password_nothing_is_sent(self, url: str, arguments: tuple[str, ...]) -> None:
        finished = users(url, "add", "eva@example.com", "--name", "Eva", *arguments)
        assert finished.returncode == 1
        assert "password" in finished.stderr
        assert Handler.seen == []

    def test_invite_prints_the_link_alone(self, url: str) -> None:
        finished = users(url, "invite", "eva@example.com", "--language", "es")
        assert finished.stdout == url.replace("127.0.0.1", "localhost") + "/accept#token=t\n"
        assert "hand the link over yourself" in finished.stderr
        assert Handler.seen[0]["body"] == {"email": "eva@example.com", "role": "editor", "language": "es"}

    @pytest.mark.parametrize(
        ("arguments", "body"),
        [
            (("set-role", " ANA@example.com", "admin"), {"role": "admin"}),
            (("deactivate", "ana@example.com"), {"active": False}),
            (("activate", "ana@example.com"), {"active": True}),
        ],
    )
    def test_users_are_named_by_their_address(self, url: str, arguments: tuple[str, ...], body: dict[str, Any]) -> None:
        finished = users(url, *arguments)
        assert finished.returncode == 0, finished.stderr
        assert Handler.seen[-1]["body"] == body
        assert Handler.seen[-1]["path"] == f"/api/v1/auth/users/{ANA['id']}"

    def test_reset_password_prints_a_link(self, url: str) -> None:
        finished = users(url, "reset-password", "bo@example.com")
        assert finished.stdout.endswith("/accept#token=t\n")
        assert Handler.seen[-1]["path"] == f"/api/v1/auth/users/{BO['id']}/password-reset-links"

    def test_nobody_by_that_address(self, url: str) -> None:
        finished = users(url, "deactivate", "nobody@example.com")
        assert finished.returncode == 1
        assert "No user has the email address nobody@example.com." in finished.stderr

    def test_a_refusal_is_a_sentence(self, url: str) -> None:
        finished = users(url, "invite", "taken@example.com")
        assert finished.returncode == 22
        assert "Change that user instead." in finished.stderr

    def test_roles_are_checked_here(self, url: str) -> None:
        assert users(url, "set-role", "ana@example.com", "owner").returncode == 2
        assert Handler.seen == []
