import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.common.columns import CreatedAt, Json, PrimaryId
from app.database import Base

SCOPES = ("all", "approved", "changed")


class Export(Base):
    """What is asked for, and what the newest file that was fully sent had in it. The file itself is not kept."""

    __tablename__ = "exports"
    __table_args__ = (
        CheckConstraint(f"scope IN {SCOPES}", name="scope"),
        Index("ix_exports_name", "name", "snapshot_at", postgresql_where="finished_at IS NOT NULL"),
    )

    id: Mapped[PrimaryId]
    name: Mapped[str] = mapped_column(Text, comment="Of the target: `changed` looks for its last finished export.")
    format: Mapped[str] = mapped_column(String(50))
    language: Mapped[str] = mapped_column(String(35))
    scope: Mapped[str] = mapped_column(String(20))
    filter: Mapped[dict[str, object] | None] = mapped_column(JSONB(none_as_null=True))
    product_ids: Mapped[list[str] | None] = mapped_column(JSONB(none_as_null=True))
    options: Mapped[Json]
    product_count: Mapped[int] = mapped_column(comment="When it was asked for.")
    since_snapshot: Mapped[str | None] = mapped_column(
        Text, comment="What the export before could see (pg_snapshot); of `changed` only."
    )
    since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    snapshot: Mapped[str | None] = mapped_column(Text, comment="What the last finished file could see (pg_snapshot).")
    snapshot_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    rows: Mapped[int | None] = mapped_column(comment="Without the header.")
    products: Mapped[int | None]
    skipped: Mapped[int | None] = mapped_column(comment="Products that the format has no place for.")
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64))
    actor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    actor_name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
