"""What `/metrics` says of the vision model: who waits, how fast it writes, how it fails."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from shared.models.base import Usage

SECONDS = (0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120)


class Measure:
    def __init__(self, measures: "VisionMeasures") -> None:
        self.measures = measures
        self.started = time.perf_counter()
        self.outcome = "failed"

    def finished(self, usage: Usage) -> None:
        seconds = time.perf_counter() - self.started
        self.outcome = "answered"
        self.measures.tokens.labels("input").inc(usage.input_tokens)
        self.measures.tokens.labels("output").inc(usage.output_tokens)
        if seconds > 0:
            self.measures.speed.set(usage.output_tokens / seconds)


class VisionMeasures:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.waiting = 0
        self._waiting = Gauge("vision_model_waiting", "Photos that wait for their turn.", registry=registry)
        self._asking = Gauge("vision_model_in_progress", "Photos that the model looks at now.", registry=registry)
        self._seconds = Histogram(
            "vision_model_seconds", "Time of one question.", ["outcome"], buckets=SECONDS, registry=registry
        )
        self.tokens = Counter("vision_model_tokens_total", "Tokens by direction.", ["direction"], registry=registry)
        self.speed = Gauge(
            "vision_model_output_tokens_per_second", "Of the last answer, prompt included.", registry=registry
        )

    @contextmanager
    def queued(self) -> Iterator[None]:
        self.waiting += 1
        self._waiting.set(self.waiting)
        try:
            yield
        finally:
            self.waiting -= 1
            self._waiting.set(self.waiting)

    @contextmanager
    def asking(self) -> Iterator[Measure]:
        measure = Measure(self)
        self._asking.inc()
        try:
            yield measure
        finally:
            self._asking.dec()
            self._seconds.labels(measure.outcome).observe(time.perf_counter() - measure.started)
