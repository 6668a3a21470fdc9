"""Who asks, and whether they may: the one dependency that every route has, directly or by its router.

A route without it is refused by a test that walks all routes.
"""

import hmac
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any, cast
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import Headers

from app.auth.errors import CrossSiteRequest, NotSignedIn, RoleRequired, ScopeRequired, SessionRequired
from app.auth.models import ROLES
from app.auth.schemas import Role
from app.auth.scopes import Scope, accepted_scopes
from app.auth.service import find_api_key, find_session
from app.auth.tokens import API_KEY_PREFIX
from app.database import ACTOR, SAFE_METHODS, Actor, Sessions
from app.settings import Settings

SESSION_COOKIE = "orchestrate_session"
HOW_TO_SIGN_IN = "Sign in, or send an API key as bearer."


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in person, or the holder of a key.

    `id` is None for the command line of this machine alone. `scopes` is None for all but API keys: a person has none.
    """

    id: uuid.UUID | None
    name: str
    email: str | None
    role: Role
    session_id: uuid.UUID | None = None
    api_key_id: uuid.UUID | None = None
    scopes: frozenset[str] | None = None

    @property
    def actor(self) -> Actor:
        return Actor(self.id, self.name, self.api_key_id)


def refuse_cross_site(method: str, headers: Headers) -> None:
    """CSRF protection for cookies, without tokens: browsers say where a request comes from.

    Sec-Fetch-Site is sent by every current browser; Origin is compared for the others. SameSite=Lax stands behind it.
    """
    if method in SAFE_METHODS:
        return
    site = headers.get("sec-fetch-site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise CrossSiteRequest("Open the app itself, and do it there.")
        return
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        raise CrossSiteRequest("Open the app itself, and do it there.")


async def identify(request: Request) -> Principal:
    """The principal of the request, who also becomes the actor of what it changes."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        principal = await holder_of_key(request, key.strip())
    else:
        principal = await person_of_session(request)
    setattr(request.state, ACTOR, principal.actor)
    return principal


async def holder_of_key(request: Request, key: str) -> Principal:
    settings: Settings = request.app.state.settings
    local = settings.local_api_key
    if local and hmac.compare_digest(key.encode(), local.get_secret_value().encode()):
        return Principal(None, "Command line", None, "admin")
    found = None
    if key.startswith(API_KEY_PREFIX):
        found = await find_api_key(cast(Sessions, request.app.state.sessions), key)
    if found is None:
        raise NotSignedIn("The API key is not valid.", headers={"WWW-Authenticate": "Bearer"})
    api_key, user = found
    return Principal(
        user.id,
        user.name,
        user.email,
        cast(Role, user.role),
        api_key_id=api_key.id,
        scopes=frozenset(api_key.scopes),
    )


async def person_of_session(request: Request) -> Principal:
    cookie = request.cookies.get(SESSION_COOKIE)
    if not cookie:
        raise NotSignedIn(HOW_TO_SIGN_IN, headers={"WWW-Authenticate": "Bearer"})
    refuse_cross_site(request.method, request.headers)
    address = request.client.host if request.client else ""
    found = await find_session(cast(Sessions, request.app.state.sessions), cookie, address)
    if found is None:
        raise NotSignedIn("Your session has ended. Sign in again; what you saved is safe.")
    session, user = found
    return Principal(user.id, user.name, user.email, cast(Role, user.role), session_id=session.id)


def check_scope(principal: Principal, accepted: frozenset[Scope]) -> None:
    if principal.scopes is not None and not principal.scopes & accepted:
        needed = " or ".join(sorted(accepted))
        raise ScopeRequired(f"This needs the scope {needed}; the key has {', '.join(sorted(principal.scopes))}.")


def require(role: Role, scope: Scope | None = None) -> Callable[[Request], Coroutine[Any, Any, Principal]]:
    """A dependency that lets pass who has at least `role`.

    A key also needs the route's scope: `scope`, or what `accepted_scopes` says of the role and the route.
    """

    async def dependency(request: Request) -> Principal:
        principal = await identify(request)
        if ROLES.index(principal.role) < ROLES.index(role):
            raise RoleRequired(f"This needs the role {role}; yours is {principal.role}.")
        if principal.scopes is not None:
            route = request.scope.get("route")
            path = getattr(route, "path", request.url.path)
            check_scope(principal, frozenset({scope}) if scope else accepted_scopes(role, request.method, path))
        return principal

    # Read by the test that walks all routes, and by the OpenAPI document.
    dependency.required_role = role  # type: ignore[attr-defined]
    dependency.required_scope = scope  # type: ignore[attr-defined]
    return dependency


Viewer = Annotated[Principal, Depends(require("viewer"))]
Editor = Annotated[Principal, Depends(require("editor"))]
Admin = Annotated[Principal, Depends(require("admin"))]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in with a session: no key may do what needs one."""

    id: uuid.UUID
    session_id: uuid.UUID


async def signed_in_person(principal: Viewer) -> Person:
    if principal.id is None or principal.session_id is None:
        raise SessionRequired("Sign in in the web app, and do it there.")
    return Person(principal.id, principal.session_id)


SignedInPerson = Annotated[Person, Depends(signed_in_person)]
