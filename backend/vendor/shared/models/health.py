"""What `GET /health` of every service and `GET /api/v1/services/health` of the gateway answer."""

from typing import Literal

from shared.models.base import ResponseModel

ServiceStatus = Literal["ok", "starting", "degraded", "down"]


class EngineHealth(ResponseModel):
    name: str
    model: str | None = None
    ready: bool
    detail: str | None = None


class ServiceHealth(ResponseModel):
    service: str
    status: Literal["ok", "starting", "degraded"]
    version: str
    engines: list[EngineHealth] = []
    uptime_s: float


class ReplicaHealth(ResponseModel):
    url: str
    status: ServiceStatus
    latency_ms: float | None = None
    breaker: Literal["closed", "open", "half-open"] = "closed"
    detail: str | None = None


class ServiceReport(ResponseModel):
    name: str
    status: ServiceStatus
    replicas: list[ReplicaHealth]
    engines: list[EngineHealth] = []
    detail: str | None = None


class SystemHealth(ResponseModel):
    status: Literal["ok", "degraded", "down"]
    services: list[ServiceReport]
