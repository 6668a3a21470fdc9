import uuid
from typing import Annotated

from pydantic import StringConstraints

from shared.models.base import RequestModel, ResponseModel, Timestamp

CommentText = Annotated[str, StringConstraints(min_length=1, max_length=10_000, strip_whitespace=True)]


class CommentWrite(RequestModel):
    text: CommentText


class CommentAuthor(ResponseModel):
    """`id` is null for the command line, and for who is no longer a user."""

    id: uuid.UUID | None
    name: str


class CommentRead(ResponseModel):
    id: uuid.UUID
    author: CommentAuthor
    text: str
    created_at: Timestamp
    edited_at: Timestamp | None
