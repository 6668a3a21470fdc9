"""Row ids: UUIDv7, made here (PostgreSQL has uuidv7() only from 18 on), so that keys grow with time."""

import uuid
from typing import Annotated

from fastapi import Path
from uuid_utils.compat import uuid7

from shared.models.base import now

__all__ = ["RowId", "new_id", "now"]


def new_id() -> uuid.UUID:
    return uuid7()


RowId = Annotated[uuid.UUID, Path(description="The id of the row, a UUIDv7.")]
