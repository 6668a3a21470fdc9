"""Cursor paging: `{items, next_cursor, total}`; the cursor stays right while rows are added or removed."""

import base64
import binascii
import json
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.models.problems import InvalidField
from shared.utils.errors import AppError

EXACT_TOTAL_LIMIT = 10_000

Item = TypeVar("Item")

Limit = Annotated[int, Query(ge=1, le=200, description="How many items at most.")]
Cursor = Annotated[str | None, Query(max_length=1000, description="`next_cursor` of the page before.")]


class InvalidCursor(AppError):
    status, title = 422, "The cursor is not valid"


class Page(BaseModel, Generic[Item]):
    items: list[Item]
    next_cursor: str | None = None
    total: int | None = Field(default=None, description="Exact up to 10,000, else null.")


def encode_cursor(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values, default=str).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, length: int) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        values = None
    if not isinstance(values, list) or len(values) != length:
        raise InvalidCursor(
            "Use next_cursor as it was given.", errors=[InvalidField(detail="Not a cursor.", parameter="cursor")]
        )
    return values


async def bounded_total(session: AsyncSession, query: Select[Any]) -> int | None:
    """Counting stops just past the limit: an exact count of a million rows is not worth its time."""
    limited = query.order_by(None).limit(EXACT_TOTAL_LIMIT + 1).subquery()
    counted = await session.scalar(select(func.count()).select_from(limited)) or 0
    return counted if counted <= EXACT_TOTAL_LIMIT else None
