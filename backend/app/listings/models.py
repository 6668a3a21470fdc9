import uuid
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.common.columns import CreatedAt, PrimaryId, owned_by
from app.database import Base

STATUSES = ("needs_review", "approved", "rejected", "superseded")


class ListingVersion(Base):
    """One version of a listing; versions are never changed, only followed by others."""

    __tablename__ = "listings"
    __table_args__ = (
        CheckConstraint(f"status IN {STATUSES}", name="status"),
        Index("uq_listings_version", "product_id", "language", "version", unique=True),
    )

    id: Mapped[PrimaryId]
    product_id: Mapped[uuid.UUID] = owned_by("products")
    language: Mapped[str] = mapped_column(String(35))
    version: Mapped[int]
    status: Mapped[str] = mapped_column(String(20), default="needs_review")
    author: Mapped[str] = mapped_column(Text, comment="ai, or the name of the person")
    run_id: Mapped[uuid.UUID | None]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    facts: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, comment="The merged facts that the claims cite, as then."
    )
    created_at: Mapped[CreatedAt]
