import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.common.columns import CreatedAt, PrimaryId, UpdatedAt, owned_by
from app.database import Base

DOWNLOAD_STATUSES = ("pending", "done", "failed")
ARCHIVE_STATUSES = ("matching", "matched", "adding", "finished", "failed", "undone")
ARCHIVE_FILE_OUTCOMES = ("pending", "added", "already_there", "unmatched", "ignored", "failed", "removed")


class Medium(Base):
    """One image file, named by the SHA-256 of its bytes; several products may show it. Sizes in pixels."""

    __tablename__ = "media"
    __table_args__ = (Index("ix_media_touched", "touched_at"),)

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    width: Mapped[int]
    height: Mapped[int]
    format: Mapped[str] = mapped_column(String(10))
    size_bytes: Mapped[int]
    total_bytes: Mapped[int] = mapped_column(default=0, server_default="0", comment="With the renditions.")
    stored: Mapped[bool] = mapped_column(
        default=False, server_default="false", comment="Its files are there; false while they are written or removed."
    )
    created_at: Mapped[CreatedAt]
    touched_at: Mapped[CreatedAt]


class MediumUpload(Base):
    """The SHA-256 of bytes that came in, metadata included, and the file that became of them."""

    __tablename__ = "media_uploads"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    medium_sha256: Mapped[str] = mapped_column(ForeignKey("media.sha256", ondelete="CASCADE"), index=True)


class MediaSigningKey(Base):
    """What public addresses of images are signed with: one row, made by the migration."""

    __tablename__ = "media_signing_key"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[bytes] = mapped_column(LargeBinary)


class ProductImage(Base):
    __tablename__ = "product_images"
    __table_args__ = (Index("uq_product_images_content", "product_id", "sha256", unique=True),)

    id: Mapped[PrimaryId]
    product_id: Mapped[uuid.UUID] = owned_by("products")
    sha256: Mapped[str] = mapped_column(ForeignKey("media.sha256"), index=True)
    position: Mapped[int]
    alt: Mapped[str] = mapped_column(Text, default="")
    file_name: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[CreatedAt]


class FormerProductImage(Base):
    """A photo that a product showed once: versions of its listings may still refer to it."""

    __tablename__ = "former_product_images"

    product_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("media.sha256", ondelete="CASCADE"), primary_key=True, index=True)


class ImageDownload(Base):
    """An image that a product shall get from a URL."""

    __tablename__ = "image_downloads"
    __table_args__ = (
        CheckConstraint(f"status IN {DOWNLOAD_STATUSES}", name="status"),
        Index("uq_image_downloads_url", "product_id", "url_sha256", unique=True),
        Index("ix_image_downloads_pending", "id", postgresql_where="status = 'pending'"),
    )

    id: Mapped[PrimaryId]
    product_id: Mapped[uuid.UUID] = owned_by("products")
    url: Mapped[str] = mapped_column(Text)
    url_sha256: Mapped[str] = mapped_column(String(64), comment="URLs are longer than an index takes.")
    alt: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int]
    status: Mapped[str] = mapped_column(String(10), default="pending")
    reason: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    image_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("product_images.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class PhotoArchive(Base):
    """A ZIP of photos that are to be added to the products whose SKUs their names carry."""

    __tablename__ = "photo_archives"
    __table_args__ = (CheckConstraint(f"status IN {ARCHIVE_STATUSES}", name="status"),)

    id: Mapped[PrimaryId]
    file_name: Mapped[str] = mapped_column(Text)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(String(10), default="matching")
    dry_run: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(Text, default="", server_default="")
    created_at: Mapped[CreatedAt]
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class PhotoArchiveFile(Base):
    """One file in an archive, and what became of it. `number` is its place in the order of adding."""

    __tablename__ = "photo_archive_files"
    __table_args__ = (
        CheckConstraint(f"outcome IN {ARCHIVE_FILE_OUTCOMES}", name="outcome"),
        Index("ix_photo_archive_files_outcome", "archive_id", "outcome", "number"),
    )

    archive_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("photo_archives.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry: Mapped[int] = mapped_column(comment="Its place in the archive's own directory; names may occur twice.")
    name: Mapped[str] = mapped_column(Text)
    product_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("products.id", ondelete="SET NULL"), index=True)
    sku: Mapped[str | None] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(Text)
    image_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("product_images.id", ondelete="SET NULL"), index=True)
