import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.common.columns import CreatedAt, JsonList, Moment, PrimaryId, owned_by
from app.database import Base

STATUSES = ("used", "disputed", "superseded", "rejected")
DECISION_KINDS = ("confirm", "reject", "correct", "add", "edit", "settle")


class FactRow(Base):
    """A fact as one source gave it. `origin` is the step that read it, e.g. `describe:{image_id}`."""

    __tablename__ = "facts"
    __table_args__ = (Index("ix_facts_origin", "product_id", "origin"),)

    id: Mapped[PrimaryId]
    product_id: Mapped[uuid.UUID] = owned_by("products")
    origin: Mapped[str] = mapped_column(String(100))
    fact_id: Mapped[str] = mapped_column(String(64))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)
    unit: Mapped[str | None] = mapped_column(Text)
    confidence: Mapped[float]
    source: Mapped[dict[str, Any]] = mapped_column(JSONB)
    snapshot_sha256: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[CreatedAt]


class FactDecision(Base):
    """What a person decided. Facts, merged facts and conflicts are made anew from the sources; these rows stay.

    The lists hold values (label, value, unit), never ids of facts, so that a decision also meets the same value in
    other words, from another source, or read again. `position` is the order in which the decisions were taken.
    """

    __tablename__ = "fact_decisions"
    __table_args__ = (
        CheckConstraint(f"kind IN {DECISION_KINDS}", name="kind"),
        Index("uq_fact_decisions_position", "product_id", "position", unique=True),
    )

    id: Mapped[PrimaryId]
    product_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    choice: Mapped[str | None] = mapped_column(String(10))
    replaces_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("fact_decisions.id", ondelete="CASCADE"), index=True
    )
    stands: Mapped[JsonList]
    rejected: Mapped[JsonList]
    outvoted: Mapped[JsonList]
    known: Mapped[JsonList]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    note: Mapped[str | None] = mapped_column(Text)
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    decided_by: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[Moment]


class MergedFact(Base):
    """What the sources say together: one name, one value, every place that says so.

    `used` and `disputed` rows are the facts of the product; what a person rejected, or what lost to another value, is
    kept beside them, so that it can be shown and brought back.
    """

    __tablename__ = "merged_facts"
    __table_args__ = (
        CheckConstraint(f"status IN {STATUSES}", name="status"),
        Index("uq_merged_facts_fact", "product_id", "fact_id", unique=True),
    )

    id: Mapped[PrimaryId]
    product_id: Mapped[uuid.UUID] = owned_by("products")
    fact_id: Mapped[str] = mapped_column(String(64))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)
    unit: Mapped[str | None] = mapped_column(Text)
    confidence: Mapped[float]
    disputed: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(String(10), default="used", server_default="used")
    decision: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    sources: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class Conflict(Base):
    """Two sources, one name, values that disagree. `options` come in order of precedence; the first one is used.

    A merge keeps the row of a conflict that it finds again, so that its id stays. `aspect` tells two conflicts of one
    name apart: a content in grams and one in millilitres. `decision` is the one that settled it, or did before.
    """

    __tablename__ = "conflicts"

    id: Mapped[PrimaryId]
    product_id: Mapped[uuid.UUID] = owned_by("products")
    name: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(Text)
    aspect: Mapped[str] = mapped_column(Text, default="", server_default="")
    options: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    decision: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    settled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[CreatedAt]
