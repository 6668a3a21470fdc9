"""The audit log, written by triggers.

One trigger function serves all tables; each has an `id`. It runs once for each statement and sees all rows of it
(transition tables), so a bulk insert costs one more INSERT ... SELECT and no call per row: 54 us of the server's time
for a product, where the insert itself takes 140. Such triggers cannot be deferred to the commit; they read who acts
from settings of the transaction (`app.actor_id`, ...), which the session sets before its first statement.
"""

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


class Audited(NamedTuple):
    """`omitted` never shows: secrets, and what changes by itself. `large` shows in full when it is changed or deleted,
    and by its hash in a new row, which has it itself.
    """

    table: str
    product_column: str | None = None
    omitted: tuple[str, ...] = ()
    large: tuple[str, ...] = ()


# How far an import has come shows on its own row; in the log it would be one event for each step.
PROGRESS = (
    "position", "rows_estimated", "rows_read", "created", "updated", "unchanged", "skipped", "failed", "warned",
)  # fmt: skip
TABLES = (
    Audited("products", "id", ("updated_at", "version", "name_key")),
    Audited("product_images", "product_id"),
    Audited("source_pages", "product_id", ("fetched_at",)),
    Audited("fact_decisions", "product_id"),
    Audited("listings", "product_id", ("revision",), ("content", "claims", "facts")),
    Audited("comments", "product_id"),
    Audited("photo_archives"),
    Audited("imports", None, PROGRESS),
    Audited("exports", None, ("snapshot", "since_snapshot"), ("product_ids",)),
    Audited("settings_documents"),
    Audited("users", None, ("password_hash", "updated_at", "signed_in_at")),
    Audited("invitations", None, ("token_hash",)),
    Audited("api_keys", None, ("token_hash", "used_at")),
)
EVENTS = {
    "insert": "AFTER INSERT ON {} REFERENCING NEW TABLE AS new_rows",
    "update": "AFTER UPDATE ON {} REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "AFTER DELETE ON {} REFERENCING OLD TABLE AS old_rows",
}

AUDIT_NEW_ROW = """
CREATE FUNCTION audit_new_row(data jsonb, omitted text[], large text[]) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN large = '{}' THEN data - omitted ELSE (data - omitted) || (
        SELECT coalesce(jsonb_object_agg(name, jsonb_build_object(
            'sha256', encode(sha256(convert_to((data -> name)::text, 'UTF8')), 'hex'))), '{}')
        FROM unnest(large) AS name WHERE jsonb_typeof(data -> name) <> 'null'
    ) END
$$
"""

AUDIT_CHANGES = """
CREATE FUNCTION audit_changes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    product_column text := TG_ARGV[0];
    omitted text[] := string_to_array(TG_ARGV[1], ',');
    large text[] := string_to_array(TG_ARGV[2], ',');
    moment timestamptz := clock_timestamp();
    actor uuid := nullif(current_setting('app.actor_id', true), '')::uuid;
    actor_name text := coalesce(nullif(current_setting('app.actor_name', true), ''), 'system');
    api_key uuid := nullif(current_setting('app.api_key_id', true), '')::uuid;
    request text := nullif(current_setting('app.request_id', true), '');
BEGIN
    -- OFFSET 0 keeps the planner from making a row's JSON anew wherever it is mentioned.
    IF TG_OP = 'INSERT' THEN
        INSERT INTO audit_events
            (at, actor_id, actor_name, api_key_id, request_id, action, table_name, row_id, product_id, after)
        SELECT moment, actor, actor_name, api_key, request, 'insert', TG_TABLE_NAME, id,
            (data ->> product_column)::uuid, audit_new_row(data, omitted, large)
        FROM (SELECT id, to_jsonb(new_rows) AS data FROM new_rows OFFSET 0) AS added;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO audit_events
            (at, actor_id, actor_name, api_key_id, request_id, action, table_name, row_id, product_id, before, after)
        SELECT moment, actor, actor_name, api_key, request, 'update', TG_TABLE_NAME, id,
            (later ->> product_column)::uuid, changed.before, changed.after
        FROM (
            SELECT new_rows.id, to_jsonb(old_rows) AS earlier, to_jsonb(new_rows) AS later
            FROM old_rows JOIN new_rows ON new_rows.id = old_rows.id OFFSET 0
        ) AS pairs
        CROSS JOIN LATERAL (
            SELECT jsonb_object_agg(key, earlier -> key) AS before, jsonb_object_agg(key, value) AS after
            FROM jsonb_each(later)
            WHERE earlier -> key IS DISTINCT FROM value AND key <> ALL (omitted)
        ) AS changed
        WHERE changed.after IS NOT NULL;
    ELSE
        INSERT INTO audit_events
            (at, actor_id, actor_name, api_key_id, request_id, action, table_name, row_id, product_id, before)
        SELECT moment, actor, actor_name, api_key, request, 'delete', TG_TABLE_NAME, id,
            (data ->> product_column)::uuid, data - omitted
        FROM (SELECT id, to_jsonb(old_rows) AS data FROM old_rows OFFSET 0) AS removed;
    END IF;
    RETURN NULL;
END
$$
"""

