"""The supplier pages behind a product's facts, and the passages of a listing that repeat them."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.facts.schemas import MergedFactRead
from app.listings.supplier_texts import SupplierIndex, SupplierText, repeated_passages
from app.sources.errors import SnapshotNotFound
from app.sources.service import SourceService

MAX_PAGES = 40


async def supplier_pages(session: AsyncSession, facts: Sequence[MergedFactRead]) -> list[SupplierText]:
    refs: dict[str, str] = {}
    for fact in facts:
        for source in fact.sources:
            if source.source.kind == "web" and source.snapshot_sha256:
                refs.setdefault(source.snapshot_sha256, source.source.ref)
    service = SourceService(session)
    pages = []
    for sha256, ref in list(refs.items())[:MAX_PAGES]:
        try:
            pages.append(SupplierText(ref, sha256, (await service.snapshot(sha256)).text))
        except SnapshotNotFound:
            continue
    return pages


def merchant_texts(facts: Sequence[MergedFactRead]) -> list[str]:
    """What the merchant said may be repeated, also where a supplier says it as well."""
    return [source.value for fact in facts for source in fact.sources if source.source.kind == "merchant"]


async def warnings_about(
    content: Mapping[str, Any], pages: Sequence[SupplierText], own_texts: Sequence[str]
) -> list[dict[str, Any]]:
    return await asyncio.to_thread(lambda: repeated_passages(content, SupplierIndex(pages, own_texts)))


async def supplier_warnings(
    session: AsyncSession, content: Mapping[str, Any], facts: Sequence[MergedFactRead]
) -> list[dict[str, Any]]:
    return await warnings_about(content, await supplier_pages(session, facts), merchant_texts(facts))
