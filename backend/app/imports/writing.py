"""One chunk of a file into the catalogue: products, their pages, photos and texts, and what is wrong with the rows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import Actor
from app.formats.base import ReadResult, RowError
from app.formats.items import CatalogueItem, ItemTexts
from app.imports.schemas import ImportOptions
from app.listings.service import ListingService
from app.media.service import MediaService
from app.products.importing import (
    ItemProblem,
    ProductImporter,
    UpsertOptions,
    UpsertOutcome,
    WaitingVariant,
)

CANNOT_BE_STORED = "It contains something that cannot be stored."


@dataclass(slots=True)
class ChunkReport:
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[tuple[WaitingVariant, ReadResult]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ChunkWriter:
    """`columns` says for each field which column of the file it comes from."""

    format: str
    options: ImportOptions
    columns: dict[str, str]
    actor: Actor

    def importer(self, session: AsyncSession) -> ProductImporter:
        options = self.options
        return ProductImporter(
            session,
            UpsertOptions(
                self.format, options.language, options.mode, options.replace_attributes, options.approve_texts
            ),
        )

    async def write(self, session: AsyncSession, results: Sequence[ReadResult]) -> ChunkReport:
        report = ChunkReport()
        good = [result for result in results if result.item is not None]
        items = [result.item for result in good if result.item is not None]
        outcomes = await self._upsert(session, items)
        for result in results:
            if result.item is None:
                report.counts["failed"] += 1
                report.problems.append(problem_row(result, [*result.errors, *result.warnings], kept=False))
        for result, item, outcome in zip(good, items, outcomes, strict=True):
            self._report(report, result, item, outcome)
        return report

    def _report(self, report: ChunkReport, result: ReadResult, item: CatalogueItem, outcome: UpsertOutcome) -> None:
        report.counts[outcome.result] += 1
        kept = outcome.result != "failed"
        problems = [*result.warnings, *(self.row_error(result, problem) for problem in outcome.problems)]
        if problems and outcome.result != "skipped":
            report.counts["warned"] += kept
            report.problems.append(problem_row(result, problems, kept=kept))
        if outcome.waits:
            options = [option.model_dump() for option in item.options or []]
            report.waiting.append((WaitingVariant(item.sku, item.parent_sku or "", options), result))

    def row_error(self, result: ReadResult, problem: ItemProblem) -> RowError:
        column = self.columns.get(problem.field) if problem.field else None
        return RowError(result.lines[0], column, problem.code, problem.message)

    async def _upsert(self, session: AsyncSession, items: Sequence[CatalogueItem]) -> list[UpsertOutcome]:
        """One item that the database refuses does not take the others with it: it is found by halving."""
        if not items:
            return []
        try:
            async with session.begin_nested():
                return await self._write_all(session, items)
        except (DataError, IntegrityError):
            if len(items) == 1:
                return [UpsertOutcome("failed", None, [ItemProblem(None, "not-storable", CANNOT_BE_STORED)])]
        half = len(items) // 2
        return [*await self._upsert(session, items[:half]), *await self._upsert(session, items[half:])]

    async def _write_all(self, session: AsyncSession, items: Sequence[CatalogueItem]) -> list[UpsertOutcome]:
        outcomes = await self.importer(session).upsert(items)
        written = [
            (outcome.product_id, item)
            for item, outcome in zip(items, outcomes, strict=True)
            if outcome.product_id is not None and outcome.result in {"created", "updated", "unchanged"}
        ]
        texts: list[tuple[Any, str, ItemTexts]] = [
            (product_id, language, each) for product_id, item in written for language, each in item.texts.items()
        ]
        changed = set()
        if texts:
            changed |= await ListingService(session).add_imported_many(
                texts, approve=self.options.approve_texts, author=self.actor.name, author_id=self.actor.id
            )
        images = [
            (product_id, [(image.url, image.alt) for image in item.images])
            for product_id, item in written
            if item.images
        ]
        if images and self.options.fetch_images:
            changed |= await MediaService.reader(session).add_many_from_urls(images)
        for outcome in outcomes:
            if outcome.result == "unchanged" and outcome.product_id in changed:
                outcome.result = "updated"
        return outcomes


def problem_row(result: ReadResult, problems: Sequence[RowError], *, kept: bool) -> dict[str, Any]:
    return {
        "line": min(result.lines),
        "lines": sorted(set(result.lines)),
        "kept": kept,
        "problems": [
            {"line": each.line, "column": each.column, "code": each.code, "message": each.message} for each in problems
        ],
    }
