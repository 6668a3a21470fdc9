"""What every engine with a model is to the rest: one question, one answer, a deadline."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import pydantic

from generate_description.engines.prompt import Prompt, Task
from shared.models.base import Usage

OnText = Callable[[str], None]


class EngineFailed(Exception):
    """An engine gave no usable answer; the message says why, for the notes of the listing."""


class EngineBusy(EngineFailed):
    """The engine works, but not soon enough for this caller."""


class WrittenPassage(pydantic.BaseModel):
    ids: list[int] = []
    text: str


class WrittenListing(pydantic.BaseModel):
    title: str = ""
    sentences: list[WrittenPassage]
    bullets: list[WrittenPassage] = []


@dataclass(frozen=True, slots=True)
class Written:
    listing: WrittenListing
    model: str
    usage: Usage


class ModelEngine(Protocol):
    name: str
    model: str
    task: Task
    """What it is asked for."""

    def ready(self) -> tuple[bool, str]:
        """Whether it can be asked, and a word about it. Cheap."""

    async def write(self, prompt: Prompt, model: str | None, seconds: float, on_text: OnText | None) -> Written:
        """Raises EngineFailed."""

    async def close(self) -> None: ...


@asynccontextmanager
async def limited(semaphore: asyncio.Semaphore, seconds: float) -> AsyncGenerator[None, None]:
    try:
        await asyncio.wait_for(semaphore.acquire(), seconds)
    except TimeoutError as error:
        raise EngineBusy("it is busy") from error
    try:
        yield
    finally:
        semaphore.release()
