import uuid
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.common.columns import CreatedAt, PrimaryId, owned_by
from app.database import Base


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


class MergedFact(Base):
    """What the sources say together: one name, one value, every place that says so."""

    __tablename__ = "merged_facts"
    __table_args__ = (Index("uq_merged_facts_fact", "product_id", "fact_id", unique=True),)

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
    sources: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class Conflict(Base):
    """Two sources, one name, values that disagree. `options` come in order of precedence; the first one is used."""

    __tablename__ = "conflicts"

    id: Mapped[PrimaryId]
    product_id: Mapped[uuid.UUID] = owned_by("products")
    name: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(Text)
    options: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    created_at: Mapped[CreatedAt]
