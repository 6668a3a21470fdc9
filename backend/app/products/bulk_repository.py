"""One edit of many products, in statements over all of them.

An edit's products are noted first (`bulk_edit_products`, version 0); each statement then judges them, changes those
that can be, and notes what they were. What stayed at version 0 is struck off.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, TextClause, bindparam, delete, func, insert, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from app.products.bulk_schemas import BulkChanges
from app.products.models import BulkEdit, BulkEditProduct, Product

KEPT_FOR = timedelta(days=7)
MAX_TAGS = 100
NAMED = 20

Judged = list[tuple[str, int, list[uuid.UUID]]]
"""Outcome, how many, and some of them."""

EDITED = ("tags", "category", "brand", "assignee_id", "languages", "status")

CHANGE = f"""
WITH old AS MATERIALIZED (
    SELECT p.id, {", ".join(f"p.{name}" for name in EDITED)}
    FROM products AS p JOIN bulk_edit_products AS edited ON edited.product_id = p.id
    WHERE edited.bulk_edit_id = :edit AND p.deleted_at IS NULL ORDER BY p.id FOR NO KEY UPDATE OF p
),
new AS MATERIALIZED (
    SELECT id,
        CASE WHEN cardinality(:add_tags) + cardinality(:remove_tags) = 0 THEN tags ELSE ARRAY(
            SELECT tag FROM (
                SELECT tag, min(place) AS place FROM unnest(tags || :add_tags) WITH ORDINALITY AS each(tag, place)
                WHERE tag <> ALL (:remove_tags) GROUP BY tag
            ) AS kept ORDER BY place
        ) END AS tags,
        {", ".join(f"CASE WHEN :sets_{name} THEN :{name} ELSE {name} END AS {name}" for name in EDITED[1:])}
    FROM old
),
judged AS MATERIALIZED (
    SELECT old.id,
        {
    " || ".join(
        f"CASE WHEN new.{name} IS DISTINCT FROM old.{name} THEN jsonb_build_object('{name}', old.{name})"
        " ELSE '{}' END"
        for name in EDITED
    )
} AS before,
        CASE WHEN :sets_status AND old.status = 'enriching' THEN 'enriching'
             WHEN cardinality(new.tags) > {MAX_TAGS} AND cardinality(new.tags) > cardinality(old.tags)
                 THEN 'too_many_tags'
             WHEN ({", ".join(f"new.{name}" for name in EDITED)}) IS DISTINCT FROM
                  ({", ".join(f"old.{name}" for name in EDITED)}) THEN 'changed'
             ELSE 'unchanged' END AS outcome
    FROM old JOIN new ON new.id = old.id
),
written AS (
    UPDATE products AS p SET {", ".join(f"{name} = new.{name}" for name in EDITED)},
        version = p.version + 1, updated_at = now()
    FROM new JOIN judged ON judged.id = new.id
    WHERE p.id = new.id AND judged.outcome = 'changed' RETURNING p.id, p.version
)"""  # noqa: S608  # our own names only

DELETE = """
WITH judged AS MATERIALIZED (
    SELECT p.id, 'changed' AS outcome, '{"deleted_at": null}'::jsonb AS before
    FROM products AS p JOIN bulk_edit_products AS edited ON edited.product_id = p.id
    WHERE edited.bulk_edit_id = :edit AND p.deleted_at IS NULL ORDER BY p.id FOR NO KEY UPDATE OF p
),
written AS (
    UPDATE products AS p SET deleted_at = :at, version = p.version + 1, updated_at = now()
    FROM judged WHERE p.id = judged.id RETURNING p.id, p.version
)"""

# Parents first, then variants: whether a variant may come back depends on what became of its parent.
RESTORE = """
WITH old AS MATERIALIZED (
    SELECT p.id, p.sku, p.parent_id, p.options, p.deleted_at
    FROM products AS p JOIN bulk_edit_products AS edited ON edited.product_id = p.id
    WHERE edited.bulk_edit_id = :edit AND p.deleted_at IS NOT NULL AND (p.parent_id IS NOT NULL) = :variants
    ORDER BY p.id FOR NO KEY UPDATE OF p
),
judged AS MATERIALIZED (
    SELECT id, jsonb_build_object('deleted_at', deleted_at) AS before,
        CASE WHEN row_number() OVER (PARTITION BY sku ORDER BY deleted_at DESC, id DESC) > 1
                  OR EXISTS (SELECT FROM products AS other WHERE other.sku = old.sku AND other.deleted_at IS NULL)
                 THEN 'sku_taken'
             WHEN EXISTS (SELECT FROM products AS parent WHERE parent.id = old.parent_id
                          AND parent.deleted_at IS NOT NULL) THEN 'parent_deleted'
             WHEN parent_id IS NOT NULL AND (
                 row_number() OVER (PARTITION BY parent_id, options ORDER BY deleted_at DESC, id DESC) > 1
                 OR EXISTS (SELECT FROM products AS sibling WHERE sibling.parent_id = old.parent_id
                            AND sibling.deleted_at IS NULL AND sibling.options = old.options)
             ) THEN 'variant_taken'
             ELSE 'changed' END AS outcome
    FROM old
),
written AS (
    UPDATE products AS p SET deleted_at = NULL, version = p.version + 1, updated_at = now()
    FROM judged WHERE p.id = judged.id AND judged.outcome = 'changed' RETURNING p.id, p.version
)"""

NOTE = f"""
, noted AS (
    UPDATE bulk_edit_products AS edited SET version = written.version, before = judged.before
    FROM written JOIN judged ON judged.id = written.id
    WHERE edited.bulk_edit_id = :edit AND edited.product_id = written.id
)
SELECT outcome, count(*), (array_agg(id ORDER BY id))[1:{NAMED}] FROM judged GROUP BY outcome
"""  # noqa: S608


def back(name: str, value: str) -> str:
    return f"{name} = CASE WHEN judged.before ? '{name}' THEN {value} ELSE p.{name} END"


UNDO = f"""
WITH judged AS MATERIALIZED (
    SELECT p.id, edited.before,
        CASE WHEN p.version <> edited.version THEN 'changed_since'
             WHEN edited.before ? 'status' AND p.status = 'enriching' THEN 'enriching'
             WHEN edited.before -> 'deleted_at' = 'null' AND EXISTS (
                 SELECT FROM products AS other WHERE other.sku = p.sku AND other.deleted_at IS NULL) THEN 'sku_taken'
             WHEN edited.before -> 'deleted_at' = 'null' AND EXISTS (
                 SELECT FROM products AS parent WHERE parent.id = p.parent_id AND parent.deleted_at IS NOT NULL
                 AND NOT EXISTS (SELECT FROM bulk_edit_products AS too WHERE too.bulk_edit_id = :edit
                                 AND too.product_id = parent.id AND too.version = parent.version)
             ) THEN 'parent_deleted'
             ELSE 'changed' END AS outcome
    FROM products AS p JOIN bulk_edit_products AS edited ON edited.product_id = p.id
    WHERE edited.bulk_edit_id = :edit ORDER BY p.id FOR NO KEY UPDATE OF p
),
written AS (
    UPDATE products AS p SET
        {back("tags", "ARRAY(SELECT jsonb_array_elements_text(judged.before -> 'tags'))")},
        {back("category", "judged.before ->> 'category'")},
        {back("brand", "judged.before ->> 'brand'")},
        {back("assignee_id", "(SELECT users.id FROM users WHERE users.id = (judged.before ->> 'assignee_id')::uuid)")},
        {back("languages", "judged.before -> 'languages'")},
        {back("status", "judged.before ->> 'status'")},
        {back("deleted_at", "(judged.before ->> 'deleted_at')::timestamptz")},
        version = p.version + 1, updated_at = now()
    FROM judged WHERE p.id = judged.id AND judged.outcome = 'changed'
)
SELECT outcome, count(*), (array_agg(id ORDER BY id))[1:{NAMED}] FROM judged GROUP BY outcome
"""  # noqa: S608

# What goes with its parent, and what went with it and comes back.
WITH_VARIANTS = """
INSERT INTO bulk_edit_products (bulk_edit_id, product_id, version, before)
SELECT :edit, variant.id, 0, '{}'
FROM bulk_edit_products AS edited
JOIN products AS parent ON parent.id = edited.product_id
JOIN products AS variant ON variant.parent_id = parent.id
WHERE edited.bulk_edit_id = :edit
  AND (parent.deleted_at IS NOT NULL) = :deleted
  AND variant.deleted_at IS NOT DISTINCT FROM parent.deleted_at
