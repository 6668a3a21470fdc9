"""The catalogue as people look at it: filters and searches over products, with what other features know of them."""

import json
import uuid

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalogue.completeness import Requirements, requirements_of, requirements_on
from app.catalogue.filters import Condition, filter_conditions, products
from app.catalogue.repository import CatalogueRepository, FoundRows, Matching
from app.catalogue.schemas import BulkEditRequest, CatalogueFilter, Facets, FacetValue, Sort
from app.catalogue.search import search_query
from app.catalogue.sorting import decode_position, encode_position, fingerprint, order_of
from app.products.bulk import BulkService
from app.products.bulk_schemas import BulkOutcome
from app.products.errors import ProductNotFound
from app.settings_store.service import SettingsService

EMPTY = Matching([], 0)
# The newest requirements that this process knows, by the version of the category list.
KNOWN: dict[uuid.UUID | None, Requirements] = {}


class CatalogueService:
    def __init__(self, session: AsyncSession, user_id: uuid.UUID | None) -> None:
        """`user_id` is who asks, the one that "me" means."""
        self.session = session
        self.repository = CatalogueRepository(session)
        self.settings = SettingsService(session)
        self.user_id = user_id

    async def page(self, asked: CatalogueFilter, sort: Sort, cursor: str | None, limit: int) -> str:
        """A `ProductPage` as JSON."""
        order = order_of(sort)
        mark = fingerprint(asked, sort, self.user_id)
        after = decode_position(cursor, mark, order) if cursor is not None else None
        if not asked.narrows:
            found = await self.repository.whole(sort, after, limit)
        else:
            matching = await self._matching(asked)
            if matching.total == 0:
                return '{"items":[],"next_cursor":null,"total":0}'
            found = await self.repository.rows(matching, order, after, limit)
        items = await self.repository.items(found, await self._requirements(found))
        following = encode_position(found.last, mark) if found.last is not None else None
        return f'{{"items":[{items}],"next_cursor":{json.dumps(following)},"total":{json.dumps(found.total)}}}'

    async def item(self, product_id: uuid.UUID) -> tuple[int, str]:
        """The version of one product, and its `ProductListItem` as JSON."""
        return await self._item(products.c.id == product_id, "There is no such product, or it was deleted.")

    async def item_by_sku(self, sku: str) -> tuple[int, str]:
        return await self._item(products.c.sku == sku, f"There is no product with the SKU {sku}.")

    async def _item(self, condition: Condition, otherwise: str) -> tuple[int, str]:
        found = await self.repository.one(condition)
        item = await self.repository.item(found, await self._requirements(found)) if found is not None else None
        if item is None:
            raise ProductNotFound(otherwise)
        return item

    async def facets(self, asked: CatalogueFilter) -> Facets:
        matching = await self._matching(asked)
        if matching.total == 0:
            return Facets(status=[], category=[], brand=[], tag=[])
        found = await self.repository.facets(matching.conditions)
        return Facets(
            **{name: [FacetValue(value=value, count=count) for value, count in each] for name, each in found.items()}
        )

    async def matching_ids(self, asked: CatalogueFilter) -> Select[tuple[uuid.UUID]]:
        """The ids of all that match, to be selected from by who does something to them."""
        matching = await self._matching(asked)
        if matching.total == 0:
            return select(products.c.id).where(products.c.id.is_(None))
        return select(products.c.id).where(*matching.conditions)

    async def bulk_edit(self, body: BulkEditRequest) -> BulkOutcome:
        if body.dry_run:
            # Done and taken back: so what is told is what would happen.
            savepoint = await self.session.begin_nested()
            outcome = await self._bulk_edit(body)
            await savepoint.rollback()
            return outcome.model_copy(update={"dry_run": True, "undo": None})
        return await self._bulk_edit(body)

    async def _bulk_edit(self, body: BulkEditRequest) -> BulkOutcome:
        bulk = BulkService(self.session, self.user_id)
        if body.ids is not None:
            named = list(dict.fromkeys(body.ids))
            ids, asked = select(products.c.id).where(products.c.id.in_(named)), len(named)
        else:
            assert body.filter is not None
            # What is restored is deleted now, whatever the filter says of that.
            wanted = body.filter.model_copy(update={"deleted": True}) if body.action == "restore" else body.filter
            ids, asked = await self.matching_ids(wanted), None
        match body.action:
            case "delete":
                return await bulk.delete(ids, asked)
            case "restore":
                return await bulk.restore(ids, asked)
        assert body.changes is not None
        return await bulk.change(ids, body.changes, asked)

    async def undo_bulk_edit(self, edit: uuid.UUID) -> BulkOutcome:
        return await BulkService(self.session, self.user_id).undo(edit)

    async def _matching(self, asked: CatalogueFilter) -> Matching:
        query = None
        if asked.search and asked.search.strip():
            query = search_query(asked.search)
            if query is None:
                # Nothing but punctuation: no word begins with it.
                return EMPTY
        required = await self.settings.required_attributes() if "required" in asked.missing else {}
        conditions = filter_conditions(asked, user_id=self.user_id, requirements=requirements_of(required))
        await self.repository.plan_each_query()
        return await self.repository.matching(conditions, query, deleted=asked.deleted)

    async def _requirements(self, found: FoundRows) -> Requirements:
        """What is asked of these products; the whole list is read again only when it has changed."""
        if found.settings not in KNOWN:
            requirements = requirements_of(await self.settings.required_attributes())
            KNOWN.clear()
            KNOWN[found.settings] = requirements
        return requirements_on(KNOWN[found.settings], found.categories)
