"""Products as JSON, made by PostgreSQL: what a page shows is never taken apart and put together again on its way.

The statements are psycopg's own.

The shape is `ProductListItem`; a test compares the two.
"""

from app.catalogue.completeness import BASIC_FIELDS


def moment(column: str) -> str:
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


# At least the two places that money is written with.
PRICE = """CASE WHEN p.price_amount IS NOT NULL AND p.price_currency IS NOT NULL THEN json_build_object(
    'amount', CASE WHEN scale(trim_scale(p.price_amount)) < 2 THEN round(p.price_amount, 2)
                   ELSE trim_scale(p.price_amount) END::text,
    'currency', p.price_currency) END"""

ATTRIBUTES = """(SELECT coalesce(json_agg(json_build_object(
    'name', each ->> 'name', 'type', coalesce(each ->> 'type', 'text'), 'value', each -> 'value',
    'unit', each ->> 'unit'
    ) ORDER BY place), '[]') FROM jsonb_array_elements(p.attributes) WITH ORDINALITY AS attribute(each, place))"""

FIRST_IMAGE = """(SELECT json_build_object(
        'id', image.id, 'sha256', image.sha256, 'position', image.position, 'alt', image.alt,
        'file_name', image.file_name, 'width', medium.width, 'height', medium.height,
        'urls', json_build_object(
            'original', '/media/' || image.sha256 || '/original', '320', '/media/' || image.sha256 || '/320.webp',
            '800', '/media/' || image.sha256 || '/800.webp', '1600', '/media/' || image.sha256 || '/1600.webp'))
    FROM product_images AS image JOIN media AS medium ON medium.sha256 = image.sha256
    WHERE image.product_id = p.id ORDER BY image.position, image.id LIMIT 1)"""

NEWEST_RUN = f"""(SELECT json_build_object(
        'id', run.id, 'status', run.status,
        'created_at', {moment("run.created_at")}, 'finished_at', {moment("run.finished_at")})
    FROM runs AS run WHERE run.product_id = p.id ORDER BY run.id DESC LIMIT 1)"""  # noqa: S608

FROM_PRODUCT = """products AS p,
    LATERAL (SELECT count(*) AS count FROM product_images WHERE product_id = p.id) AS images,
    LATERAL (SELECT count(*) AS count FROM source_pages WHERE product_id = p.id) AS sources,
    LATERAL (SELECT coalesce((
        SELECT %(requirements)s::jsonb -> array_to_string(path[1:depth], ' > ')
        FROM (SELECT string_to_array(search_fold(p.category), ' > ')) AS folded(path),
             generate_series(cardinality(path), 1, -1) AS depth
        WHERE %(requirements)s::jsonb ? array_to_string(path[1:depth], ' > ') ORDER BY depth DESC LIMIT 1
    ), '[]') AS attributes) AS needed,
    LATERAL (SELECT CASE WHEN needed.attributes = '[]' THEN '{}' ELSE ARRAY(
        SELECT search_fold(own ->> 'name') FROM jsonb_array_elements(p.attributes) AS own
        UNION ALL SELECT name FROM merged_facts WHERE product_id = p.id AND merged_facts.status = 'used'
    ) END AS names) AS known,
    LATERAL (SELECT array_remove(ARRAY[
        CASE WHEN p.brand IS NULL THEN 'brand' END,
        CASE WHEN p.category IS NULL THEN 'category' END,
        CASE WHEN p.gtin IS NULL THEN 'gtin' END,
        CASE WHEN p.price_amount IS NULL THEN 'price' END,
        CASE WHEN images.count = 0 THEN 'image' END,
        CASE WHEN sources.count = 0 AND NOT EXISTS (
            SELECT FROM merged_facts WHERE product_id = p.id AND merged_facts.status = 'used') THEN 'source' END
    ], NULL) || ARRAY(
        SELECT 'attribute:' || (attribute ->> 0)
        FROM jsonb_array_elements(needed.attributes) WITH ORDINALITY AS need(attribute, place)
        WHERE NOT (attribute -> 1) ?| known.names ORDER BY place
    ) AS fields) AS missing"""

ITEM = f"""json_build_object(
    'id', p.id, 'sku', p.sku, 'name', p.name, 'brand', p.brand, 'category', p.category, 'status', p.status,
    'gtin', p.gtin, 'price', {PRICE}, 'attributes', {ATTRIBUTES}, 'keywords', p.keywords, 'tags', p.tags,
    'languages', p.languages, 'parent_id', p.parent_id, 'option_names', p.option_names, 'options', p.options,
    'assignee_id', p.assignee_id, 'version', p.version, 'created_at', {moment("p.created_at")},
    'updated_at', {moment("p.updated_at")}, 'deleted_at', {moment("p.deleted_at")},
    'completeness', round(1 - cardinality(missing.fields)::numeric
        / ({BASIC_FIELDS} + jsonb_array_length(needed.attributes)), 2),
    'missing', missing.fields,
    'assignee', (SELECT json_build_object('id', users.id, 'name', users.name)
                 FROM users WHERE users.id = p.assignee_id),
    'image', {FIRST_IMAGE}, 'image_count', images.count, 'source_count', sources.count,
    'conflict_count', (SELECT count(*) FROM conflicts WHERE product_id = p.id AND settled_at IS NULL),
    'comment_count', (SELECT count(*) FROM comments WHERE product_id = p.id),
    'variant_count', (SELECT count(*) FROM products AS variant
                      WHERE variant.parent_id = p.id AND variant.deleted_at IS NULL),
    'listing_languages', (SELECT coalesce(json_agg(DISTINCT language), '[]') FROM listings WHERE product_id = p.id),
    'run', {NEWEST_RUN})::text"""  # noqa: S608


# `requirements` as JSON (app.catalogue.completeness), and which products in which order.
PAGE_ITEMS = (
    f"SELECT string_agg({ITEM}, ',' ORDER BY page.place)"  # noqa: S608
    f" FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY AS page(id, place), {FROM_PRODUCT} WHERE p.id = page.id"
)
ONE_ITEM = f"SELECT p.version, {ITEM} FROM {FROM_PRODUCT} WHERE p.id = %(id)s AND p.deleted_at IS NULL"  # noqa: S608
