import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.common.columns import CreatedAt, PrimaryId, owned_by
from app.database import Base

STATUSES = ("needs_review", "approved", "rejected", "superseded")
AUTHOR_KINDS = ("ai", "human", "import")
ACTS = ("create", "edit", "restore", "approve", "reject", "overrule")


class ListingVersion(Base):
    """One version of a listing. Its texts never change (a trigger sees to that): they are only followed by others.

    What changes is the review: the status, and the check where it could not be made at once.
    """

    __tablename__ = "listings"
    __table_args__ = (
        CheckConstraint(f"status IN {STATUSES}", name="status"),
        CheckConstraint(f"author_kind IN {AUTHOR_KINDS}", name="author_kind"),
        Index("uq_listings_version", "product_id", "language", "version", unique=True),
        # The database itself keeps two versions of one text from being live.
        Index("uq_listings_approved", "product_id", "language", unique=True, postgresql_where="status = 'approved'"),
        Index("ix_listings_review", "id", postgresql_where="status = 'needs_review'"),
    )

    id: Mapped[PrimaryId]
    product_id: Mapped[uuid.UUID] = owned_by("products")
    language: Mapped[str] = mapped_column(String(35))
    version: Mapped[int]
    status: Mapped[str] = mapped_column(String(20), default="needs_review")
    revision: Mapped[int] = mapped_column(default=0, server_default="0", comment="Grows with each act of the review.")
    author_kind: Mapped[str] = mapped_column(String(10), default="ai", server_default="ai")
    author: Mapped[str] = mapped_column(Text, comment="ai, or the name of the person")
    author_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    restored_from: Mapped[uuid.UUID | None] = mapped_column(comment="The version whose texts these are.")
    run_id: Mapped[uuid.UUID | None]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB, comment="A Listing without claims and grounding.")
    claims: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, server_default="[]")
    grounding: Mapped[dict[str, Any]] = mapped_column(
        JSONB,
        default=lambda: {"supported": 0, "unsupported": 0, "style": 0, "coverage": 1.0},
        server_default='{"supported": 0, "unsupported": 0, "style": 0, "coverage": 1.0}',
    )
    checked: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    overrulings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, server_default="[]")
    open_claims: Mapped[int] = mapped_column(
        default=0, server_default="0", comment="Claims that are unsupported and not overruled."
    )
    warnings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, server_default="[]")
    facts: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, comment="The merged facts that the claims cite, as then."
    )
    facts_fingerprint: Mapped[str | None] = mapped_column(
        String(64), comment="Of the facts that could be used when the claims were checked."
    )
    reviewed_by: Mapped[str | None] = mapped_column(Text)
    reviewed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    review_note: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[CreatedAt]


class ListingAct(Base):
    """What one act of the review did to one version, so that it can be taken back exactly.

    An act changes several versions at times (approving one supersedes another): they share its `act_id`. Bulk acts
    are one act for each text, held together by `bulk_id`.
    """

    __tablename__ = "listing_acts"
    __table_args__ = (
        CheckConstraint(f"kind IN {ACTS}", name="kind"),
        Index("ix_listing_acts_text", "product_id", "language", "id"),
        Index("ix_listing_acts_bulk", "bulk_id", postgresql_where="bulk_id IS NOT NULL"),
    )

    id: Mapped[PrimaryId]
    act_id: Mapped[uuid.UUID] = mapped_column(index=True)
    bulk_id: Mapped[uuid.UUID | None]
    product_id: Mapped[uuid.UUID] = owned_by("products")
    language: Mapped[str] = mapped_column(String(35))
    listing_id: Mapped[uuid.UUID] = owned_by("listings")
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[bool] = mapped_column(comment="Whether the act was about this version, or only touched it.")
    status_before: Mapped[str] = mapped_column(String(20))
    status_after: Mapped[str] = mapped_column(String(20))
    before: Mapped[dict[str, Any]] = mapped_column(
        JSONB, comment="Reviewer, time and note of the version as they were, or its overrulings."
    )
    actor: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    undone: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[CreatedAt]
