"""How the services are: asked on a timer, answered from memory, so that nobody waits for a service that hangs."""

import asyncio
import time
from collections.abc import Sequence
from typing import Literal

import aiohttp
import structlog
from pydantic import ValidationError

from app.gateway.client import ServiceClient
from app.gateway.replicas import Replica
from shared.models.health import EngineHealth, ReplicaHealth, ServiceHealth, ServiceReport, ServiceStatus, SystemHealth

log = structlog.get_logger(__name__)

CHECK_TIMEOUT_S = 2.0


class HealthMonitor:
    def __init__(self, clients: Sequence[ServiceClient], http: aiohttp.ClientSession, interval_s: float) -> None:
        self._clients = clients
        self._http = http
        self._interval_s = interval_s
        self._found: dict[str, tuple[ReplicaHealth, list[EngineHealth]]] = {}

    async def run(self) -> None:
        while True:
            await self.check()
            await asyncio.sleep(self._interval_s)

    async def check(self) -> None:
        replicas = [(client.name, replica) for client in self._clients for replica in client.replicas]
        found = await asyncio.gather(*(self._check_replica(replica) for _, replica in replicas))
        for (name, replica), (health, engines) in zip(replicas, found, strict=True):
            before = self._found.get(replica.url)
            if before is not None and before[0].status != health.status:
                log.info("service_status_changed", target=name, url=replica.url, status=health.status)
            self._found[replica.url] = (health, engines)

    async def _check_replica(self, replica: Replica) -> tuple[ReplicaHealth, list[EngineHealth]]:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_S):
                async with self._http.get(f"{replica.url}/health") as response:
                    health = ServiceHealth.model_validate_json(await response.read())
        except (TimeoutError, aiohttp.ClientError, OSError, ValidationError) as error:
            detail = "no answer in time" if isinstance(error, TimeoutError) else f"no answer: {type(error).__name__}"
            return ReplicaHealth(url=replica.url, status="down", detail=detail), []
        latency = round((time.perf_counter() - started) * 1000, 1)
        return ReplicaHealth(url=replica.url, status=health.status, latency_ms=latency), health.engines

    def report(self) -> SystemHealth:
        services = [self._service_report(client) for client in self._clients]
        statuses = {service.status for service in services}
        status: Literal["ok", "degraded", "down"] = "degraded"
        if statuses == {"ok"}:
            status = "ok"
        elif statuses == {"down"}:
            status = "down"
        return SystemHealth(status=status, services=services)

    def engines(self, service: str) -> list[EngineHealth]:
        """The engines of a service that are ready."""
        return [
            engine
            for client in self._clients
            if client.name == service
            for engine in self._service_report(client).engines
            if engine.ready
        ]

    def _service_report(self, client: ServiceClient) -> ServiceReport:
        replicas: list[ReplicaHealth] = []
        engines: dict[str, EngineHealth] = {}
        for replica in client.replicas:
            unknown = ReplicaHealth(url=replica.url, status="starting", detail="not asked yet"), list[EngineHealth]()
            health, found = self._found.get(replica.url, unknown)
            replicas.append(health.model_copy(update={"breaker": replica.breaker.state}))
            for engine in found:
                if engine.name not in engines or engine.ready:
                    engines[engine.name] = engine
        status = service_status([replica.status for replica in replicas])
        detail = None
        if status == "down":
            detail = f"{client.name} does not answer; the other services work as before."
        return ServiceReport(
            name=client.name, status=status, replicas=replicas, engines=list(engines.values()), detail=detail
        )


def service_status(replicas: Sequence[ServiceStatus]) -> ServiceStatus:
    """One good replica keeps a service up; one bad among good ones degrades it."""
    if all(status == "ok" for status in replicas):
        return "ok"
    if all(status == "down" for status in replicas):
        return "down"
    return "starting" if all(status in {"starting", "down"} for status in replicas) else "degraded"
