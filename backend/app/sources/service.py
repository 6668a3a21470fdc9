"""Source pages of products, and what was read from them."""

import uuid
from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.facts.names import plain
from app.facts.service import FactService
from app.sources.errors import PageBlocked, PageWithoutProduct, SnapshotNotFound, SourceAlreadyThere, SourceNotFound
from app.sources.models import SourcePage
from app.sources.repository import SourceRepository
from app.sources.schemas import SnapshotRead, SourceRead
from shared.models.extract import ExtractResponse
from shared.models.problems import Problem

ALREADY_THERE = "This URL is already among the product's sources."


def origin_of(source_id: uuid.UUID) -> str:
    """The key of the step that reads this page; its facts carry it as their origin."""
    return f"extract:{source_id}"


def speaks_of(answer: ExtractResponse, product_name: str) -> bool:
    """Whether a page names at least half of the words of the product's name, in its titles."""
    wanted = {word for word in plain(product_name).split() if len(word) > 2 or word.isdigit()}
    titles = [answer.title or "", *(fact.value for fact in answer.facts if fact.name == "name")]
    found = {word for title in titles for word in plain(title).split()}
    return bool(wanted) and 2 * len(wanted & found) >= len(wanted)


def problem_with(answer: ExtractResponse, product_name: str) -> Problem | None:
    """A page can be fetched without fault and still be of no use; people must be told.

    Prose is believed only where the page is about the product by its own words: any page has sentences.
    """
    if answer.blocked is not None:
        return PageBlocked(f"Instead of the product it shows: {answer.blocked}.", blocked=answer.blocked).to_problem()
    if answer.product is None and not (answer.facts and speaks_of(answer, product_name)):
        return PageWithoutProduct("Check that the URL leads to the product itself.").to_problem()
    return None


class SourceService:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.repository = SourceRepository(session)

    async def add(self, product_id: uuid.UUID, url: str) -> SourceRead:
        if await self.repository.has(product_id, url):
            raise SourceAlreadyThere(ALREADY_THERE)
        position = len(await self.repository.of_product(product_id))
        page = SourcePage(product_id=product_id, url=url, position=position)
        self.repository.add(page)
        try:
            await self.session.flush()
        except IntegrityError as error:
            # The same URL came in twice at once.
            if "uq_source_pages_url" in str(error.orig):
                raise SourceAlreadyThere(ALREADY_THERE) from None
            raise
        return self._read(page, {})

    async def add_many(self, pages: Sequence[tuple[uuid.UUID, Sequence[str]]]) -> set[uuid.UUID]:
        """Add those that are not there yet, in one statement; answers which products have new ones."""
        return await self.repository.add_many(pages) if pages else set()

    async def pages(self, product_id: uuid.UUID) -> Sequence[SourcePage]:
        return await self.repository.of_product(product_id)

    async def of_product(self, product_id: uuid.UUID) -> list[SourceRead]:
        counts = await FactService(self.session).counts_by_origin(product_id)
        return [self._read(page, counts) for page in await self.repository.of_product(product_id)]

    async def counts(self, product_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
        return await self.repository.counts(product_ids)

    async def delete(self, product_id: uuid.UUID, source_id: uuid.UUID) -> None:
        page = await self._require(product_id, source_id)
        await FactService(self.session).forget(product_id, origin_of(source_id))
        await self.repository.delete(page)

    async def record(
        self, product_id: uuid.UUID, source_id: uuid.UUID, answer: ExtractResponse, problem: Problem | None
    ) -> None:
        """Store what a page said; its facts replace those that it gave before.

        With a problem its facts are not believed, and those that it gave before stay.
        """
        page = await self._require(product_id, source_id)
        snapshot = await self.repository.keep_snapshot(answer.snapshot)
        page.title = answer.title
        page.language = answer.language
        page.blocked = answer.blocked
        page.snapshot_sha256 = snapshot
        page.content_sha256 = answer.content_sha256
        page.fetched_at = answer.fetched_at
        page.problem = problem.model_dump(mode="json", exclude_none=True) if problem else None
        if problem is None:
            await FactService(self.session).replace(product_id, origin_of(source_id), answer.facts, snapshot)

    async def record_problem(self, product_id: uuid.UUID, source_id: uuid.UUID, problem: Problem) -> None:
        """The page could not be read. What it said before stays: old facts beat none, and the problem is shown."""
        page = await self._require(product_id, source_id)
        page.problem = problem.model_dump(mode="json", exclude_none=True)

    async def snapshot(self, sha256: str) -> SnapshotRead:
        found = await self.repository.snapshot(sha256)
        if found is None:
            raise SnapshotNotFound("There is no such snapshot.")
        return SnapshotRead(sha256=found.sha256, text=found.text)

    async def _require(self, product_id: uuid.UUID, source_id: uuid.UUID) -> SourcePage:
        page = await self.repository.find(product_id, source_id)
        if page is None:
            raise SourceNotFound("The product has no such source page.")
        return page

    @staticmethod
    def _read(page: SourcePage, counts: dict[str, int]) -> SourceRead:
        return SourceRead(
            id=page.id,
            url=page.url,
            title=page.title,
            language=page.language,
            blocked=page.blocked,
            snapshot_sha256=page.snapshot_sha256,
            fetched_at=page.fetched_at,
            problem=Problem.model_validate(page.problem) if page.problem else None,
            fact_count=counts.get(origin_of(page.id), 0),
        )
