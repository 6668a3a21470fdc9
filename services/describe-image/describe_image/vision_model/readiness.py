"""Whether the vision model can be asked: it is looked for, and asked once before anybody waits for it."""

import asyncio
import time
from io import BytesIO

import structlog
from openai import OpenAIError
from PIL import Image

from describe_image.vision_model.ask import ChatEndpoint
from describe_image.vision_model.errors import VisionModelBusy, VisionModelFailed
from describe_image.vision_model.prompt import Prompt, build_prompt
from shared.models.describe import DescribeOptions

log = structlog.get_logger(__name__)

PROBE_S = 5.0
WARM_UP_S = 120.0
WHILE_LOADING_S = 2.0
WHILE_READY_S = 15.0


def warm_up_question() -> tuple[Prompt, bytes]:
    buffer = BytesIO()
    Image.new("RGB", (56, 56), "white").save(buffer, "JPEG")
    return build_prompt(DescribeOptions()), buffer.getvalue()


class Readiness:
    """`ready` once the server lists its models and has answered the warm-up; its loss is noticed within seconds."""

    def __init__(self, endpoint: ChatEndpoint, wanted_model: str | None, start_grace_s: float) -> None:
        self.endpoint = endpoint
        self.wanted_model = wanted_model
        self.model = wanted_model
        self.ready = False
        self.starting = True
        self.detail = "Its server is being looked for."
        self._warm = False
        self._grace_ends = time.monotonic() + start_grace_s

    async def watch(self) -> None:
        """Until cancelled."""
        while True:
            await self.check()
            await asyncio.sleep(WHILE_READY_S if self.ready else WHILE_LOADING_S)

    async def check(self) -> None:
        try:
            names = await self.endpoint.models(PROBE_S)
        except (OpenAIError, TimeoutError, OSError) as error:
            status = getattr(error, "status_code", None)
            if status in {401, 403}:
                self._lost(f"Its server answers {status}: set QWEN_API_KEY to a key that it knows.", starting=False)
            else:
                self._lost(f"Its server does not answer yet ({type(error).__name__}).")
            return
        if self.wanted_model is not None and self.wanted_model not in names:
            offered = ", ".join(names[:5]) or "none"
            self._lost(f"Its server has no model {self.wanted_model}; it offers {offered}.", starting=False)
            return
        self.model = self.wanted_model or (names[0] if names else None)
        if self.model is None:
            self._lost("Its server offers no model.")
            return
        if not self._warm:
            await self._warm_up(self.model)
        self.ready, self.starting, self.detail = True, False, "Ready."

    async def _warm_up(self, model: str) -> None:
        """The first answer of a server takes many times as long as the others: nobody should wait for it."""
        started = time.monotonic()
        prompt, image = warm_up_question()
        try:
            await self.endpoint.ask(model, prompt, image, WARM_UP_S)
        except (VisionModelFailed, VisionModelBusy, TimeoutError) as error:
            # A white square is no product: what counts is that it was computed.
            log.info("vision_model_warm_up_unanswered", error=str(error))
        self._warm = True
        log.info("vision_model_ready", model=model, warm_up_s=round(time.monotonic() - started, 2))

    def _lost(self, detail: str, *, starting: bool = True) -> None:
        if self.ready:
            log.warning("vision_model_lost", detail=detail)
        # A server that was there and went, or never came, is no server that starts: nobody must wait for it.
        self.starting = starting and not self._warm and time.monotonic() < self._grace_ends
        self.ready, self.detail = False, detail
