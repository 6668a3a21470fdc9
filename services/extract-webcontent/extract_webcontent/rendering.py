"""Where a browser slots in: pages that show nothing until their scripts have run."""

from dataclasses import dataclass
from typing import Protocol

from shared.models.health import EngineHealth


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """The document after its scripts have run, as the browser serialises it."""

    html: str
    final_url: str
    status: int


class Renderer(Protocol):
    """Runs a page in a browser. Each call is isolated from every other."""

    def health(self) -> EngineHealth: ...

    async def render(self, url: str, *, timeout_s: float) -> RenderedPage:
        """Raises RenderingUnavailable, or an OutboundError as a plain fetch would."""
        ...


def no_renderer_health() -> EngineHealth:
    return EngineHealth(name="browser", ready=False, detail="rendering unavailable: no browser is configured")
