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

    def refuse_while_starting(self) -> None:
        """Raises ServiceBusy while it loads: an answer without it now would be worse than one a little later."""
        ...

    def answer_key(self, options: DescribeOptions) -> tuple[str | None, ...]:
        """All that an answer depends on, besides the image."""
        ...

    async def describe(self, content: bytes, options: DescribeOptions) -> DescribeResponse: ...


class VisionModelNotConfigured:
    """Stands where a vision model would be, and says how to get it."""

    name = "qwen2.5-vl"
    detail = (
        "No vision model is connected. Set QWEN_BASE_URL to an OpenAI-compatible server that has one, "
        'or ask for "auto" or "label-reader": labels are read in any case.'
    )

    def health(self) -> EngineHealth:
        return EngineHealth(name=self.name, ready=False, detail=self.detail)

    def refuse_while_starting(self) -> None:
        return

    def answer_key(self, options: DescribeOptions) -> tuple[str | None, ...]:
        return (self.name,)

    async def describe(self, content: bytes, options: DescribeOptions) -> DescribeResponse:
        raise EngineUnavailable(self.detail, engine=self.name)
