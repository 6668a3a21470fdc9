import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Computed, DateTime, ForeignKey, Index, Numeric, String, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.common.columns import CreatedAt, PrimaryId, UpdatedAt
from app.database import Base

STATUSES = ("draft", "enriching", "needs_review", "approved")


LIVING = text("deleted_at IS NULL")
# What has no price comes last in both orders.
PRICE_UP = "coalesce(price_amount, 'Infinity'::numeric)"
PRICE_DOWN = "coalesce(price_amount, '-Infinity'::numeric)"


class Product(Base):
    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint(f"status IN {STATUSES}", name="status"),
        # A deleted product frees its SKU, and may be restored while nobody has taken it.
        Index("uq_products_sku_living", "sku", unique=True, postgresql_where=LIVING),
        Index("ix_products_created", "created_at", "id", postgresql_where=LIVING),
        Index("ix_products_updated", "updated_at", "id", postgresql_where=LIVING),
        Index("ix_products_status", "status", "created_at", "id", postgresql_where=LIVING),
        Index("ix_products_brand", "brand", "created_at", "id", postgresql_where=LIVING),
        Index("ix_products_assignee", "assignee_id", "created_at", "id", postgresql_where=LIVING),
        Index("ix_products_sku", "sku", "id", postgresql_where=LIVING),
        Index("ix_products_name_key", "name_key", "id", postgresql_where=LIVING),
        Index("ix_products_gtin", "gtin", postgresql_where=LIVING),
        Index(
            "ix_products_category",
            "category",
            postgresql_ops={"category": "text_pattern_ops"},
            postgresql_where=LIVING,
        ),
        Index("ix_products_price_up", text(PRICE_UP), "id", postgresql_where=LIVING),
        Index("ix_products_price_down", text(PRICE_DOWN), "id", postgresql_where=LIVING),
        Index("ix_products_deleted", "deleted_at", postgresql_where=text("deleted_at IS NOT NULL")),
        Index("ix_products_tags", "tags", postgresql_using="gin"),
        Index("ix_products_parent", "parent_id"),
    )

    id: Mapped[PrimaryId]
    sku: Mapped[str] = mapped_column(String(200, collation="C"))
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(
        Text(collation="C"),
        Computed("left(search_fold(name), 100)", persisted=True),
        nullable=True,
        deferred=True,
        comment="What names are sorted by.",
    )
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


class BulkEdit(Base):
    """One change of many products, kept for a while so that it can be undone."""

    __tablename__ = "bulk_edits"

    id: Mapped[PrimaryId]
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now(), index=True)


class BulkEditProduct(Base):
    """What a bulk edit changed of one product; undone only while nothing newer changed it."""

    __tablename__ = "bulk_edit_products"

    bulk_edit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bulk_edits.id", ondelete="CASCADE"), primary_key=True)
    product_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("products.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    version: Mapped[int] = mapped_column(comment="That the edit left behind.")
    before: Mapped[dict[str, Any]] = mapped_column(JSONB, comment="The changed columns as they were.")
