"""`./orchestrate users`: who may sign in, from the terminal.

Passwords are typed or read from stdin, never arguments: those would be in the shell's history and in every list of
processes.
"""

import getpass
import sys
from dataclasses import dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

from orchestrate.api_client import ApiClient, Endpoint, find_endpoint
from orchestrate.console import out, say
from orchestrate.errors import CommandError
from orchestrate.workspace import Workspace

USERS = "/api/v1/auth/users"
INVITATIONS = "/api/v1/auth/invitations"
PAGE = 200
MAIL = {
    "sent": "The link was also mailed.",
    "failed": "The mail could not be sent; hand the link over yourself.",
    "not_configured": "No mail server is set (BACKEND_SMTP_URL); hand the link over yourself.",
}


class NoSuchUser(CommandError):
    """No user has this email address."""


@dataclass(frozen=True, slots=True)
class NewUser:
    email: str
    name: str
    role: str
    language: str | None


def read_password(*, from_stdin: bool) -> str:
    """One line of stdin, or typed twice on the terminal without being shown."""
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
        if not password:
            raise CommandError("No password came in on stdin.")
        return password
    if not sys.stdin.isatty():
        raise CommandError("There is no terminal to type a password on.", "Pipe it in with --password-stdin.")
    password = getpass.getpass("Password (at least 10 characters): ")
    if password != getpass.getpass("Once more: "):
        raise CommandError("The two are not the same; nothing was changed.")
    return password


async def all_users(client: ApiClient, search: str | None = None) -> list[dict[str, Any]]:
    users: list[dict[str, Any]] = []
    parameters: dict[str, Any] = {"limit": PAGE}
    if search:
        parameters["search"] = search
    while True:
        page = await client.request("GET", USERS, params=parameters)
        users += page["items"]
        if page["next_cursor"] is None:
            return users
        parameters["cursor"] = page["next_cursor"]


async def find_user(client: ApiClient, email: str) -> dict[str, Any]:
    wanted = email.strip().lower()
    for user in await all_users(client, wanted[:PAGE]):
        if user["email"] == wanted:
            return user
    raise NoSuchUser(f"No user has the email address {email}.", "./orchestrate users list shows them all.")


def when(moment: str | None) -> str:
    return moment[:16].replace("T", " ") if moment else "never"


async def list_users(workspace: Workspace) -> int:
    async with ApiClient(find_endpoint(workspace)) as client:
        users = await all_users(client)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("email", "name", "role", "active", "password", "last sign-in (UTC)"):
        table.add_column(heading)
    for user in users:
        table.add_row(
            Text(user["email"]),
            Text(user["name"]),
            Text(user["role"]),
            Text("yes" if user["active"] else "no", style="" if user["active"] else "yellow"),
            Text("yes" if user["has_password"] else "no"),
            Text(when(user["signed_in_at"])),
        )
    out.print(table)
    return 0


async def add_user(workspace: Workspace, user: NewUser, *, password_from_stdin: bool) -> int:
    password = read_password(from_stdin=password_from_stdin)
    body = {"email": user.email, "name": user.name, "role": user.role, "password": password}
    if user.language:
        body["language"] = user.language
    async with ApiClient(find_endpoint(workspace)) as client:
        made = await client.post(USERS, json=body)
    out.print(Text(f"{made['email']} can sign in now, as {made['role']}."))
    return 0


async def invite_user(workspace: Workspace, email: str, role: str, language: str) -> int:
    endpoint = find_endpoint(workspace)
    async with ApiClient(endpoint) as client:
        made = await client.post(INVITATIONS, json={"email": email, "role": role, "language": language})
    show_link(endpoint, made, "The invitation works once, until {}:")
    return 0


async def set_role(workspace: Workspace, email: str, role: str) -> int:
    async with ApiClient(find_endpoint(workspace)) as client:
        user = await find_user(client, email)
        changed = await client.request("PATCH", f"{USERS}/{user['id']}", json={"role": role})
    out.print(Text(f"{changed['email']} is {changed['role']} now, and has to sign in again."))
    return 0


async def reset_password(workspace: Workspace, email: str) -> int:
    endpoint = find_endpoint(workspace)
    async with ApiClient(endpoint) as client:
        user = await find_user(client, email)
        made = await client.post(f"{USERS}/{user['id']}/password-reset-links")
    show_link(endpoint, made, "The link for a new password works once, until {}:")
    return 0


async def set_active(workspace: Workspace, email: str, *, active: bool) -> int:
    async with ApiClient(find_endpoint(workspace)) as client:
        user = await find_user(client, email)
        await client.request("PATCH", f"{USERS}/{user['id']}", json={"active": active})
    said = "can sign in again." if active else "is signed out and cannot sign in; the API keys are revoked."
    out.print(Text(f"{user['email']} {said}"))
    return 0


def show_link(endpoint: Endpoint, made: dict[str, Any], introduction: str) -> None:
    """The link alone on stdout, so that it can be piped on; what is said about it on stderr."""
    say(introduction.format(when(made["expires_at"]) + " UTC"))
    out.print(Text(made["url"] or endpoint.url.replace("//127.0.0.1:", "//localhost:") + made["path"]), soft_wrap=True)
    say(MAIL[made["mail"]])
