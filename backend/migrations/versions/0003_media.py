"""media"""

import secrets
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

now = sa.func.now()


def moment(name: str, *, nullable: bool = False) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=None if nullable else now, nullable=nullable)


def upgrade() -> None:
    op.add_column(
        "media",
        sa.Column("total_bytes", sa.Integer(), server_default="0", nullable=False, comment="With the renditions."),
    )
    op.add_column(
        "media",
        sa.Column(
            "stored",
            sa.Boolean(),
            server_default="false",
            nullable=False,
            comment="Its files are there; false while they are written or removed.",
        ),
    )
    op.add_column("media", moment("touched_at"))
    # So far no row came into being without its files.
    op.execute("UPDATE media SET stored = true, total_bytes = size_bytes")
    op.create_index("ix_media_touched", "media", ["touched_at"])
    op.create_foreign_key("fk_product_images_sha256_media", "product_images", "media", ["sha256"], ["sha256"])
    op.create_table(
        "media_uploads",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("medium_sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_media_uploads"),
        sa.ForeignKeyConstraint(
            ["medium_sha256"], ["media.sha256"], name="fk_media_uploads_medium_sha256_media", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_media_uploads_medium_sha256", "media_uploads", ["medium_sha256"])
    op.create_table(
        "media_signing_key",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_media_signing_key"),
        sa.CheckConstraint("id = 1", name="ck_media_signing_key_one_row"),
    )
    op.bulk_insert(
        sa.table("media_signing_key", sa.column("id", sa.Integer()), sa.column("key", sa.LargeBinary())),
        [{"id": 1, "key": secrets.token_bytes(32)}],
    )
    op.create_table(
        "former_product_images",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("product_id", "sha256", name="pk_former_product_images"),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name="fk_former_product_images_product_id_products", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["media.sha256"], name="fk_former_product_images_sha256_media", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_former_product_images_sha256", "former_product_images", ["sha256"])
    # Photos that were taken off their product before: only the listings know which product that was.
    op.execute(
        """
        INSERT INTO former_product_images (product_id, sha256)
        SELECT DISTINCT listings.product_id, media.sha256 FROM media JOIN listings
            ON strpos(listings.content::text, media.sha256) > 0 OR strpos(listings.facts::text, media.sha256) > 0
        WHERE NOT EXISTS (SELECT 1 FROM product_images WHERE product_images.sha256 = media.sha256)
        """
    )
    op.create_table(
        "image_downloads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("url_sha256", sa.String(64), nullable=False, comment="URLs are longer than an index takes."),
        sa.Column("alt", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("image_id", sa.Uuid()),
        moment("created_at"),
        moment("updated_at"),
        sa.PrimaryKeyConstraint("id", name="pk_image_downloads"),
        sa.CheckConstraint("status IN ('pending', 'done', 'failed')", name="ck_image_downloads_status"),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name="fk_image_downloads_product_id_products", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["image_id"],
            ["product_images.id"],
            name="fk_image_downloads_image_id_product_images",
            ondelete="SET NULL",
        ),
    )
    op.create_index("ix_image_downloads_product_id", "image_downloads", ["product_id"])
    op.create_index("ix_image_downloads_image_id", "image_downloads", ["image_id"])
    op.create_index("uq_image_downloads_url", "image_downloads", ["product_id", "url_sha256"], unique=True)
    op.create_index(
        "ix_image_downloads_pending", "image_downloads", ["id"], postgresql_where=sa.text("status = 'pending'")
    )
    op.create_table(
        "photo_archives",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("created_by", sa.Text(), server_default="", nullable=False),
        moment("created_at"),
        moment("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_photo_archives"),
        sa.CheckConstraint(
            "status IN ('matching', 'matched', 'adding', 'finished', 'failed', 'undone')",
            name="ck_photo_archives_status",
        ),
    )
    op.create_table(
        "photo_archive_files",
        sa.Column("archive_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "entry",
            sa.Integer(),
            nullable=False,
            comment="Its place in the archive's own directory; names may occur twice.",
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Uuid()),
        sa.Column("sku", sa.Text()),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("image_id", sa.Uuid()),
        sa.PrimaryKeyConstraint("archive_id", "number", name="pk_photo_archive_files"),
        sa.CheckConstraint(
            "outcome IN ('pending', 'added', 'already_there', 'unmatched', 'ignored', 'failed', 'removed')",
            name="ck_photo_archive_files_outcome",
        ),
        sa.ForeignKeyConstraint(
            ["archive_id"],
            ["photo_archives.id"],
            name="fk_photo_archive_files_archive_id_photo_archives",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name="fk_photo_archive_files_product_id_products", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["image_id"],
            ["product_images.id"],
            name="fk_photo_archive_files_image_id_product_images",
            ondelete="SET NULL",
        ),
    )
    op.create_index("ix_photo_archive_files_product_id", "photo_archive_files", ["product_id"])
    op.create_index("ix_photo_archive_files_image_id", "photo_archive_files", ["image_id"])
    op.create_index("ix_photo_archive_files_outcome", "photo_archive_files", ["archive_id", "outcome", "number"])


def downgrade() -> None:
    for table in (
        "photo_archive_files",
        "photo_archives",
        "image_downloads",
        "former_product_images",
        "media_signing_key",
        "media_uploads",
    ):
        op.drop_table(table)
    op.drop_constraint("fk_product_images_sha256_media", "product_images", type_="foreignkey")
    op.drop_index("ix_media_touched", "media")
    op.drop_column("media", "touched_at")
    op.drop_column("media", "stored")
    op.drop_column("media", "total_bytes")
