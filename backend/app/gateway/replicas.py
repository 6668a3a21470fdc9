"""The replicas of a service: which one to ask, and which to leave alone for a while.

A circuit breaker per replica: after some failures in a row it opens, and after a pause one request may try again.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

FAILURES_TO_OPEN = 5
OPEN_S = 5.0

BreakerState = Literal["closed", "open", "half-open"]


@dataclass(slots=True)
class Breaker:
    clock: Callable[[], float] = time.monotonic
    failures: int = 0
    opened_at: float | None = None
    probing: bool = False

    @property
    def state(self) -> BreakerState:
        if self.opened_at is None:
            return "closed"
        return "half-open" if self.clock() - self.opened_at >= OPEN_S else "open"

    def allows(self) -> bool:
        """Whether a request may be sent; half-open, one at a time may."""
        return self.state == "closed" or (self.state == "half-open" and not self.probing)

    def begin(self) -> None:
        self.probing = self.state == "half-open"

    def succeeded(self) -> None:
        self.failures, self.opened_at, self.probing = 0, None, False

    def failed(self) -> None:
        self.failures += 1
        if self.probing or self.failures >= FAILURES_TO_OPEN:
            self.opened_at = self.clock()
        self.probing = False

    def abandoned(self) -> None:
        """The caller left before there was an outcome."""
        self.probing = False


@dataclass(slots=True)
class Replica:
    url: str
    breaker: Breaker = field(default_factory=Breaker)
    outstanding: int = 0


def parse_service_urls(value: str) -> list[str]:
    """`http://a:8001,http://b:8001/` → base URLs without a trailing slash. Raises ValueError."""
    urls = [url.strip().rstrip("/") for url in value.split(",") if url.strip()]
    for url in urls:
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"{url!r} is not an http(s) URL")
    if not urls:
        raise ValueError("no service URL")
    return list(dict.fromkeys(urls))


def rendezvous_order(replicas: list[Replica], key: str) -> list[Replica]:
    """The same key always prefers the same replica, whose cache then knows the answer."""
    return sorted(replicas, key=lambda replica: hashlib.sha256(f"{replica.url}|{key}".encode()).digest())


def order_of_choice(replicas: list[Replica], key: str | None) -> list[Replica]:
    """Whom to ask first, second …: by key where there is one, else the least busy; only those that may be asked."""
    able = [replica for replica in replicas if replica.breaker.allows()]
    if key is not None:
        return rendezvous_order(able, key)
    return sorted(able, key=lambda replica: replica.outstanding)
