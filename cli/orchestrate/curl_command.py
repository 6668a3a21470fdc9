"""`./orchestrate curl PATH`: the API from the shell."""

import json
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from rich.text import Text

from orchestrate.api_client import find_endpoint, problem_text, unreachable
from orchestrate.console import out, say
from orchestrate.errors import CommandError, RequestRefused
from orchestrate.workspace import Workspace


class WrongUsage(CommandError):
    exit_code = 2


def read_argument(value: str) -> bytes:
    """The text itself, or what a file (`@FILE`) or stdin (`@-`) holds."""
    if not value.startswith("@"):
        return value.encode()
    if value == "@-":
        return sys.stdin.buffer.read()
    try:
        return Path(value[1:]).expanduser().read_bytes()
    except OSError as error:
        raise WrongUsage(f"{value[1:]} cannot be read: {error.strerror}") from None


@dataclass(frozen=True, slots=True)
class CurlRequest:
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    form: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def from_options(
        cls, path: str, method: str | None, data: str | None, headers: list[str], form: list[str]
    ) -> "CurlRequest":
        if data is not None and form:
            raise WrongUsage("-d and -F exclude each other.")
        named = {}
        for each in headers:
            name, colon, value = each.partition(":")
            if not colon or not name.strip():
                raise WrongUsage(f"{each!r} is not a header: 'Name: value'.")
            named[name.strip()] = value.strip()
        fields = []
        for each in form:
            name, equals, value = each.partition("=")
            if not equals or not name:
                raise WrongUsage(f"{each!r} is not a form field: name=value or name=@FILE.")
            fields.append((name, value))
        body = read_argument(data) if data is not None else None
        if body is not None and not any(name.lower() == "content-type" for name in named):
            named["Content-Type"] = "application/json"
        # Only paths: an address of its own would get this machine's key.
        if not path.startswith("/"):
            path = "/" + path
        return cls(method or ("POST" if body is not None or fields else "GET"), path, named, body, fields)

    def files(self, opened: ExitStack) -> list[tuple[str, Any]]:
        """The form's fields as parts of a multipart body; files are read while they are sent."""
        parts: list[tuple[str, Any]] = []
        for name, value in self.form:
            if value.startswith("@"):
                path = Path(value[1:]).expanduser()
                try:
                    parts.append((name, (path.name, opened.enter_context(path.open("rb")))))
                except OSError as error:
                    raise WrongUsage(f"{path} cannot be read: {error.strerror}") from None
            else:
                parts.append((name, (None, value.encode())))
        return parts


async def run_curl(workspace: Workspace, request: CurlRequest, *, include: bool) -> int:
    endpoint = find_endpoint(workspace)
    async with httpx2.AsyncClient(base_url=endpoint.url, timeout=None, trust_env=False) as client:
        with ExitStack() as opened:
            prepared = client.build_request(
                request.method,
                endpoint.url + request.path,
                headers=endpoint.headers | request.headers,
                content=request.body,
                files=request.files(opened) or None,
            )
            try:
                answer = await client.send(prepared, stream=True)
                try:
                    await show(answer, include=include)
                finally:
                    await answer.aclose()
            except httpx2.TransportError as error:
                raise unreachable(endpoint.url, error) from error
    if not answer.is_success:
        raise RequestRefused(problem_text(answer))
    return 0


async def show(answer: httpx2.Response, *, include: bool) -> None:
    if include:
        say(f"HTTP {answer.status_code} {answer.reason_phrase}")
        for name, value in answer.headers.items():
            say(f"{name}: {value}")
    content_type = answer.headers.get("content-type", "")
    if "json" in content_type or not answer.is_success:
        await answer.aread()
        if out.is_terminal and "json" in content_type:
            out.print_json(json.dumps(answer.json(), ensure_ascii=False))
        elif answer.content:
            write(answer.content if answer.content.endswith(b"\n") else answer.content + b"\n")
        return
    # Streams of events are shown as they come; files go out byte by byte.
    async for chunk in answer.aiter_bytes():
        if out.is_terminal and not content_type.startswith("text/"):
            out.print(Text(f"[binary: {content_type or 'unknown type'}; redirect the output to a file]"))
            return
        write(chunk)


def write(content: bytes) -> None:
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
