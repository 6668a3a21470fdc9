"""The one client for the three services, shared by the gateway's routes and the worker.

Retries don't multiply: here only connect errors (the request was never sent) and 503 with `Retry-After` are tried
again, twice at most and within the deadline; the steps of a run do the rest.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import structlog
from pydantic import SecretStr

from app.gateway.errors import ServiceTimeout, ServiceUnavailable
from app.gateway.replicas import Replica, order_of_choice, parse_service_urls
from shared.utils.request_context import outgoing_headers

log = structlog.get_logger(__name__)

CONNECT_TIMEOUT_S = 3.0
MAX_TRIES = 3
LONGEST_RETRY_AFTER_S = 3.0
# What a broken replica answers; anything below says that it works.
FAILING_STATUSES = frozenset({500, 502, 504})


@dataclass(frozen=True, slots=True)
class ServiceAnswer:
    status: int
    headers: dict[str, str]
    content: bytes


def make_http_session() -> aiohttp.ClientSession:
    """One pool for all services, without its own limits: 1,000 waiting requests are no error."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=10, keepalive_timeout=30),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S),
        read_bufsize=2**18,
    )


class ServiceClient:
    def __init__(
        self, name: str, urls: str, http: aiohttp.ClientSession, token: SecretStr | None, default_deadline_s: float
    ) -> None:
        self.name = name
        self.replicas = [Replica(url) for url in parse_service_urls(urls)]
        self.default_deadline_s = default_deadline_s
        self._http = http
        self._token = token

    def headers(self, deadline_s: float, extra: dict[str, str]) -> dict[str, str]:
        headers = {
            **outgoing_headers(),
            **extra,
            "X-Deadline-Ms": str(max(1, int(deadline_s * 1000))),
            # Answers pass on unread, so nobody here could undo a compression that the client does not know.
            "Accept-Encoding": "identity",
        }
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        return headers

    async def post(
        self, path: str, content: bytes, headers: dict[str, str], *, deadline_s: float | None = None
    ) -> ServiceAnswer:
        """The whole answer, whatever its status. Raises ServiceUnavailable, ServiceTimeout."""
        async with self.stream(path, content, headers, deadline_s=deadline_s) as response:
            try:
                body = await response.read()
            except (aiohttp.ClientError, OSError) as error:
                raise ServiceUnavailable(f"{self.name} broke off its answer.", service=self.name) from error
            return ServiceAnswer(response.status, {k.lower(): v for k, v in response.headers.items()}, body)

    @asynccontextmanager
    async def stream(
        self, path: str, content: bytes, headers: dict[str, str], *, deadline_s: float | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer as it comes. Leaving the block early closes the connection, which cancels the work upstream."""
        seconds = min(deadline_s or self.default_deadline_s, self.default_deadline_s)
        end = time.monotonic() + seconds
        try:
            async with asyncio.timeout(seconds):
                replica, response = await self._open(path, content, headers, end)
                try:
                    yield response
                finally:
                    replica.outstanding -= 1
                    if response.content.at_eof():
                        response.release()
                    else:
                        response.close()
        except TimeoutError:
            raise ServiceTimeout(f"{self.name} did not answer within {seconds:.0f} seconds.") from None

    async def _open(
        self, path: str, content: bytes, headers: dict[str, str], end: float
    ) -> tuple[Replica, aiohttp.ClientResponse]:
        key = headers.get("Idempotency-Key")
        failure = "no replica may be asked now"
        for attempt in range(MAX_TRIES):
            candidates = order_of_choice(self.replicas, key)
            if not candidates:
                break
            replica = candidates[min(attempt, len(candidates) - 1)]
            try:
                response = await self._send(replica, path, content, headers, end)
            except (aiohttp.ClientConnectorError, aiohttp.ServerTimeoutError) as error:
                failure = f"it cannot be reached ({type(error).__name__})"
                continue
            except (aiohttp.ClientError, OSError) as error:
                # The request may have been sent: whether to send it again is the caller's decision.
                failure = f"the connection broke ({type(error).__name__})"
                break
            pause = self._pause_before_retry(response, attempt, end)
            if pause is None:
                return replica, response
            replica.outstanding -= 1
            response.close()
            await asyncio.sleep(pause)
        raise ServiceUnavailable(f"{self.name} is not available: {failure}.", service=self.name)

    async def _send(
        self, replica: Replica, path: str, content: bytes, headers: dict[str, str], end: float
    ) -> aiohttp.ClientResponse:
        replica.breaker.begin()
        replica.outstanding += 1
        try:
            response = await self._http.post(
                replica.url + path, data=content, headers=self.headers(end - time.monotonic(), headers)
            )
        except (aiohttp.ClientError, OSError):
            replica.outstanding -= 1
            replica.breaker.failed()
            raise
        except BaseException:
            replica.outstanding -= 1
            replica.breaker.abandoned()
            raise
        if response.status in FAILING_STATUSES:
            replica.breaker.failed()
        else:
            replica.breaker.succeeded()
        return response

    @staticmethod
    def _pause_before_retry(response: aiohttp.ClientResponse, attempt: int, end: float) -> float | None:
        if response.status != 503 or attempt + 1 == MAX_TRIES:
            return None
        after = response.headers.get("Retry-After", "")
        if not after.isdecimal() or int(after) > LONGEST_RETRY_AFTER_S or time.monotonic() + int(after) >= end:
            return None
        return float(after)
