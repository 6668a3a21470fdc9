"""Products: tags, variants, assignment, columns of other systems; search, sorting, bulk edits and comments."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


# Lower case, without accents; the same on every server, whatever its locale. app.catalogue.folding says the same.
FOLD = r"""
CREATE FUNCTION search_fold(value text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF octet_length(value) > char_length(value) THEN
        value := regexp_replace(normalize(value, NFKD), '[\u0300-\u036f]', '', 'g');
        -- Mostly nothing but ASCII is left by now, and what follows takes its time.
        IF octet_length(value) > char_length(value) THEN
            value := translate(
                value,
                'ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩςАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЂЄЅІЈЉЊЋЏҐØøĐđÐðŁłĦħıŊŋ',
                'αβγδεζηθικλμνξοπρστυφχψωσабвгдежзиклмнопрстуфхцчшщъыьэюяђєѕіјљњћџґooddddllhhinn'
            );
            value := replace(replace(replace(replace(value, 'ß', 'ss'), 'ẞ', 'ss'), 'æ', 'ae'), 'Æ', 'ae');
            value := replace(replace(replace(replace(value, 'œ', 'oe'), 'Œ', 'oe'), 'þ', 'th'), 'Þ', 'th');
        END IF;
    END IF;
    RETURN lower(value COLLATE "C");
END
$$
"""
# Words that are divided by single spaces.
WORDS = r"""
CREATE FUNCTION search_words(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regexp_replace(
        search_fold(value),
        '[\u0001-\u002f:-@\[-`{-\u007f\u0080-\u00bf\u00d7\u00f7\u02b0-\u02ff\u1680\u2000-\u2bff\u3000-\u303f\ufe00-\ufe0f\ufe30-\ufe4f]+',
        ' ',
        'g'
    )
$$
"""
# The words of the texts as they are; of the codes, behind a # that no word has, all suffixes and all characters.
DOCUMENT = r"""
CREATE FUNCTION search_document(texts text, codes text[]) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    lexemes text[] := string_to_array(trim(search_words(texts)), ' ');
    code text;
BEGIN
    IF texts ~ '\S{65}' THEN
        lexemes := ARRAY(SELECT left(word, 64) FROM unnest(lexemes) AS word);
    END IF;
    FOREACH code IN ARRAY codes LOOP
        code := replace(search_words(code), ' ', '');
        FOR start IN 1..coalesce(length(code), 0) LOOP
            lexemes := lexemes || ('#' || substr(code, start, 63));
            lexemes := lexemes || ('#' || substr(code, start, 1));
        END LOOP;
    END LOOP;
    RETURN array_to_tsvector(coalesce(lexemes, '{}'));
END
$$
"""
# Only what lives is in the search. A bulk edit of other fields leaves it, and its large index, alone.
KEEP_NEW = """
CREATE FUNCTION keep_search_of_new_products() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO product_search (product_id, document)
    SELECT added.id, product_search_document(added) FROM added WHERE added.deleted_at IS NULL;
    RETURN NULL;
END
$$
"""
KEEP_CHANGED = """
CREATE FUNCTION keep_search_of_changed_product() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.deleted_at IS NOT NULL THEN
        DELETE FROM product_search WHERE product_id = NEW.id;
    ELSE
        INSERT INTO product_search (product_id, document)
        VALUES (NEW.id, product_search_document(NEW))
        ON CONFLICT (product_id) DO UPDATE SET document = excluded.document;
    END IF;
    RETURN NULL;
END
$$
"""
PRODUCT_DOCUMENT = """
CREATE FUNCTION product_search_document(product products) RETURNS tsvector
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT search_document(
        concat_ws(
            ' ', product.name, product.brand, product.category, array_to_string(product.tags, ' '),
            (SELECT string_agg(keyword, ' ') FROM jsonb_array_elements_text(product.keywords) AS keyword)
        ),
        ARRAY[product.sku, product.gtin]
    )
$$
"""
SEARCHED = ("sku", "gtin", "name", "brand", "category", "keywords", "tags", "deleted_at")
TRIGGERS = (
    # In one go for all rows of a statement: an import adds thousands.
    """CREATE TRIGGER products_search_insert AFTER INSERT ON products REFERENCING NEW TABLE AS added
       FOR EACH STATEMENT EXECUTE FUNCTION keep_search_of_new_products()""",
    f"""CREATE TRIGGER products_search_update AFTER UPDATE ON products FOR EACH ROW
        WHEN (({", ".join(f"OLD.{name}" for name in SEARCHED)}) IS DISTINCT FROM
              ({", ".join(f"NEW.{name}" for name in SEARCHED)}))
        EXECUTE FUNCTION keep_search_of_changed_product()""",
)
LIVING = sa.text("deleted_at IS NULL")
# What has no price comes last in both orders.
PRICE_UP = "coalesce(price_amount, 'Infinity'::numeric)"
PRICE_DOWN = "coalesce(price_amount, '-Infinity'::numeric)"


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
    upgrade_search()
    upgrade_indexes()
    upgrade_bulk_edits()
    upgrade_comments()


def upgrade_search() -> None:
    for statement in (FOLD, WORDS, DOCUMENT):
        op.execute(statement)
    # Code units, so that an order of SKUs is the same on every server.
    op.alter_column("products", "sku", type_=sa.String(200, collation="C"))
    op.add_column(
        "products",
        sa.Column(
            "name_key",
            sa.Text(collation="C"),
            sa.Computed("left(search_fold(name), 100)", persisted=True),
            comment="What names are sorted by.",
        ),
    )
    op.create_table(
        "product_search",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("document", postgresql.TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_product_search")),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["products.id"],
            name=op.f("fk_product_search_product_id_products"),
            ondelete="CASCADE",
        ),
    )
    for statement in (PRODUCT_DOCUMENT, KEEP_NEW, KEEP_CHANGED, *TRIGGERS):
        op.execute(statement)
    op.execute(
        "INSERT INTO product_search SELECT id, product_search_document(products) FROM products WHERE deleted_at IS NULL"
    )
    op.create_index(
        "ix_product_search_document",
        "product_search",
        ["document"],
        postgresql_using="gin",
        # What waits to be sorted into the index is read by every search.
        postgresql_with={"gin_pending_list_limit": "1024"},
    )


def upgrade_indexes() -> None:
    op.drop_index("ix_products_updated", "products")
    op.drop_index("ix_products_status", "products")
    op.create_index("ix_products_created", "products", ["created_at", "id"], postgresql_where=LIVING)
    op.create_index("ix_products_updated", "products", ["updated_at", "id"], postgresql_where=LIVING)
    op.create_index("ix_products_status", "products", ["status", "created_at", "id"], postgresql_where=LIVING)
    op.create_index("ix_products_brand", "products", ["brand", "created_at", "id"], postgresql_where=LIVING)
    op.create_index("ix_products_assignee", "products", ["assignee_id", "created_at", "id"], postgresql_where=LIVING)
    op.create_index("ix_products_sku", "products", ["sku", "id"], postgresql_where=LIVING)
    op.create_index("ix_products_name_key", "products", ["name_key", "id"], postgresql_where=LIVING)
    op.create_index("ix_products_gtin", "products", ["gtin"], postgresql_where=LIVING)
    op.create_index(
        "ix_products_category",
        "products",
        ["category"],
        postgresql_ops={"category": "text_pattern_ops"},
        postgresql_where=LIVING,
    )
    op.create_index("ix_products_price_up", "products", [sa.text(PRICE_UP), "id"], postgresql_where=LIVING)
    op.create_index("ix_products_price_down", "products", [sa.text(PRICE_DOWN), "id"], postgresql_where=LIVING)
    op.create_index(
        "ix_products_deleted", "products", ["deleted_at"], postgresql_where=sa.text("deleted_at IS NOT NULL")
    )
    op.create_index("ix_products_tags", "products", ["tags"], postgresql_using="gin")
    op.create_index("ix_products_parent", "products", ["parent_id"])


def upgrade_bulk_edits() -> None:
    op.create_table(
        "bulk_edits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid()),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_edits")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_bulk_edits_user_id_users"), ondelete="SET NULL"
        ),
    )
    op.create_index("ix_bulk_edits_created_at", "bulk_edits", ["created_at"])
    op.create_table(
        "bulk_edit_products",
        sa.Column("bulk_edit_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="That the edit left behind."),
        sa.Column("before", postgresql.JSONB(), nullable=False, comment="The changed columns as they were."),
        sa.PrimaryKeyConstraint("bulk_edit_id", "product_id", name=op.f("pk_bulk_edit_products")),
        sa.ForeignKeyConstraint(
            ["bulk_edit_id"],
            ["bulk_edits.id"],
            name=op.f("fk_bulk_edit_products_bulk_edit_id_bulk_edits"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["products.id"],
            name=op.f("fk_bulk_edit_products_product_id_products"),
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_bulk_edit_products_product_id", "bulk_edit_products", ["product_id"])


def upgrade_comments() -> None:
    op.create_table(
        "comments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid()),
        sa.Column("author_name", sa.Text(), nullable=False, comment="As it was; people leave, comments stay."),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_comments_product_id_products"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_comments_author_id_users"), ondelete="SET NULL"
        ),
    )
    op.create_index("ix_comments_product_id", "comments", ["product_id"])


def downgrade() -> None:
    op.drop_table("comments")
    op.drop_table("bulk_edit_products")
    op.drop_table("bulk_edits")
    op.execute("DROP TRIGGER products_search_insert ON products")
    op.execute("DROP TRIGGER products_search_update ON products")
    op.execute("DROP FUNCTION keep_search_of_new_products()")
    op.execute("DROP FUNCTION keep_search_of_changed_product()")
    op.execute("DROP FUNCTION product_search_document(products)")
    op.drop_table("product_search")
    for name in (
        "parent", "tags", "deleted", "price_down", "price_up", "category", "gtin", "name_key", "sku", "assignee",
        "brand", "status", "updated", "created",
    ):  # fmt: skip
        op.drop_index(f"ix_products_{name}", "products")
    op.create_index("ix_products_status", "products", ["status"])
    op.create_index("ix_products_updated", "products", ["updated_at", "id"])
    op.drop_column("products", "name_key")
    op.alter_column("products", "sku", type_=sa.String(200))
    for column in ("extra", "assignee_id", "options", "option_names", "parent_id", "tags"):
        op.drop_column("products", column)
    for signature in ("search_document(text, text[])", "search_words(text)", "search_fold(text)"):
        op.execute(f"DROP FUNCTION {signature}")
