"""What a stack consists of: each process's command, folder and environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from orchestrate.stack.child import ChildSpec
from orchestrate.stack.ports import HOST, SERVICES, PortBlock
from orchestrate.workspace import Workspace

SHUTDOWN_S = 8


@dataclass(frozen=True)
class StackPlan:
    """`environment` is what every process gets; secrets and addresses are added here."""

    workspace: Workspace
    ports: PortBlock
    data: Path
    database_home: Path
    logs: Path
    service_token: str
    api_key: str
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    database_url: str | None = None
    postgres_port: int = 0
    throw_away: bool = False
    cache: Path | None = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.ports.backend}"

    def base_environment(self) -> dict[str, str]:
        environment = {
            **self.environment,
            "PYTHONUNBUFFERED": "1",
            "LOG_FORMAT": "json",
            "SERVICE_TOKEN": self.service_token,
        }
        # Each has its own settings; what a shell has set for a server on this port must not reach another.
        for name in ("PORT", "HOST", "UVICORN_PORT", "UVICORN_HOST", "PYTHONPATH"):
            environment.pop(name, None)
        if self.cache is not None:
            environment["CACHE_DIR"] = str(self.cache)
        else:
            environment.setdefault("CACHE_DIR", str(self.workspace.home / "cache"))
        return environment

    def server(self, name: str, module: str, folder: Path, port: int, environment: Mapping[str, str]) -> ChildSpec:
        options = ("--host", HOST, "--port", str(port), "--timeout-graceful-shutdown", str(SHUTDOWN_S))
        command = (str(self.workspace.python), "-m", "uvicorn", module, *options)
        return ChildSpec(name, command, folder, environment, port)

    def services(self) -> list[ChildSpec]:
        environment = self.base_environment()
        folder = self.workspace.root / "services"
        return [
            self.server(name, "main:app", folder / name, self.ports.services[name], environment) for name in SERVICES
        ]

    def backend(self, database_url: str, frontend: Path | None) -> ChildSpec:
        environment = self.base_environment()
        environment |= {
            f"{name.upper().replace('-', '_')}_SERVICE_URL": f"http://{HOST}:{port}"
            for name, port in self.ports.services.items()
        }
        environment |= {
            "DATABASE_URL": database_url,
            "BACKEND_DATA_DIR": str(self.data),
            "BACKEND_LOCAL_API_KEY": self.api_key,
        }
        if frontend is not None:
            environment["BACKEND_FRONTEND_DIR"] = str(frontend)
        return self.server("backend", "app.main:app", self.workspace.root / "backend", self.ports.backend, environment)
