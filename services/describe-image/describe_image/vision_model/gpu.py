"""GPU memory and load in `/metrics`, where a driver is: asked of nvidia-smi, at most every few seconds."""

import shutil
import subprocess
import time
from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

QUERY = "--query-gpu=index,memory.used,memory.total,utilization.gpu"
MEBIBYTE = 1024 * 1024
KEPT_S = 5.0


class GpuCollector(Collector):
    def __init__(self, command: str) -> None:
        self.command = command
        self._read_at = float("-inf")
        self._rows: list[list[float]] = []

    def rows(self) -> list[list[float]]:
        if time.monotonic() - self._read_at > KEPT_S:
            self._read_at = time.monotonic()
            try:
                answer = subprocess.run(
                    [self.command, QUERY, "--format=csv,noheader,nounits"],
                    capture_output=True,
                    text=True,
                    timeout=2,
                    check=True,
                )
                self._rows = [[float(cell) for cell in line.split(",")] for line in answer.stdout.splitlines()]
            except (OSError, ValueError, subprocess.SubprocessError):
                # A driver that hangs or is away must not take the metrics with it.
                self._rows = []
        return self._rows

    def collect(self) -> Iterator[GaugeMetricFamily]:
        used = GaugeMetricFamily("gpu_memory_used_bytes", "GPU memory in use.", labels=["gpu"])
        total = GaugeMetricFamily("gpu_memory_total_bytes", "GPU memory there is.", labels=["gpu"])
        load = GaugeMetricFamily("gpu_utilization_ratio", "Share of time in which the GPU worked.", labels=["gpu"])
        for index, memory_used, memory_total, utilization in self.rows():
            gpu = [str(int(index))]
            used.add_metric(gpu, memory_used * MEBIBYTE)
            total.add_metric(gpu, memory_total * MEBIBYTE)
            load.add_metric(gpu, utilization / 100)
        yield from (used, total, load)


def register_gpu(registry: CollectorRegistry) -> None:
    command = shutil.which("nvidia-smi")
    if command is not None:
        registry.register(GpuCollector(command))
