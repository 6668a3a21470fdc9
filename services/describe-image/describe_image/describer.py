"""The seam between the HTTP side and what looks at an image: each engine is one `Describer`."""

from typing import Protocol

from describe_image.errors import EngineUnavailable
from shared.models.describe import DescribeOptions, DescribeResponse
from shared.models.health import EngineHealth


class Describer(Protocol):
    """One engine. `describe` never blocks the event loop and raises only AppErrors for what callers can do wrong."""

    @property
    def name(self) -> str: ...

    def health(self) -> EngineHealth:
        """Asked on every health check, so it must be cheap."""
        ...

    async def describe(self, content: bytes, options: DescribeOptions) -> DescribeResponse: ...


class VisionModelNotConfigured:
    """Stands where a vision model would be, and says how to get it."""

    name = "qwen2.5-vl"
    detail = (
        "No vision model is connected: this release reads labels only. "
        'Leave "engine" at "auto", or ask for "label-reader".'
    )

    def health(self) -> EngineHealth:
        return EngineHealth(name=self.name, ready=False, detail=self.detail)

    async def describe(self, content: bytes, options: DescribeOptions) -> DescribeResponse:
        raise EngineUnavailable(self.detail, engine=self.name)


class Describers:
    """The engines of this process, best first."""

    def __init__(self, engines: list[Describer]) -> None:
        self._engines = {engine.name: engine for engine in engines}

    def health(self) -> list[EngineHealth]:
        return [engine.health() for engine in self._engines.values()]

    def choose(self, name: str) -> Describer:
        """`auto` is the first engine that is ready. Raises EngineUnavailable."""
        if name == "auto":
            for engine in self._engines.values():
                if engine.health().ready:
                    return engine
            raise EngineUnavailable("No engine is ready.", engine=name)
        if name not in self._engines:
            raise EngineUnavailable(f"There is no engine {name!r} here.", engine=name)
        return self._engines[name]
