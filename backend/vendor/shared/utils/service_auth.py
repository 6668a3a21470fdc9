"""Who may call a service: holders of the service token, or, without one, this machine only."""

import hmac
import ipaddress

from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.utils.asgi import send_problem
from shared.utils.errors import AppError, Forbidden, Unauthenticated

PUBLIC_PATHS = frozenset({"/health", "/ping"})
LOOPBACK_NAMES = frozenset({"localhost", "testserver"})


def is_loopback(host: str | None) -> bool:
    try:
        address = ipaddress.ip_address((host or "").strip("[]"))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def host_without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


class ServiceAuthMiddleware:
    """Every route but /health and /ping.

    Without a token the peer must be loopback, and so must the Host header: otherwise a web page could reach the
    service through a name that it re-points at 127.0.0.1 (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, token: SecretStr | None, allow_unauthenticated: bool) -> None:
        self.app = app
        self.token = token.get_secret_value().encode() if token and token.get_secret_value() else None
        self.allow_unauthenticated = allow_unauthenticated

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in PUBLIC_PATHS:
            error = self.refusal(scope)
            if error is not None:
                await send_problem(error, scope, receive, send)
                return
        await self.app(scope, receive, send)

    def refusal(self, scope: Scope) -> AppError | None:
        headers = Headers(scope=scope)
        if self.token is not None:
            scheme, _, given = headers.get("authorization", "").partition(" ")
            if scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), self.token):
                return None
            return Unauthenticated("Send the service token as a bearer.", headers={"WWW-Authenticate": "Bearer"})
        if self.allow_unauthenticated:
            return None
        client = scope.get("client")
        host = host_without_port(headers.get("host", ""))
        if client and is_loopback(client[0]) and (host in LOOPBACK_NAMES or is_loopback(host)):
            return None
        return Forbidden(
            "Without a SERVICE_TOKEN this service answers its own machine only. "
            "Set SERVICE_TOKEN on both sides, or ALLOW_UNAUTHENTICATED=true on a closed network."
        )
