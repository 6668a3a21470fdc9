"""The backend's API as the command line uses it: where it is, the key, and its problems as errors."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, cast

import httpx2

from orchestrate.errors import NotRunning, RequestRefused
from orchestrate.stack import state
from orchestrate.workspace import Workspace

DEFAULT_URL = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address and the key for it. The key is left out of anything printed."""

    url: str
    key: str | None

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}


def find_endpoint(workspace: Workspace) -> Endpoint:
    """ORCHESTRATE_URL and ORCHESTRATE_API_KEY, else the stack of this checkout with its local key."""
    given_url = os.environ.get("ORCHESTRATE_URL")
    running = state.read(workspace)
    url = given_url or (running.url if running else DEFAULT_URL)
    key = os.environ.get("ORCHESTRATE_API_KEY")
    # The local key belongs to the local stack: it is never sent to an address that the user names without a key.
    if key is None and (given_url is None or (running is not None and given_url.rstrip("/") == running.url)):
        try:
            key = (workspace.home / "cli-key").read_text().strip()
        except OSError:
            key = None
    return Endpoint(url.rstrip("/"), key or None)


def unreachable(url: str, error: Exception) -> NotRunning:
    return NotRunning(f"Nothing answers at {url} ({error}).", "Start it with ./orchestrate up, or set ORCHESTRATE_URL.")


def problem_text(answer: httpx2.Response) -> str:
    """Title, detail and field errors of a problem, in one paragraph."""
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    if not isinstance(problem, dict) or "title" not in problem:
        return f"{answer.status_code} {answer.reason_phrase}: {answer.text[:300].strip()}".rstrip(": ")
    lines = [f"{answer.status_code} {problem['title']}"]
    if problem.get("detail"):
        lines[0] += f": {problem['detail']}"
    for error in problem.get("errors") or []:
        lines.append(f"  {error.get('pointer') or error.get('parameter') or ''} {error.get('detail', '')}".rstrip())
    return "\n".join(lines)


class ApiClient:
    def __init__(self, endpoint: Endpoint, timeout_s: float = 60.0) -> None:
        self.endpoint = endpoint
        self.http = httpx2.AsyncClient(
            base_url=endpoint.url, headers=endpoint.headers, timeout=timeout_s, trust_env=False
        )

    async def __aenter__(self) -> "ApiClient":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def request(self, method: str, path: str, **options: Any) -> Any:
        """The answer's JSON. Raises NotRunning and RequestRefused."""
        try:
            answer = await self.http.request(method, path, **options)
        except httpx2.TransportError as error:
            raise unreachable(self.endpoint.url, error) from error
        if not answer.is_success:
            raise RequestRefused(f"{method} {path}: {problem_text(answer)}")
        return answer.json() if answer.content else None

    async def content(self, path: str) -> bytes:
        """A file, whole. Raises NotRunning and RequestRefused."""
        return b"".join([chunk async for chunk in self.stream(path)])

    async def stream(self, path: str) -> AsyncIterator[bytes]:
        """A file as it comes. Raises NotRunning and RequestRefused."""
        try:
            async with self.http.stream("GET", path) as answer:
                if not answer.is_success:
                    await answer.aread()
                    raise RequestRefused(f"GET {path}: {problem_text(answer)}")
                async for chunk in answer.aiter_bytes():
                    yield chunk
        except httpx2.TransportError as error:
            raise unreachable(self.endpoint.url, error) from error

    async def get(self, path: str) -> Any:
        return await self.request("GET", path)

    async def post(self, path: str, **options: Any) -> Any:
        return await self.request("POST", path, **options)

    async def sign_in_path(self) -> str:
        """A path that signs its first visitor in, on whatever address the web app has."""
        link = await self.post("/api/v1/auth/sign-in-links")
        return cast(str, link["path"])
