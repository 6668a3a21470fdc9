import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.common.columns import CreatedAt, PrimaryId, owned_by
from app.database import Base


class SourcePage(Base):
    __tablename__ = "source_pages"
    __table_args__ = (Index("uq_source_pages_url", "product_id", "url", unique=True),)

    id: Mapped[PrimaryId]
    product_id: Mapped[uuid.UUID] = owned_by("products")
    url: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(default=0)
    title: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(String(35))
    blocked: Mapped[str | None] = mapped_column(String(20))
    snapshot_sha256: Mapped[str | None] = mapped_column(String(64))
    content_sha256: Mapped[str | None] = mapped_column(String(64))
    fetched_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[CreatedAt]


class Snapshot(Base):
    """The plain text of a page as it was read, by hash: quotes resolve against it for ever."""

    __tablename__ = "snapshots"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
