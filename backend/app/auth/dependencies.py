"""Who asks, and whether they may: the one dependency that every route has, directly or by its router.

A route without it is refused by a test that walks all routes.
"""

import hmac
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import Headers

from app.auth.errors import CrossSiteRequest, NotSignedIn, RoleRequired
from app.auth.models import ROLES
from app.auth.schemas import Role
from app.auth.service import AuthService
from app.database import Sessions
from app.settings import Settings

SESSION_COOKIE = "orchestrate_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in person, or the holder of a key."""

    id: uuid.UUID | None
    name: str
    email: str | None
    role: Role


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
    settings: Settings = request.app.state.settings
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        local = settings.local_api_key
        if local and hmac.compare_digest(key.strip().encode(), local.get_secret_value().encode()):
            return Principal(None, "Command line", None, "admin")
        raise NotSignedIn("The API key is not valid.", headers={"WWW-Authenticate": "Bearer"})
    cookie = request.cookies.get(SESSION_COOKIE)
    if cookie:
        refuse_cross_site(request.method, request.headers)
        sessions: Sessions = request.app.state.sessions
        # A session of its own, closed at once: a stream must not hold one for as long as it is open.
        async with sessions() as session:
            user = await AuthService(session, settings.session_days).user_of_session(cookie)
        if user is not None:
            return Principal(user.id, user.name, user.email, user.role)  # type: ignore[arg-type]
        raise NotSignedIn("Your session has ended. Sign in again; what you saved is safe.")
    raise NotSignedIn("Open the sign-in link, or send an API key as bearer.", headers={"WWW-Authenticate": "Bearer"})


def require(role: Role) -> Callable[[Request], Coroutine[Any, Any, Principal]]:
    """A dependency that lets pass who has at least `role`."""

    async def dependency(request: Request) -> Principal:
        principal = await identify(request)
        if ROLES.index(principal.role) < ROLES.index(role):
            raise RoleRequired(f"This needs the role {role}; yours is {principal.role}.")
        return principal

    dependency.required_role = role  # type: ignore[attr-defined]  # read by the test that walks all routes
    return dependency


Viewer = Annotated[Principal, Depends(require("viewer"))]
Editor = Annotated[Principal, Depends(require("editor"))]
Admin = Annotated[Principal, Depends(require("admin"))]
