"""Imports: files with products, how they are read, how far they have come, and what is wrong with their rows."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

STATUSES = ("ready", "queued", "running", "succeeded", "partial", "failed", "cancelled")


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("is_workbook", sa.Boolean(), nullable=False),
        sa.Column("sheet", sa.Text()),
        sa.Column("sheets", postgresql.JSONB(), nullable=False),
        sa.Column(
            "shape",
            postgresql.JSONB(),
            nullable=False,
            comment="How the file is read: encoding, delimiter, header, columns.",
        ),
        sa.Column("format", sa.String(50), nullable=False),
        sa.Column("mapping", postgresql.JSONB(), nullable=False, comment="Column of the file to our field."),
        sa.Column("options", postgresql.JSONB(), nullable=False),
        sa.Column(
            "notes",
            postgresql.JSONB(),
            nullable=False,
            comment="What people should know of how the file was read.",
        ),
        sa.Column("rows_estimated", sa.Integer(), nullable=False),
        sa.Column(
            "position",
            sa.Integer(),
            nullable=False,
            comment="Results of the reader that are written; resumed after.",
        ),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("rows_read", "created", "updated", "unchanged", "skipped", "failed", "warned")
        ),
        sa.Column("problem", postgresql.JSONB()),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("actor_id", sa.Uuid()),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_imports_actor_id_users"), ondelete="SET NULL"
        ),
        sa.CheckConstraint(f"status IN {STATUSES}", name=op.f("ck_imports_status")),
    )
    op.create_table(
        "import_problems",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("lines", postgresql.JSONB(), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("problems", postgresql.JSONB(), nullable=False, comment="Line, column, code and message of each."),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_problems")),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_import_problems_import_id_imports"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_import_problems_line", "import_problems", ["import_id", "line", "id"])


def downgrade() -> None:
    op.drop_table("import_problems")
    op.drop_table("imports")
