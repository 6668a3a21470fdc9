import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from shared.models.base import ResponseModel, Timestamp

Action = Literal[
    "insert",
    "update",
    "delete",
    "sign_in",
    "sign_in_failed",
    "password_set",
    "password_changed",
    "password_reset_link",
    "sessions_ended",
]

TableName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


class HistoryEvent(ResponseModel):
    """`before` is null for what is new, `after` for what is gone; of a change both have the changed columns alone.

    Columns that are very long are told by their hash where a row is new: the row itself has them then.
    """

    id: int
    at: Timestamp
    actor_id: uuid.UUID | None
    actor_name: str = Field(description="The name as it was then; `system` where no person was at work.")
    action: str
    table: str
    row_id: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class AuditEventRead(HistoryEvent):
    product_id: uuid.UUID | None
    api_key_id: uuid.UUID | None = Field(description="The key that it was done with, if any.")
    request_id: str | None


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """All that are given must hold."""

    product_id: uuid.UUID | None = None
    actor_id: uuid.UUID | None = None
    action: str | None = None
    table: str | None = None
    since: datetime | None = None
    until: datetime | None = None
