"""Settings: versioned documents."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KINDS = "('brand-voice', 'prompt', 'glossary', 'categories', 'languages', 'engines', 'limits', 'shop')"


def upgrade() -> None:
    op.create_table(
        "settings_documents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "value",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="Null where this version deletes the document.",
        ),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(f"kind IN {KINDS}", name=op.f("ck_settings_documents_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settings_documents")),
    )
    op.create_index("uq_settings_documents_version", "settings_documents", ["kind", "key", "version"], unique=True)


def downgrade() -> None:
    op.drop_table("settings_documents")
