"""What an API key may do: each route's scope follows from its role, and from what part of the API it is in.

A key passes where it has one of the scopes that the route accepts, and its owner has the role. `admin` stands for
nothing but the administrators' routes: a key has exactly what it was given.
"""

from typing import Literal, get_args

from app.auth.schemas import Role

Scope = Literal["read", "write", "review", "import", "export", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

BY_ROLE: dict[Role, Scope] = {"viewer": "read", "editor": "write", "admin": "admin"}

OF_ROLE: dict[Role, frozenset[Scope]] = {
    "viewer": frozenset({"read", "export"}),
    "editor": frozenset({"read", "write", "review", "import", "export"}),
    "admin": frozenset(SCOPES),
}
"""The scopes that keys of a person with this role may have."""

API = "/api/v1/"
REVIEWING = frozenset({"approve", "reject", "confirm"})


def accepted_scopes(role: Role, method: str, path: str) -> frozenset[Scope]:
    """`path` is the route's template, such as `/api/v1/imports/{import_id}`."""
    area, _, rest = path.removeprefix(API).partition("/")
    if area == "auth":
        # Who holds a key must not turn it into a session, another key or a password.
        return frozenset({"read"} if rest == "me" and method == "GET" else {"admin"})
    if role == "admin":
        return frozenset({"admin"})
    if area == "imports":
        return frozenset({"import"} if role == "editor" else {"import", "read"})
    if area == "exports":
        return frozenset({"export"} if role == "editor" else {"export", "read"})
    if role == "editor" and rest.rsplit("/", 1)[-1] in REVIEWING:
        return frozenset({"review"})
    return frozenset({BY_ROLE[role]})
