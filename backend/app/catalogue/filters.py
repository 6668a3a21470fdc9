"""A filter as conditions on the table of products."""

import uuid

from sqlalchemy import (
    ColumnElement,
    FromClause,
    and_,
    bindparam,
    cast,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSQUERY

from app.catalogue.completeness import Requirements, spellings_of
from app.catalogue.models import ProductSearch
from app.catalogue.schemas import CatalogueFilter
from app.facts.models import Conflict, MergedFact
from app.listings.models import ListingVersion
from app.media.models import ProductImage
from app.products.models import PRICE_UP, Product
from app.products.schemas import CATEGORY_SEPARATOR
from app.sources.models import SourcePage

Condition = ColumnElement[bool]

# Tables rather than classes: no objects are made of these rows, and what is selected from is partly text.
products = Product.__table__
product_search = ProductSearch.__table__
merged_facts = MergedFact.__table__
conflicts = Conflict.__table__

OPEN_CONFLICT = exists().where(conflicts.c.product_id == products.c.id, conflicts.c.settled_at.is_(None))
FACT = exists().where(merged_facts.c.product_id == products.c.id, merged_facts.c.status == "used")
# As in the list items: the nearest listed category above asks, and any of its attributes that is not known is missing.
REQUIRED_IS_MISSING = """
EXISTS (
    SELECT FROM jsonb_array_elements(
        (SELECT CAST(:requirements AS jsonb) -> array_to_string(path[1:depth], ' > ')
         FROM (SELECT string_to_array(search_fold(products.category), ' > ')) AS folded(path),
              generate_series(cardinality(path), 1, -1) AS depth
         WHERE CAST(:requirements AS jsonb) ? array_to_string(path[1:depth], ' > ') ORDER BY depth DESC LIMIT 1)
    ) AS need(attribute)
    WHERE NOT (attribute -> 1) ?| ARRAY(
        SELECT search_fold(own ->> 'name') FROM jsonb_array_elements(products.attributes) AS own
        UNION ALL SELECT name FROM merged_facts WHERE product_id = products.id AND merged_facts.status = 'used'
    )
)
"""


def has(rows: FromClause) -> Condition:
    return exists().where(rows.c.product_id == products.c.id)


def in_category(path: str) -> Condition:
    """The category and all below it: `Kitchen > ` up to, but without, `Kitchen >!`, the character after the space."""
    below = path + CATEGORY_SEPARATOR
    after = below[:-1] + chr(ord(below[-1]) + 1)
    return or_(
        products.c.category == path,
        and_(products.c.category.op("~>=~")(below), products.c.category.op("~<~")(after)),
    )


def has_attribute(name: str) -> Condition:
    spellings = spellings_of(name)
    own = func.jsonb_array_elements(products.c.attributes).table_valued("value", name="own")
    named = func.search_fold(cast(own.c.value, JSONB)["name"].astext)
    return or_(
        exists(select(literal_column("1")).select_from(own).where(named.in_(spellings))),
        exists().where(
            merged_facts.c.product_id == products.c.id,
            merged_facts.c.status == "used",
            merged_facts.c.name.in_(spellings),
        ),
    )


def is_missing(what: str, requirements: Requirements) -> Condition:
    if what.startswith("attribute:"):
        return ~has_attribute(what.partition(":")[2])
    if what == "required":
        if not requirements:
            return false()
        return text(REQUIRED_IS_MISSING).bindparams(  # type: ignore[return-value]
            bindparam("requirements", requirements, type_=JSONB)
        )
    conditions: dict[str, Condition] = {
        "gtin": products.c.gtin.is_(None),
        "brand": products.c.brand.is_(None),
        "category": products.c.category.is_(None),
        # In the words of its index.
        "price": literal_column(PRICE_UP) == literal_column("'Infinity'::numeric"),
        "image": ~has(ProductImage.__table__),
        "source": and_(~has(SourcePage.__table__), ~FACT),
        "listing": ~has(ListingVersion.__table__),
    }
    return conditions[what]


def filter_conditions(
    asked: CatalogueFilter, *, user_id: uuid.UUID | None, requirements: Requirements
) -> list[Condition]:
    """All but the search, and whether products are deleted."""
    conditions: list[Condition] = []
    if asked.status:
        conditions.append(products.c.status.in_(asked.status))
    if asked.category:
        conditions.append(or_(*(in_category(path) for path in asked.category)))
    if asked.brand:
        conditions.append(products.c.brand.in_(asked.brand))
    if asked.tag:
        conditions.append(products.c.tags.contains(asked.tag))
    if asked.language is not None:
        conditions.append(products.c.languages.contains([asked.language]))
    if asked.assignee == "none":
        conditions.append(products.c.assignee_id.is_(None))
    elif asked.assignee is not None:
        assignee = user_id if asked.assignee == "me" else asked.assignee
        conditions.append(products.c.assignee_id == assignee if assignee is not None else false())
    if asked.conflicts is not None:
        conditions.append(OPEN_CONFLICT if asked.conflicts else ~OPEN_CONFLICT)
    conditions += [is_missing(what, requirements) for what in asked.missing]
    if asked.parent == "none":
        conditions.append(products.c.parent_id.is_(None))
    elif asked.parent is not None:
        conditions.append(products.c.parent_id == asked.parent)
    if asked.updated_since is not None:
        conditions.append(products.c.updated_at >= asked.updated_since)
    return conditions


def query_value(query: str) -> ColumnElement[str]:
    return cast(query, TSQUERY)


def found_in_index(query: str) -> Condition:
    """For what is found seldom: the index names the products."""
    return products.c.id.in_(
        select(product_search.c.product_id).where(product_search.c.document.op("@@")(query_value(query)))
    )


def found_one_by_one(query: str) -> Condition:
    """For what is found everywhere: each product that is come by is looked at. A planner cannot turn this around."""
    document = select(product_search.c.document.op("@@")(query_value(query)))
    return document.where(product_search.c.product_id == products.c.id).correlate(products).scalar_subquery()


def found_among_deleted(query: str) -> Condition:
    """Deleted products are in no index; they are few."""
    return literal_column("product_search_document(products)").op("@@")(query_value(query))
