"""Where a browser slots in: pages that show nothing until their scripts have run."""

from dataclasses import dataclass
from typing import Protocol

from extract_webcontent.errors import RenderingUnavailable
from shared.models.health import EngineHealth


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """The document after its scripts have run, as the browser serialises it."""

    html: str
    final_url: str
    status: int


class Renderer(Protocol):
    """Runs a page in a browser. Each call is isolated from every other."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    def health(self) -> EngineHealth: ...

    async def render(self, url: str, *, timeout_s: float) -> RenderedPage:
        """Ends within `timeout_s`, and with the task that awaits it.

        Raises RenderingUnavailable, ServiceBusy, UnsupportedPage, PageTooComplex or ReadingTimeout, or an OutboundError
        as a plain fetch would.
        """
        ...


@dataclass(frozen=True, slots=True)
class NoRenderer:
    """For a machine without a browser, or a service that shall not use one."""

    reason: str

    async def open(self) -> None:
        pass

    async def close(self) -> None:
        pass

    def health(self) -> EngineHealth:
        return EngineHealth(name="browser", ready=False, detail=f"rendering unavailable: {self.reason}")

    async def render(self, url: str, *, timeout_s: float) -> RenderedPage:
        raise RenderingUnavailable(
            f'Rendering is not available on this server: {self.reason}. "auto" or "never" reads the page without a '
            "browser."
        )
