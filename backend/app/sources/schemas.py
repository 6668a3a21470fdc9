import uuid
from typing import Annotated

from pydantic import StringConstraints

from shared.models.base import RequestModel, ResponseModel, Timestamp
from shared.models.problems import Problem


class SourceCreate(RequestModel):
    url: Annotated[str, StringConstraints(min_length=8, max_length=4096, pattern=r"^https?://\S+$")]


class SourceRead(ResponseModel):
    id: uuid.UUID
    url: str
    title: str | None
    language: str | None
    blocked: str | None
    snapshot_sha256: str | None
    fetched_at: Timestamp | None
    problem: Problem | None
    fact_count: int = 0


class SnapshotRead(ResponseModel):
    """The page's text as it was read; the locators of its facts refer to it."""

    sha256: str
    text: str
