"""Orders of the catalogue, and cursors that stay right while rows come, go and move.

A cursor is the sort key and id of the last row that was shown: what follows is what now sorts after it. So a row that
stays is neither skipped nor shown twice; one that moves is seen where it is by then.
"""

import base64
import binascii
import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from fastapi import Query
from sqlalchemy import ColumnElement, DateTime, Numeric, Text, Uuid, cast, literal_column, tuple_
from sqlalchemy.types import TypeEngine

from app.catalogue.schemas import CatalogueFilter, Sort
from app.common.paging import InvalidCursor
from app.products.models import PRICE_DOWN, PRICE_UP, Product
from shared.models.problems import InvalidField

Cursor = Annotated[str | None, Query(max_length=2000, description="`next_cursor` of the page before.")]

products = Product.__table__


@dataclass(frozen=True, slots=True)
class Order:
    key: ColumnElement[Any]
    type: TypeEngine[Any]
    read: Callable[[str], object]
    descending: bool

    def by(self, key: ColumnElement[Any], identifier: ColumnElement[Any]) -> list[ColumnElement[Any]]:
        return [key.desc(), identifier.desc()] if self.descending else [key, identifier]

    def after(self, key: Any, identifier: Any) -> ColumnElement[bool]:
        here = tuple_(self.key, products.c.id)
        there = tuple_(cast(key, self.type), cast(identifier, Uuid))
        return here < there if self.descending else here > there


@dataclass(frozen=True, slots=True)
class Position:
    """The sort key, as PostgreSQL writes it, and the id of a row."""

    key: str
    id: uuid.UUID


def read_moment(key: str) -> datetime:
    return datetime.fromisoformat(key)


def read_amount(key: str) -> Decimal:
    amount = Decimal(key)
    if amount.is_nan() or (amount.is_finite() and not -30 < amount.adjusted() < 30):
        raise ValueError("no price")
    return amount


def read_text(key: str) -> str:
    if "\x00" in key:
        raise ValueError("no text of a database")
    return key


def order_of(sort: Sort) -> Order:
    descending = sort.startswith("-")
    match sort.lstrip("-"):
        case "created_at":
            return Order(products.c.created_at, DateTime(timezone=True), read_moment, descending)
        case "updated_at":
            return Order(products.c.updated_at, DateTime(timezone=True), read_moment, descending)
        case "price":
            key = literal_column(PRICE_DOWN if descending else PRICE_UP, Numeric)
            return Order(key, Numeric(), read_amount, descending)
        case "sku":
            return Order(products.c.sku, Text(), read_text, descending)
        case _:
            return Order(products.c.name_key, Text(), read_text, descending)


def fingerprint(asked: CatalogueFilter, sort: Sort, user_id: uuid.UUID | None) -> str:
    """Of what the cursor belongs to; with another filter or order its position would mean something else."""
    filters = asked.model_dump(mode="json", exclude_defaults=True, include=set(CatalogueFilter.model_fields))
    content = json.dumps([sort, filters, str(user_id) if asked.assignee == "me" else None], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def encode_position(position: Position, mark: str) -> str:
    content = json.dumps([mark, position.key, str(position.id)], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def invalid_cursor(detail: str) -> InvalidCursor:
    return InvalidCursor(detail, errors=[InvalidField(detail=detail, parameter="cursor")])


def decode_position(cursor: str, mark: str, order: Order) -> Position:
    try:
        found, key, identifier = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
        position = Position(str(order.read(str(key))), uuid.UUID(identifier))
    except (binascii.Error, ValueError, TypeError, AttributeError, InvalidOperation, RecursionError):
        raise invalid_cursor("Use next_cursor as it was given.") from None
    if found != mark:
        raise invalid_cursor("The cursor belongs to another filter or order. Begin again without a cursor.")
    return position
