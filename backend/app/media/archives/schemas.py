import uuid
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.models.base import RequestModel, ResponseModel, Timestamp

ArchiveStatus = Literal["matching", "matched", "adding", "finished", "failed", "undone"]
FileOutcome = Literal["pending", "added", "already_there", "unmatched", "ignored", "failed", "removed"]
PhotoName = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class ArchiveCounts(ResponseModel):
    total: int = 0
    matched: int = Field(default=0, description="Files for which there is a product, whatever became of them.")
    pending: int = Field(default=0, description="Matched, and not added yet.")
    added: int = 0
    already_there: int = 0
    unmatched: int = 0
    ignored: int = Field(default=0, description="Files that are no photos.")
    failed: int = 0
    removed: int = Field(default=0, description="Added, and taken away again by undo.")


class PhotoArchiveRead(ResponseModel):
    id: uuid.UUID
    file_name: str
    size_bytes: int
    status: ArchiveStatus
    dry_run: bool
    reason: str | None
    created_by: str
    created_at: Timestamp
    ended_at: Timestamp | None
    counts: ArchiveCounts


class PhotoArchiveFileRead(ResponseModel):
    number: int = Field(description="Its place in the order of adding.")
    name: str
    product_id: uuid.UUID | None
    sku: str | None
    outcome: FileOutcome
    reason: str | None
    image_id: uuid.UUID | None


class PhotoNames(RequestModel):
    names: list[PhotoName] = Field(min_length=1, max_length=5000, description="With their folders: `MUG-1/front.jpg`.")


class PhotoMatchRead(ResponseModel):
    name: str
    product_id: uuid.UUID | None
    sku: str | None
    order: int | None = Field(description="Its place among the photos of its product here, from 0.")
    reason: str | None = Field(description="Why no product was found.")
