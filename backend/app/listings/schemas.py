import uuid
from typing import Literal

from app.facts.schemas import MergedFactRead
from shared.models.base import ResponseModel, Timestamp
from shared.models.generate import Listing

ListingStatus = Literal["needs_review", "approved", "rejected", "superseded"]


class ListingRead(ResponseModel):
    """`facts` are those that the claims cite, as they were when the text was written."""

    id: uuid.UUID
    language: str
    version: int
    status: ListingStatus
    author: str
    run_id: uuid.UUID | None
    created_at: Timestamp
    content: Listing
    facts: list[MergedFactRead]
