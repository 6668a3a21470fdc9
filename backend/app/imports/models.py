import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.common.columns import CreatedAt, Json, JsonList, PrimaryId
from app.database import Base

STATUSES = ("ready", "queued", "running", "succeeded", "partial", "failed", "cancelled")
UNDER_WAY = ("queued", "running")


class Import(Base):
    """One file, how it is read, and how far it has come. The file itself lies in the data folder."""

    __tablename__ = "imports"
    __table_args__ = (CheckConstraint(f"status IN {STATUSES}", name="status"),)

    id: Mapped[PrimaryId]
    status: Mapped[str] = mapped_column(String(20), default="ready")
    file_name: Mapped[str] = mapped_column(Text)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    is_workbook: Mapped[bool]
    sheet: Mapped[str | None] = mapped_column(Text)
    sheets: Mapped[JsonList]
    shape: Mapped[Json] = mapped_column(comment="How the file is read: encoding, delimiter, header, columns.")
    format: Mapped[str] = mapped_column(String(50))
    mapping: Mapped[Json] = mapped_column(comment="Column of the file to our field.")
    options: Mapped[Json]
    notes: Mapped[JsonList] = mapped_column(comment="What people should know of how the file was read.")
    rows_estimated: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0, comment="Results of the reader that are written; resumed after.")
    rows_read: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    warned: Mapped[int] = mapped_column(default=0)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    actor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    actor_name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ImportProblem(Base):
    """What is wrong with the rows of one product. `kept`: it was imported all the same."""

    __tablename__ = "import_problems"
    __table_args__ = (Index("ix_import_problems_line", "import_id", "line", "id"),)

    id: Mapped[PrimaryId]
    import_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"))
    line: Mapped[int]
    lines: Mapped[JsonList]
    kept: Mapped[bool]
    problems: Mapped[JsonList] = mapped_column(comment="Line, column, code and message of each.")
