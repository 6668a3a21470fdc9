"""Listings: who wrote them, what their claims rest on, the review and its undo."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NO_GROUNDING = '{"supported": 0, "unsupported": 0, "style": 0, "coverage": 1.0}'


def columns() -> list[sa.Column[Any]]:
    return [
        sa.Column(
            "revision",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="Grows with each act of the review.",
        ),
        sa.Column("author_kind", sa.String(length=10), server_default="ai", nullable=False),
        sa.Column("author_id", sa.Uuid()),
        sa.Column("restored_from", sa.Uuid(), comment="The version whose texts these are."),
        sa.Column("claims", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("grounding", postgresql.JSONB(), server_default=NO_GROUNDING, nullable=False),
        sa.Column("checked", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("overrulings", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column(
            "open_claims",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="Claims that are unsupported and not overruled.",
        ),
        sa.Column("warnings", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column(
            "facts_fingerprint",
            sa.String(length=64),
            comment="Of the facts that could be used when the claims were checked.",
        ),
        sa.Column("reviewed_by", sa.Text()),
        sa.Column("reviewed_at", sa.DateTime(timezone=True)),
        sa.Column("review_note", sa.Text()),
    ]


# Texts never change, and what was approved keeps the evidence that it was approved with. An approved import is the
# one that may still be without a check.
GUARD = """
CREATE FUNCTION guard_listing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF ROW(NEW.product_id, NEW.language, NEW.version, NEW.content, NEW.author_kind, NEW.author)
           IS DISTINCT FROM ROW(OLD.product_id, OLD.language, OLD.version, OLD.content, OLD.author_kind, OLD.author)
        THEN
            RAISE EXCEPTION 'a version of a listing never changes' USING ERRCODE = 'restrict_violation';
        END IF;
        IF OLD.status = 'approved' AND NEW.status = 'approved' AND OLD.checked
           AND ROW(NEW.claims, NEW.grounding, NEW.facts, NEW.checked)
               IS DISTINCT FROM ROW(OLD.claims, OLD.grounding, OLD.facts, OLD.checked)
        THEN
            RAISE EXCEPTION 'an approved listing keeps its evidence' USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    IF NEW.status = 'approved' AND (TG_OP = 'INSERT' OR OLD.status <> 'approved') AND NEW.author_kind <> 'import'
       AND (NEW.open_claims > 0 OR NOT NEW.checked)
    THEN
        RAISE EXCEPTION 'a listing with open claims cannot be approved' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$
"""


def upgrade() -> None:
    for column in columns():
        op.add_column("listings", column)
    op.execute(
        """
        UPDATE listings SET
            claims = coalesce(content->'claims', '[]'),
            grounding = coalesce(content->'grounding', grounding),
            content = content - 'claims' - 'grounding',
            open_claims = (
                SELECT count(*) FROM jsonb_array_elements(coalesce(content->'claims', '[]')) AS claim
                WHERE claim->>'verdict' = 'unsupported'
            ),
            author_kind = CASE WHEN author = 'ai' THEN 'ai' ELSE 'human' END
        """
    )
    op.alter_column(
        "listings",
        "content",
        existing_type=postgresql.JSONB(),
        existing_nullable=False,
        comment="A Listing without claims and grounding.",
    )
    op.create_check_constraint(op.f("ck_listings_author_kind"), "listings", "author_kind IN ('ai', 'human', 'import')")
    op.create_foreign_key(
        op.f("fk_listings_author_id_users"), "listings", "users", ["author_id"], ["id"], ondelete="SET NULL"
    )
    op.create_index(
        "uq_listings_approved",
        "listings",
        ["product_id", "language"],
        unique=True,
        postgresql_where=sa.text("status = 'approved'"),
    )
    op.create_index("ix_listings_review", "listings", ["id"], postgresql_where=sa.text("status = 'needs_review'"))
    op.execute(GUARD)
    op.execute(
        "CREATE TRIGGER guard_listing BEFORE INSERT OR UPDATE ON listings FOR EACH ROW EXECUTE FUNCTION guard_listing()"
    )
    op.create_table(
        "listing_acts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("act_id", sa.Uuid(), nullable=False),
        sa.Column("bulk_id", sa.Uuid(), nullable=True),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column(
            "subject",
            sa.Boolean(),
            nullable=False,
            comment="Whether the act was about this version, or only touched it.",
        ),
        sa.Column("status_before", sa.String(length=20), nullable=False),
        sa.Column("status_after", sa.String(length=20), nullable=False),
        sa.Column(
            "before",
            postgresql.JSONB(),
            nullable=False,
            comment="Reviewer, time and note of the version as they were, or its overrulings.",
        ),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('create', 'edit', 'restore', 'approve', 'reject', 'overrule')", name=op.f("ck_listing_acts_kind")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_listing_acts_product_id_products"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_listing_acts_listing_id_listings"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_listing_acts_actor_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_acts")),
    )
    op.create_index(op.f("ix_listing_acts_act_id"), "listing_acts", ["act_id"])
    op.create_index(op.f("ix_listing_acts_product_id"), "listing_acts", ["product_id"])
    op.create_index(op.f("ix_listing_acts_listing_id"), "listing_acts", ["listing_id"])
    op.create_index("ix_listing_acts_text", "listing_acts", ["product_id", "language", "id"])
    op.create_index(
        "ix_listing_acts_bulk", "listing_acts", ["bulk_id"], postgresql_where=sa.text("bulk_id IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_table("listing_acts")
    op.execute("DROP TRIGGER guard_listing ON listings")
    op.execute("DROP FUNCTION guard_listing")
    op.execute("UPDATE listings SET content = content || jsonb_build_object('claims', claims, 'grounding', grounding)")
    op.drop_index("ix_listings_review", "listings")
    op.drop_index("uq_listings_approved", "listings")
    op.drop_constraint(op.f("ck_listings_author_kind"), "listings")
    for column in reversed(columns()):
        op.drop_column("listings", column.name)
    op.alter_column(
        "listings",
        "content",
        existing_type=postgresql.JSONB(),
        existing_nullable=False,
        existing_comment="A Listing without claims and grounding.",
        comment=None,
    )
