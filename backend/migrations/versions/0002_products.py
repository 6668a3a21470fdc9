"""Products: tags, variants, assignment, columns of other systems."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("products", sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.add_column("products", sa.Column("parent_id", sa.Uuid()))
    op.add_column(
        "products",
        sa.Column(
            "option_names",
            postgresql.ARRAY(sa.Text()),
            server_default="{}",
            nullable=False,
            comment="Of a parent: what its variants differ in, in order.",
        ),
    )
    op.add_column(
        "products",
        sa.Column(
            "options",
            postgresql.JSONB(),
            server_default="[]",
            nullable=False,
            comment="Of a variant: name and value for each of the option names.",
        ),
    )
    op.add_column("products", sa.Column("assignee_id", sa.Uuid()))
    op.add_column(
        "products",
        sa.Column(
            "extra",
            postgresql.JSONB(),
            server_default="{}",
            nullable=False,
            comment="By format: columns of an imported file that we have no field for, so that its export has them "
            "again.",
        ),
    )
    op.create_foreign_key(
        op.f("fk_products_parent_id_products"), "products", "products", ["parent_id"], ["id"], ondelete="SET NULL"
    )
    op.create_foreign_key(
        op.f("fk_products_assignee_id_users"), "products", "users", ["assignee_id"], ["id"], ondelete="SET NULL"
    )
    op.create_index("ix_products_tags", "products", ["tags"], postgresql_using="gin")
    op.create_index("ix_products_parent", "products", ["parent_id"])


def downgrade() -> None:
    op.drop_index("ix_products_parent", "products")
    op.drop_index("ix_products_tags", "products")
    for column in ("extra", "assignee_id", "options", "option_names", "parent_id", "tags"):
        op.drop_column("products", column)
