"""Exports: what was asked for, and what the last file that was fully sent had in it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SCOPES = ("all", "approved", "changed")


def upgrade() -> None:
    op.create_table(
        "exports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "name",
            sa.Text(),
            nullable=False,
            comment="Of the target: `changed` looks for its last finished export.",
        ),
        sa.Column("format", sa.String(50), nullable=False),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("scope", sa.String(20), nullable=False),
        sa.Column("filter", postgresql.JSONB()),
        sa.Column("product_ids", postgresql.JSONB()),
        sa.Column("options", postgresql.JSONB(), nullable=False),
        sa.Column("product_count", sa.Integer(), nullable=False, comment="When it was asked for."),
        sa.Column(
            "since_snapshot",
            sa.Text(),
            comment="What the export before could see (pg_snapshot); of `changed` only.",
        ),
        sa.Column("since", sa.DateTime(timezone=True)),
        sa.Column("snapshot", sa.Text(), comment="What the last finished file could see (pg_snapshot)."),
        sa.Column("snapshot_at", sa.DateTime(timezone=True)),
        sa.Column("rows", sa.Integer(), comment="Without the header."),
        sa.Column("products", sa.Integer()),
        sa.Column("skipped", sa.Integer(), comment="Products that the format has no place for."),
        sa.Column("size_bytes", sa.BigInteger()),
        sa.Column("sha256", sa.String(64)),
        sa.Column("actor_id", sa.Uuid()),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_exports_actor_id_users"), ondelete="SET NULL"
        ),
        sa.CheckConstraint(f"scope IN {SCOPES}", name=op.f("ck_exports_scope")),
    )
    op.create_index(
        "ix_exports_name", "exports", ["name", "snapshot_at"], postgresql_where=sa.text("finished_at IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_table("exports")
