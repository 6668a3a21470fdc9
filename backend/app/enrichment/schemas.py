import uuid
from typing import Annotated, Literal

from pydantic import Field

from shared.models.base import Language, RequestModel, ResponseModel, Timestamp, Usage
from shared.models.generate import GenerateEngine
from shared.models.problems import Problem

RunStatus = Literal["queued", "running", "waiting", "paused", "succeeded", "partial", "failed", "cancelled"]
StepStatus = Literal["pending", "running", "succeeded", "reused", "skipped", "failed"]


class EnrichRequest(RequestModel):
    """All optional. `force` does unchanged steps again, too."""

    languages: Annotated[list[Language], Field(min_length=1, max_length=50)] | None = None
    engine: GenerateEngine = "auto"
    ui_language: Language = "en"
    force: bool = False


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
