import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Numeric, String, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.common.columns import CreatedAt, PrimaryId, UpdatedAt
from app.database import Base

STATUSES = ("draft", "enriching", "needs_review", "approved")


class Product(Base):
    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint(f"status IN {STATUSES}", name="status"),
        # A deleted product frees its SKU, and may be restored while nobody has taken it.
        Index("uq_products_sku_living", "sku", unique=True, postgresql_where="deleted_at IS NULL"),
        Index("ix_products_updated", "updated_at", "id"),
        Index("ix_products_status", "status"),
        Index("ix_products_tags", "tags", postgresql_using="gin"),
        Index("ix_products_parent", "parent_id"),
    )

    id: Mapped[PrimaryId]
    sku: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(Text)
    brand: Mapped[str | None] = mapped_column(Text)
    category: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20), default="draft")
    gtin: Mapped[str | None] = mapped_column(String(14))
    price_amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 6))
    price_currency: Mapped[str | None] = mapped_column(String(3))
    attributes: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    keywords: Mapped[list[str]] = mapped_column(JSONB, default=list)
    languages: Mapped[list[str]] = mapped_column(JSONB, default=lambda: ["en"])
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("products.id", ondelete="SET NULL"))
    option_names: Mapped[list[str]] = mapped_column(
        ARRAY(Text), default=list, server_default="{}", comment="Of a parent: what its variants differ in, in order."
    )
    options: Mapped[list[dict[str, str]]] = mapped_column(
        JSONB, default=list, server_default="[]", comment="Of a variant: name and value for each of the option names."
    )
    assignee_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    extra: Mapped[dict[str, dict[str, str]]] = mapped_column(
        JSONB,
        default=dict,
        server_default="{}",
        comment="By format: columns of an imported file that we have no field for, so that its export has them again.",
    )
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
