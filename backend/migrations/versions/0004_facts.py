"""What people decided about facts, and what became of each fact"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "fact_decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("choice", sa.String(length=10), nullable=True),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("stands", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rejected", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("outvoted", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("known", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("before", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('confirm', 'reject', 'correct', 'add', 'edit', 'settle')", name=op.f("ck_fact_decisions_kind")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_fact_decisions_product_id_products"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"],
            ["fact_decisions.id"],
            name=op.f("fk_fact_decisions_replaces_id_fact_decisions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["users.id"], name=op.f("fk_fact_decisions_decided_by_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_decisions")),
    )
    op.create_index("uq_fact_decisions_position", "fact_decisions", ["product_id", "position"], unique=True)
    op.create_index(op.f("ix_fact_decisions_replaces_id"), "fact_decisions", ["replaces_id"], unique=False)
    op.create_index(op.f("ix_fact_decisions_decided_by_id"), "fact_decisions", ["decided_by_id"], unique=False)
    op.add_column("merged_facts", sa.Column("status", sa.String(length=10), nullable=False, server_default="used"))
    op.add_column(
        "merged_facts", sa.Column("decision", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True)
    )
    op.execute("UPDATE merged_facts SET status = 'disputed' WHERE disputed")
    op.create_check_constraint(
        op.f("ck_merged_facts_status"), "merged_facts", "status IN ('used', 'disputed', 'superseded', 'rejected')"
    )
    op.add_column("conflicts", sa.Column("aspect", sa.Text(), nullable=False, server_default=""))
    op.add_column("conflicts", sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "conflicts", sa.Column("decision", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("conflicts", "decision")
    op.drop_column("conflicts", "settled_at")
    op.drop_column("conflicts", "aspect")
    op.drop_constraint(op.f("ck_merged_facts_status"), "merged_facts", type_="check")
    op.execute("DELETE FROM merged_facts WHERE status IN ('superseded', 'rejected')")
    op.drop_column("merged_facts", "decision")
    op.drop_column("merged_facts", "status")
    op.drop_table("fact_decisions")
