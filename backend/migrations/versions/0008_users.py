"""Users with passwords, invitations, password resets, API keys, limits on attempts."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NOW = sa.text("now()")


def moment(name: str, *, nullable: bool = False, default: sa.TextClause | None = None) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=nullable)


def of_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_id"], ["users.id"], name=op.f(f"fk_{table}_user_id_users"), ondelete="CASCADE"
    )


def upgrade() -> None:
    op.add_column("users", sa.Column("active", sa.Boolean(), server_default="true", nullable=False))
    op.add_column("users", sa.Column("language", sa.String(length=35), comment="Of the web app and of mails."))
    op.add_column("users", sa.Column("password_hash", sa.Text()))
    op.add_column("users", moment("signed_in_at", nullable=True))
    op.add_column("users", moment("updated_at", default=NOW))
    op.execute("UPDATE users SET email = lower(email)")
    op.create_check_constraint(op.f("ck_users_email_lower"), "users", "email = lower(email)")

    # Whoever has a session signs in again: the new columns say of each session what it is.
    op.execute("DELETE FROM sessions")
    op.add_column("sessions", sa.Column("id", sa.Uuid(), nullable=False))
    op.add_column("sessions", moment("seen_at", default=NOW))
    op.add_column("sessions", sa.Column("user_agent", sa.Text(), server_default="", nullable=False))
    op.add_column("sessions", sa.Column("address", sa.Text(), server_default="", nullable=False))
    op.create_unique_constraint(op.f("uq_sessions_id"), "sessions", ["id"])

    for table in ("password_resets", "known_devices"):
        op.create_table(
            table,
            sa.Column("token_hash", sa.String(length=64), nullable=False),
            sa.Column("user_id", sa.Uuid(), nullable=False),
            moment("expires_at"),
            of_user(table),
            sa.PrimaryKeyConstraint("token_hash", name=op.f(f"pk_{table}")),
        )
        op.create_index(op.f(f"ix_{table}_user_id"), table, ["user_id"])
    op.create_table(
        "invitations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("invited_by", sa.Uuid()),
        moment("created_at", default=NOW),
        moment("expires_at"),
        moment("accepted_at", nullable=True),
        moment("revoked_at", nullable=True),
        sa.CheckConstraint("role IN ('viewer', 'editor', 'admin')", name=op.f("ck_invitations_role")),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["users.id"], name=op.f("fk_invitations_invited_by_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
    )
    op.create_index(
        "uq_invitations_open",
        "invitations",
        ["email"],
        unique=True,
        postgresql_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL"),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("last_four", sa.String(length=4), nullable=False),
        moment("created_at", default=NOW),
        moment("expires_at", nullable=True),
        moment("used_at", nullable=True),
        moment("revoked_at", nullable=True),
        of_user("api_keys"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_keys_token_hash")),
    )
    op.create_index(op.f("ix_api_keys_user_id"), "api_keys", ["user_id"])
    op.create_table(
        "throttles",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        moment("last_at"),
        moment("blocked_until", nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttles")),
    )
    op.create_index(op.f("ix_throttles_last_at"), "throttles", ["last_at"])


def downgrade() -> None:
    for table in ("throttles", "api_keys", "invitations", "known_devices", "password_resets"):
        op.drop_table(table)
    op.drop_constraint(op.f("uq_sessions_id"), "sessions")
    for column in ("address", "user_agent", "seen_at", "id"):
        op.drop_column("sessions", column)
    op.drop_constraint(op.f("ck_users_email_lower"), "users")
    for column in ("updated_at", "signed_in_at", "password_hash", "language", "active"):
        op.drop_column("users", column)
