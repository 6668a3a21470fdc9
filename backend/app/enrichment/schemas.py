import uuid
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.models.base import Language, RequestModel, ResponseModel, Timestamp, Usage
from shared.models.generate import GenerateEngine
from shared.models.problems import Problem

RunStatus = Literal["queued", "running", "waiting", "paused", "succeeded", "partial", "failed", "cancelled"]
StepStatus = Literal["pending", "running", "succeeded", "reused", "skipped", "failed"]

VoiceKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]


class EnrichRequest(RequestModel):
    """All optional. `force` does unchanged steps again, too. What is not said here is as the settings say."""

    languages: Annotated[list[Language], Field(min_length=1, max_length=50)] | None = None
    engine: GenerateEngine = "auto"
    model: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")] | None = None
    brand_voice: VoiceKey | None = Field(
        default=None, description="The key of a brand voice; without it the one for the brand or category is used."
    )
    ui_language: Language = "en"
    force: bool = False


class DocumentUsed(ResponseModel):
    """A settings document. Version 0: a draft that was not saved."""

    key: str
    name: str
    version: int


class SettingsUsed(ResponseModel):
    """By which versions of the settings a step worked."""

    brand_voice: DocumentUsed | None = None
    glossaries: list[DocumentUsed] = []
    prompt: DocumentUsed | None = None


class RunSummary(ResponseModel):
    id: uuid.UUID
    status: RunStatus
    created_at: Timestamp
    finished_at: Timestamp | None = None


class StepRead(ResponseModel):
    key: str
    label: str
    status: StepStatus
    attempts: int
    engine: str | None
    usage: Usage | None
    settings_used: SettingsUsed | None = Field(
        default=None, description="A reused text shows the versions that it was written by."
    )
    problem: Problem | None
    started_at: Timestamp | None
    finished_at: Timestamp | None


class RunRead(ResponseModel):
    """`missing` says in words what the result lacks; `joined` that this run was already under way."""

    id: uuid.UUID
    product_id: uuid.UUID
    status: RunStatus
    detail: str | None
    missing: list[str]
    steps: list[StepRead]
    usage: Usage
    created_at: Timestamp
    started_at: Timestamp | None
    finished_at: Timestamp | None
    joined: bool = False
