import uuid

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.common.columns import CreatedAt, PrimaryId, owned_by
from app.database import Base


class Medium(Base):
    """One image file, named by the SHA-256 of its bytes; several products may show it. Sizes in pixels."""

    __tablename__ = "media"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    width: Mapped[int]
    height: Mapped[int]
    format: Mapped[str] = mapped_column(String(10))
    size_bytes: Mapped[int]
    created_at: Mapped[CreatedAt]


class ProductImage(Base):
    __tablename__ = "product_images"
    __table_args__ = (Index("uq_product_images_content", "product_id", "sha256", unique=True),)

    id: Mapped[PrimaryId]
    product_id: Mapped[uuid.UUID] = owned_by("products")
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    position: Mapped[int]
    alt: Mapped[str] = mapped_column(Text, default="")
    file_name: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[CreatedAt]
