"""Ports: which a stack takes, whether they are free, and who has them if not."""

import socket
import time
from dataclasses import dataclass

import psutil

from orchestrate.errors import PortInUse

SERVICES = ("describe-image", "extract-webcontent", "generate-description")
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class PortBlock:
    """One port for each process."""

    backend: int
    services: dict[str, int]

    @classmethod
    def from_first(cls, first: int) -> "PortBlock":
        return cls(first, {name: first + offset for offset, name in enumerate(SERVICES, start=1)})

    @classmethod
    def free(cls) -> "PortBlock":
        first, *others = free_ports(1 + len(SERVICES))
        return cls(first, dict(zip(SERVICES, others, strict=True)))

    def named(self) -> dict[str, int]:
        return {"backend": self.backend, **self.services}


def free_ports(count: int) -> list[int]:
    """Ports that nobody has now. All are held until the last is known, so that no two are the same."""
    held = [socket.socket() for _ in range(count)]
    try:
        for each in held:
            each.bind((HOST, 0))
        return [each.getsockname()[1] for each in held]
    finally:
        for each in held:
            each.close()


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a port whose last connections are still closing is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def owner(port: int) -> str | None:
    """Name and id of the process that listens on the port, where the system tells us."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except (psutil.AccessDenied, OSError):
        return None
    for connection in connections:
        address = connection.laddr
        if connection.status == psutil.CONN_LISTEN and address and address.port == port and connection.pid:
            try:
                process = psutil.Process(connection.pid)
                command = " ".join(process.cmdline())[:120] or process.name()
            except psutil.Error:
                return f"process {connection.pid}"
            return f"{process.name()} (process {connection.pid}: {command})"
    return None


def require_free(ports: dict[str, int], patience_s: float = 2.0) -> None:
    """Raises PortInUse. Waits a moment: what we ended a second ago may still be letting go of its port."""
    deadline = time.monotonic() + patience_s
    while taken := {name: port for name, port in ports.items() if not is_free(port)}:
        if time.monotonic() > deadline:
            lines = [
                f"port {port} (for {name}) is in use by {owner(port) or 'another process'}"
                for name, port in taken.items()
            ]
            raise PortInUse(
                "; ".join(lines) + ".",
                "Stop it, or move the whole block of ports: ./orchestrate up --port 9000",
            )
        time.sleep(0.1)
