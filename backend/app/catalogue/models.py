import uuid
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class ProductSearch(Base):
    """The words and codes of each living product. Triggers on products keep it; nothing else writes it."""

    __tablename__ = "product_search"
    __table_args__ = (
        Index(
            "ix_product_search_document",
            "document",
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": "1024"},
        ),
    )

    product_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    document: Mapped[Any] = mapped_column(TSVECTOR)
