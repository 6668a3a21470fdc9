"""What is known of the browser or program that asks."""

import re
from dataclasses import dataclass

from fastapi import Request

MAX_USER_AGENT = 300
UNPRINTABLE = re.compile(r"[^\x20-\x7e]")


@dataclass(frozen=True, slots=True)
class Client:
    """`address` is the peer's; behind a proxy the server names the right one (uvicorn's FORWARDED_ALLOW_IPS)."""

    address: str
    user_agent: str

    @classmethod
    def of(cls, request: Request) -> "Client":
        agent = UNPRINTABLE.sub("", request.headers.get("user-agent", ""))[:MAX_USER_AGENT]
        return cls(request.client.host if request.client else "", agent)
