"""The OpenAPI document says of each route how one gets in: with a session, or with an API key of which scopes."""

from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from app.auth.dependencies import SESSION_COOKIE
from app.auth.models import ROLES
from app.auth.schemas import Role
from app.auth.scopes import Scope, accepted_scopes

SCHEMES = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION_COOKIE,
        "description": "Set by signing in. Writes from other sites are refused.",
    },
    "api_key": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "oak_…",
        "description": "An API key; it needs one of the scopes that are named with each route, and its owner the role.",
    },
}


def requirements(dependant: Dependant) -> Iterator[tuple[Role, Scope | None]]:
    role: Role | None = getattr(dependant.call, "required_role", None)
    if role is not None:
        yield role, getattr(dependant.call, "required_scope", None)
    for each in dependant.dependencies:
        yield from requirements(each)


def security_of(route: APIRoute, method: str) -> list[dict[str, list[str]]] | None:
    strictest = max(requirements(route.dependant), key=lambda each: ROLES.index(each[0]), default=None)
    if strictest is None:
        return None
    role, scope = strictest
    return [{"session": []}, {"api_key": [scope] if scope else sorted(accepted_scopes(role, method, route.path))}]


def document_security(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    original = app.openapi

    def openapi() -> dict[str, Any]:
        document = original()
        document.setdefault("components", {}).setdefault("securitySchemes", SCHEMES)
        for router in routers:
            for route in router.routes:
                if not isinstance(route, APIRoute):
                    continue
                for method in route.methods or ():
                    operation = document["paths"].get(route.path_format, {}).get(method.lower())
                    security = security_of(route, method)
                    if operation is not None and security is not None:
                        operation["security"] = security
        return document

    app.openapi = openapi  # type: ignore[method-assign]
