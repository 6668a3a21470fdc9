"""Documents as people edit them: every change is a new version, a deletion too, and nothing is ever lost."""

import asyncio
from typing import Any

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app.common.entity_tags import PreconditionFailed, PreconditionRequired, check_if_match
from app.common.paging import Page
from app.settings_store.differences import differences
from app.settings_store.errors import SettingsNotFound, SettingsVersionNotFound
from app.settings_store.kinds import DEFAULT_KEY, MODELS, check_key, check_value, is_single, name_of
from app.settings_store.models import SettingsDocument
from app.settings_store.repository import SettingsRepository
from app.settings_store.schemas import (
    SettingsDiff,
    SettingsRead,
    SettingsSummary,
    SettingsVersion,
    SettingsVersionRead,
)
from shared.models.base import RequestModel
from shared.utils.errors import InvalidRequest


class SettingsEditor:
    def __init__(self, session: AsyncSession, author: str = "") -> None:
        self.session = session
        self.author = author
        self.repository = SettingsRepository(session)

    async def of_kind(self, kind: str) -> list[SettingsRead]:
        stored = [to_read(row) for row in await self.repository.current([kind]) if row.value is not None]
        return stored or ([built_in(kind, 0)] if is_single(kind) else [])

    async def summaries(self) -> list[SettingsSummary]:
        rows = await self.repository.current(list(MODELS))
        found = [summary(row) for row in rows if row.value is not None]
        known = {each.kind for each in found}
        found += [SettingsSummary(**head(kind, 0)) for kind in MODELS if is_single(kind) and kind not in known]
        order = list(MODELS)
        return sorted(found, key=lambda each: (order.index(each.kind), each.key))

    async def get(self, kind: str, key: str) -> SettingsRead:
        return self._in_force(kind, key, await self.repository.newest(kind, key))

    def _in_force(self, kind: str, key: str, newest: SettingsDocument | None) -> SettingsRead:
        if newest is not None and newest.value is not None:
            return to_read(newest)
        if is_single(kind) and key == DEFAULT_KEY:
            return built_in(kind, newest.version if newest is not None else 0)
        raise SettingsNotFound("There is no such document. If it was deleted, one of its versions can be restored.")

    async def put(
        self, kind: str, key: str, value: RequestModel, if_match: str | None, if_none_match: str | None
    ) -> tuple[SettingsRead, bool]:
        """The document, and whether it is new. What is equal to what is there makes no version."""
        check_key(kind, key)
        check_value(key, value)
        await self.repository.one_writer_at_a_time(kind)
        newest = await self.repository.newest(kind, key)
        there = newest is not None and newest.value is not None
        if if_none_match is not None:
            if if_none_match.strip() != "*":
                raise InvalidRequest("If-None-Match is * here: the document must not be there yet.")
            if there:
                raise PreconditionFailed("There is such a document already. Choose another key, or change that one.")
        elif if_match is None:
            raise PreconditionRequired(
                "Send the ETag of the version that you read as If-Match, or If-None-Match: * for a new document."
            )
        elif not there and not is_single(kind):
            raise PreconditionFailed("It was deleted meanwhile, or never was there. Nothing was overwritten.")
        else:
            check_if_match(if_match, newest.version if newest is not None else 0)
        return await self._write(kind, key, value, newest), not there

    async def delete(self, kind: str, key: str, if_match: str | None) -> None:
        await self.repository.one_writer_at_a_time(kind)
        newest = await self.repository.newest(kind, key)
        if newest is None or newest.value is None:
            raise SettingsNotFound("There is no such document, or it was deleted already.")
        check_if_match(if_match, newest.version)
        self._add(kind, key, newest.version + 1, None)

    async def revert(self, kind: str, key: str, version: int, if_match: str | None) -> SettingsRead:
        """The value of that version as a new one; history stays."""
        await self.repository.one_writer_at_a_time(kind)
        newest = await self.repository.newest(kind, key)
        if newest is None:
            raise SettingsNotFound("There is no such document.")
        if if_match is not None:
            check_if_match(if_match, newest.version)
        row = await self._version(kind, key, version)
        if row.value is None:
            raise InvalidRequest(f"Version {version} is a deletion. Delete the document instead.")
        try:
            value = MODELS[kind].model_validate(row.value)
        except ValidationError as error:
            raise InvalidRequest(
                f"Version {version} is no longer valid: {error.errors()[0]['msg']}. Nothing was changed."
            ) from error
        return await self._write(kind, key, value, newest)

    async def _write(self, kind: str, key: str, value: RequestModel, newest: SettingsDocument | None) -> SettingsRead:
        content = value.model_dump(mode="json")
        if newest is not None and newest.value == content:
            return to_read(newest)
        if content.get("is_default"):
            await self._take_default_from_others(kind, key)
        row = self._add(kind, key, newest.version + 1 if newest is not None else 1, content)
        await self.session.flush()
        await self.session.refresh(row)
        return to_read(row)

    async def _take_default_from_others(self, kind: str, key: str) -> None:
        for row in await self.repository.current([kind]):
            if row.key != key and row.value is not None and row.value["is_default"]:
                self._add(kind, row.key, row.version + 1, {**row.value, "is_default": False})

    def _add(self, kind: str, key: str, version: int, value: dict[str, Any] | None) -> SettingsDocument:
        row = SettingsDocument(kind=kind, key=key, version=version, value=value, author=self.author)
        self.repository.add(row)
        return row

    async def versions(self, kind: str, key: str, limit: int, cursor: str | None) -> Page[SettingsVersion]:
        rows, following, total = await self.repository.versions(kind, key, limit, cursor)
        if total == 0 and not (is_single(kind) and key == DEFAULT_KEY):
            raise SettingsNotFound("There never was such a document.")
        return Page(items=[SettingsVersion(**version_head(row)) for row in rows], next_cursor=following, total=total)

    async def version(self, kind: str, key: str, version: int) -> SettingsVersionRead:
        row = await self._version(kind, key, version)
        return SettingsVersionRead(**version_head(row), value=row.value)

    async def _version(self, kind: str, key: str, version: int) -> SettingsDocument:
        row = await self.repository.version(kind, key, version)
        if row is None:
            raise SettingsVersionNotFound(f"There is no version {version} of this document.")
        return row

    async def diff(self, kind: str, key: str, before: int, after: int) -> SettingsDiff:
        old, new = await self._version(kind, key, before), await self._version(kind, key, after)
        changes = await asyncio.to_thread(differences, old.value or {}, new.value or {})
        return SettingsDiff(kind=kind, key=key, from_version=before, to_version=after, changes=changes)


def head(kind: str, version: int) -> dict[str, Any]:
    """Of a built-in document."""
    return {
        "kind": kind, "key": DEFAULT_KEY, "name": DEFAULT_KEY, "version": version, "author": None, "created_at": None,
    }  # fmt: skip


def built_in(kind: str, version: int) -> SettingsRead:
    return SettingsRead(**head(kind, version), value=MODELS[kind]())


def version_head(row: SettingsDocument) -> dict[str, Any]:
    fields = ("kind", "key", "version", "author", "created_at")
    return {**{name: getattr(row, name) for name in fields}, "deleted": row.value is None}


def summary(row: SettingsDocument) -> SettingsSummary:
    return SettingsSummary(**version_head(row), name=(row.value or {}).get("name") or row.key)


def to_read(row: SettingsDocument) -> SettingsRead:
    value = MODELS[row.kind].model_validate(row.value)
    return SettingsRead(**version_head(row), name=name_of(row.key, value), value=value)
