import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Identity, Index, String, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class AuditEvent(Base):
    """One change of one row, or something that happened (a sign-in). Never changed: a trigger refuses it.

    No foreign keys: an event outlives what it is about.
    """

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_product", "product_id", "id", postgresql_where="product_id IS NOT NULL"),
        Index("ix_audit_events_actor", "actor_id", "id", postgresql_where="actor_id IS NOT NULL"),
        Index("ix_audit_events_table", "table_name", "id"),
        # Events come in the order of time: a block range index is a thousandth of a tree's size.
        Index("ix_audit_events_at", "at", postgresql_using="brin"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
    actor_id: Mapped[uuid.UUID | None]
    actor_name: Mapped[str] = mapped_column(Text)
    api_key_id: Mapped[uuid.UUID | None]
    request_id: Mapped[str | None] = mapped_column(Text)
    action: Mapped[str] = mapped_column(String(30))
    table_name: Mapped[str] = mapped_column(String(63))
    row_id: Mapped[str | None] = mapped_column(Text)
    product_id: Mapped[uuid.UUID | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
