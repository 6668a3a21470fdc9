import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Identity, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.common.columns import CreatedAt, PrimaryId, owned_by
from app.database import Base

RUN_STATUSES = ("queued", "running", "waiting", "paused", "succeeded", "partial", "failed", "cancelled")
ACTIVE = ("queued", "running", "waiting", "paused")
GOOD = frozenset({"succeeded", "reused"})
DONE = GOOD | {"failed", "skipped"}
STEP_STATUSES = ("pending", "running", "succeeded", "reused", "skipped", "failed")


class Run(Base):
    __tablename__ = "runs"
    __table_args__ = (
        CheckConstraint(f"status IN {RUN_STATUSES}", name="status"),
        # The database itself keeps a product from being enriched twice at a time: a second click joins.
        Index("uq_runs_active", "product_id", unique=True, postgresql_where=text(f"status IN {ACTIVE}")),
    )

    id: Mapped[PrimaryId]
    product_id: Mapped[uuid.UUID] = owned_by("products")
    status: Mapped[str] = mapped_column(String(20), default="queued")
    options: Mapped[dict[str, Any]] = mapped_column(JSONB)
    attempt: Mapped[int] = mapped_column(default=0, comment="Grows each time a worker takes the run; fences writes.")
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    detail: Mapped[str | None]
    missing: Mapped[list[str]] = mapped_column(JSONB, default=list)
    created_at: Mapped[CreatedAt]
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class RunStep(Base):
    """What one step did. Its result and its domain rows are committed together, so a finished step is never redone."""

    __tablename__ = "run_steps"
    __table_args__ = (
        CheckConstraint(f"status IN {STEP_STATUSES}", name="status"),
        Index("uq_run_steps_key", "run_id", "key", unique=True),
        Index("ix_run_steps_reuse", "key", "input_hash", postgresql_where=text("status = 'succeeded'")),
    )

    id: Mapped[PrimaryId]
    run_id: Mapped[uuid.UUID] = owned_by("runs")
    key: Mapped[str] = mapped_column(String(100))
    position: Mapped[int]
    label: Mapped[str]
    status: Mapped[str] = mapped_column(String(20), default="pending")
    attempts: Mapped[int] = mapped_column(default=0, comment="Calls made, all workers together.")
    input_hash: Mapped[str | None] = mapped_column(String(64))
    engine: Mapped[str | None] = mapped_column(String(200))
    usage: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    @property
    def settings_used(self) -> dict[str, Any] | None:
        return (self.result or {}).get("settings_used")


class RunEvent(Base):
    """What clients are told as it happens; the id is the SSE event id."""

    __tablename__ = "run_events"
    __table_args__ = (Index("ix_run_events_run", "run_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    run_id: Mapped[uuid.UUID] = owned_by("runs")
    type: Mapped[str] = mapped_column(String(20))
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[CreatedAt]
