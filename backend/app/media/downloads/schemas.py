import uuid
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.models.base import RequestModel, ResponseModel, Timestamp

DownloadStatus = Literal["pending", "done", "failed"]


class ImageDownloadCreate(RequestModel):
    url: Annotated[str, StringConstraints(min_length=8, max_length=4096, pattern=r"^https?://\S+$")]
    alt: Annotated[str, StringConstraints(max_length=500)] = ""


class ImageDownloadRead(ResponseModel):
    id: uuid.UUID
    url: str
    alt: str
    status: DownloadStatus
    reason: str | None = Field(description="Why it failed, or why it is tried once more.")
    attempts: int
    image_id: uuid.UUID | None = Field(description="The image that came of it, as long as the product has it.")
    created_at: Timestamp
    updated_at: Timestamp


class ImageDownloadsRetried(ResponseModel):
    retried: int
