"""`./orchestrate curl` as its own process, against a real server."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from orchestrate.api_client import find_endpoint
from orchestrate.curl_command import CurlRequest, WrongUsage
from orchestrate.workspace import Workspace

PROBLEM = {"type": "/problems/x", "title": "SKU is taken", "status": 409, "detail": "A-1 is there already."}


class Handler(BaseHTTPRequestHandler):
    seen: list[dict[str, Any]] = []

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.seen.append({"method": self.command, "path": self.path, "headers": dict(self.headers), "body": body})
        if self.path == "/problem":
            self.send(409, "application/problem+json", json.dumps(PROBLEM).encode())
        elif self.path == "/bytes":
            self.send(200, "image/png", b"\x89PNG\xff")
        else:
            self.send(200, "application/json", b'{"name":"\xc3\xa9"}')

    def send(self, status: int, content_type: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        self.answer()

    def do_PATCH(self) -> None:
        self.answer()

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


def curl(url: str, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "orchestrate", "curl", *arguments],
        env={**os.environ, "ORCHESTRATE_URL": url, "ORCHESTRATE_API_KEY": "the-key"},
        input=stdin,
        capture_output=True,
        check=False,
        timeout=60,
    )


class TestCurl:
    def test_get_with_the_key(self, url: str) -> None:
        finished = curl(url, "/api/v1/products?limit=5")
        assert finished.returncode == 0
        assert json.loads(finished.stdout) == {"name": "é"}
        assert Handler.seen[0]["path"] == "/api/v1/products?limit=5"
        assert Handler.seen[0]["headers"]["Authorization"] == "Bearer the-key"

    def test_body_from_stdin_is_json_by_post(self, url: str) -> None:
        assert curl(url, "/a", "-d", "@-", stdin=b'{"a": 1}').returncode == 0
        (request,) = Handler.seen
        assert (request["method"], request["body"]) == ("POST", b'{"a": 1}')
        assert request["headers"]["Content-Type"] == "application/json"

    def test_method_and_headers(self, url: str) -> None:
        assert curl(url, "a", "-X", "PATCH", "-d", "{}", "-H", 'If-Match: "1"').returncode == 0
        assert Handler.seen[0]["method"] == "PATCH"
        assert Handler.seen[0]["headers"]["If-Match"] == '"1"'

    def test_file_in_a_form(self, url: str, tmp_path: Path) -> None:
        (tmp_path / "mug.jpg").write_bytes(b"\xff\xd8photo")
        assert curl(url, "/images", "-F", f"image=@{tmp_path}/mug.jpg", "-F", "alt=a mug").returncode == 0
        body = Handler.seen[0]["body"]
        assert b'filename="mug.jpg"' in body
        assert b"\xff\xd8photo" in body
        assert b"a mug" in body

    def test_problem_is_exit_22_with_its_words_on_stderr(self, url: str) -> None:
        finished = curl(url, "/problem")
        assert finished.returncode == 22
        assert b"409 SKU is taken: A-1 is there already." in finished.stderr
        assert json.loads(finished.stdout) == PROBLEM

    def test_bytes_stay_bytes(self, url: str) -> None:
        assert curl(url, "/bytes").stdout == b"\x89PNG\xff"

    def test_status_and_headers_on_request(self, url: str) -> None:
        assert b"HTTP 200 OK" in curl(url, "-i", "/a").stderr

    def test_nobody_there_is_exit_3(self, url: str) -> None:
        finished = curl("http://127.0.0.1:9", "/a")
        assert finished.returncode == 3
        assert b"Nothing answers at http://127.0.0.1:9" in finished.stderr
        assert b"the-key" not in finished.stderr


class TestCurlRequest:
    def test_address_as_path_never_gets_the_key(self) -> None:
        assert CurlRequest.from_options("http://elsewhere/", None, None, [], []).path == "/http://elsewhere/"

    @pytest.mark.parametrize(
        ("data", "headers", "form"), [("{}", [], ["a=b"]), (None, ["no colon"], []), (None, [], ["no equals"])]
    )
    def test_wrong_options_are_refused(self, data: str | None, headers: list[str], form: list[str]) -> None:
        with pytest.raises(WrongUsage):
            CurlRequest.from_options("/a", None, data, headers, form)


class TestFindEndpoint:
    def test_local_key_is_not_sent_elsewhere(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("ORCHESTRATE_API_KEY", raising=False)
        monkeypatch.delenv("ORCHESTRATE_URL", raising=False)
        workspace = Workspace(tmp_path)
        workspace.home.mkdir()
        (workspace.home / "cli-key").write_text("local-key")
        assert find_endpoint(workspace).key == "local-key"
        monkeypatch.setenv("ORCHESTRATE_URL", "https://shop.example")
        assert find_endpoint(workspace).key is None