ON CONFLICT DO NOTHING
"""


class BulkRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def begin(self, ids: Select[tuple[uuid.UUID]], user_id: uuid.UUID | None) -> tuple[uuid.UUID, int]:
        """The new edit, and how many products it is about."""
        await self.session.execute(delete(BulkEdit).where(BulkEdit.created_at < func.now() - KEPT_FOR))
        edit = BulkEdit(user_id=user_id)
        self.session.add(edit)
        await self.session.flush()
        # Locked in the order of ids, as every writer of several products does it.
        chosen = (
            select(Product.id).where(Product.id.in_(ids)).order_by(Product.id).with_for_update(key_share=True).cte()
        )
        columns = ("bulk_edit_id", "product_id", "version", "before")
        rows = select(literal(edit.id), chosen.c.id, literal(0), literal({}, JSONB))
        statement = insert(BulkEditProduct).from_select(columns, rows).execution_options(preserve_rowcount=True)
        result = await self.session.execute(statement)
        return edit.id, result.rowcount  # type: ignore[attr-defined]

    async def add_variants(self, edit: uuid.UUID, *, deleted: bool) -> int:
        result = await self.session.execute(text(WITH_VARIANTS), {"edit": edit, "deleted": deleted})
        return int(result.rowcount)  # type: ignore[attr-defined]

    async def change(self, edit: uuid.UUID, changes: BulkChanges) -> Judged:
        values: dict[str, Any] = {"add_tags": changes.add_tags, "remove_tags": changes.remove_tags}
        for name in EDITED[1:]:
            values[f"sets_{name}"] = name in changes.model_fields_set
            values[name] = getattr(changes, name)
        for name in ("category", "brand"):
            values[name] = values[name] or None
        statement = text(CHANGE + NOTE).bindparams(
            bindparam("add_tags", type_=ARRAY(Text)),
            bindparam("remove_tags", type_=ARRAY(Text)),
            bindparam("languages", type_=JSONB(none_as_null=True)),
        )
        return await self._judge(statement, edit, **values)

    async def delete(self, edit: uuid.UUID, at: datetime) -> Judged:
        return await self._judge(text(DELETE + NOTE), edit, at=at)

    async def restore(self, edit: uuid.UUID) -> Judged:
        statement = text(RESTORE + NOTE)
        parents = await self._judge(statement, edit, variants=False)
        return parents + await self._judge(statement, edit, variants=True)

    async def lock(self, edit: uuid.UUID) -> bool:
        query = select(BulkEdit.id).where(BulkEdit.id == edit).with_for_update()
        return await self.session.scalar(query) is not None

    async def undo(self, edit: uuid.UUID) -> Judged:
        judged = await self._judge(text(UNDO), edit)
        await self.session.execute(delete(BulkEdit).where(BulkEdit.id == edit))
        return judged

    async def strike_off_unchanged(self, edit: uuid.UUID) -> None:
        await self.session.execute(
            delete(BulkEditProduct).where(BulkEditProduct.bulk_edit_id == edit, BulkEditProduct.version == 0)
        )

    async def forget(self, edit: uuid.UUID) -> None:
        await self.session.execute(delete(BulkEdit).where(BulkEdit.id == edit))

    async def _judge(self, statement: TextClause, edit: uuid.UUID, **values: Any) -> Judged:
        rows = await self.session.execute(statement, {"edit": edit, **values})
        return [(outcome, count, list(ids)) for outcome, count, ids in rows]