AUDIT_REFUSE = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'DELETE' OR current_setting('app.audit_pruning', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION 'the audit log cannot be changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END
$$
"""

AUDIT_PRUNE = """
CREATE FUNCTION audit_prune(before timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    pruned bigint;
BEGIN
    PERFORM set_config('app.audit_pruning', 'on', true);
    DELETE FROM audit_events WHERE at < audit_prune.before;
    GET DIAGNOSTICS pruned = ROW_COUNT;
    PERFORM set_config('app.audit_pruning', 'off', true);
    RETURN pruned;
END
$$
"""


def upgrade() -> None:
    op.create_table(
        "audit_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("actor_id", sa.Uuid()),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("api_key_id", sa.Uuid()),
        sa.Column("request_id", sa.Text()),
        sa.Column("action", sa.String(length=30), nullable=False),
        sa.Column("table_name", sa.String(length=63), nullable=False),
        sa.Column("row_id", sa.Text()),
        sa.Column("product_id", sa.Uuid()),
        sa.Column("before", postgresql.JSONB()),
        sa.Column("after", postgresql.JSONB()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
    )
    for column in ("product", "actor"):
        op.create_index(
            f"ix_audit_events_{column}",
            "audit_events",
            [f"{column}_id", "id"],
            postgresql_where=sa.text(f"{column}_id IS NOT NULL"),
        )
    op.create_index("ix_audit_events_table", "audit_events", ["table_name", "id"])
    op.create_index("ix_audit_events_at", "audit_events", ["at"], postgresql_using="brin")
    for function in (AUDIT_NEW_ROW, AUDIT_CHANGES, AUDIT_REFUSE, AUDIT_PRUNE):
        op.execute(function)
    op.execute(
        "CREATE TRIGGER audit_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
    )
    for audited in TABLES:
        arguments = ", ".join(
            f"'{argument}'"
            for argument in (
                audited.product_column or "",
                ",".join(audited.omitted),
                ",".join(audited.large),
            )
        )
        for name, event in EVENTS.items():
            op.execute(
                f"CREATE TRIGGER audit_{name} {event.format(audited.table)}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION audit_changes({arguments})"
            )


def downgrade() -> None:
    for audited in TABLES:
        for name in EVENTS:
            op.execute(f"DROP TRIGGER audit_{name} ON {audited.table}")
    op.drop_table("audit_events")
    for function in ("audit_prune(timestamptz)", "audit_refuse()", "audit_changes()"):
        op.execute(f"DROP FUNCTION {function}")
    op.execute("DROP FUNCTION audit_new_row(jsonb, text[], text[])")
