"""The settings in force, for whoever works by them.

Make one service for each request or step: it asks the database once which versions are in force, and stays with them
for as long as it lives, but no longer, so that a change takes effect at once everywhere. A version never changes: what
it holds is read and parsed once in a process (5,000 categories take 100 ms).
"""

import uuid
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from app.settings_store.categories import CategoriesDocument, Category, ancestry, category_key
from app.settings_store.errors import SettingsNotFound
from app.settings_store.kinds import DEFAULT_KEY, MODELS
from app.settings_store.repository import SettingsRepository
from app.settings_store.schemas import (
    BrandVoiceDocument,
    EnginesDocument,
    GlossaryDocument,
    LanguagesDocument,
    LimitsDocument,
    PromptDocument,
    ShopDocument,
)
from app.settings_store.texts import fold
from shared.models.base import RequestModel
from shared.models.generate import Limits

Value = TypeVar("Value", bound=RequestModel)

Task = Literal["describe", "generate"]


@dataclass(frozen=True, slots=True)
class InForce(Generic[Value]):
    """A document as it is now. Version 0 is the built-in one."""

    key: str
    version: int
    value: Value


# By the id of the row; the oldest go first.
PARSED: dict[uuid.UUID, RequestModel] = {}
MAX_PARSED = 200


class SettingsService:
    def __init__(self, session: AsyncSession) -> None:
        self.repository = SettingsRepository(session)
        self._read: dict[str, dict[str, InForce[RequestModel]]] = {}

    async def load(self, *kinds: str) -> None:
        """Find what is in force of these kinds, in one query. What it gives is shared: nobody may change it."""
        missing = [kind for kind in kinds if kind not in self._read]
        if not missing:
            return
        heads = await self.repository.heads(missing)
        unknown = [identifier for identifier, _, _, _ in heads if identifier not in PARSED]
        fresh = {
            row.id: MODELS[row.kind].model_validate(row.value)
            for row in (await self.repository.by_ids(unknown) if unknown else ())
        }
        self._read.update((kind, {}) for kind in missing)
        for identifier, kind, key, version in heads:
            self._read[kind][key] = InForce(key, version, fresh.get(identifier) or PARSED[identifier])
        PARSED.update(fresh)
        while len(PARSED) > MAX_PARSED:
            del PARSED[next(iter(PARSED))]

    async def _all(self, model: type[Value]) -> dict[str, InForce[Value]]:
        kind = model.model_fields["kind"].default
        await self.load(kind)
        return self._read[kind]  # type: ignore[return-value]  # by kind, each has its model

    async def _only(self, model: type[Value]) -> Value:
        found = (await self._all(model)).get(DEFAULT_KEY)
        return found.value if found is not None else model()

    async def shop(self) -> ShopDocument:
        return await self._only(ShopDocument)

    async def languages(self) -> LanguagesDocument:
        return await self._only(LanguagesDocument)

    async def engines(self) -> EnginesDocument:
        return await self._only(EnginesDocument)

    async def categories(self) -> list[Category]:
        return (await self._only(CategoriesDocument)).categories

    async def category(self, path: str | None) -> Category | None:
        """The category of this path, whatever its case and spaces; else the nearest one above it."""
        return (await self._only(CategoriesDocument)).tree.nearest(path)

    async def required_attributes(self) -> dict[str, list[str]]:
        """By category path, as the list has it: what its products must have, what the levels above ask included.

        The path of a product may differ in case and spaces (compare by `category_key`), or lie below a listed one:
        `required_attributes_of` sees to both.
        """
        return (await self._only(CategoriesDocument)).tree.required

    async def required_attributes_of(self, category: str | None) -> list[str]:
        return (await self._only(CategoriesDocument)).tree.required_of(category)

    async def voice_for(
        self, *, brand: str | None, category: str | None, wanted: str | None = None
    ) -> InForce[BrandVoiceDocument] | None:
        """The wanted voice; else the one for the brand, for the category, or the default, in this order.

        Raises SettingsNotFound where the wanted one is not there.
        """
        voices = await self._all(BrandVoiceDocument)
        if wanted is not None:
            if wanted not in voices:
                raise SettingsNotFound(f"There is no brand voice {wanted!r}; it may have been deleted.")
            return voices[wanted]
        above = ancestry(category)

        def fit(voice: BrandVoiceDocument) -> tuple[bool, int, bool] | None:
            """How well a voice fits, more being better; None where it is for something else."""
            of_brand = fold(brand or "") in {fold(each) for each in voice.brands}
            depths = [len(above) - above.index(key) for key in map(category_key, voice.categories) if key in above]
            if (voice.brands and not of_brand) or (voice.categories and not depths):
                return (False, 0, True) if voice.is_default else None
            if not voice.brands and not voice.categories and not voice.is_default:
                return None
            return of_brand, max(depths, default=0), voice.is_default

        fitting = [(rank, key) for key, voice in sorted(voices.items()) if (rank := fit(voice.value)) is not None]
        return voices[max(fitting, key=lambda each: each[0])[1]] if fitting else None

    async def glossary(self, language: str) -> tuple[dict[str, str], list[tuple[str, int]]]:
        """Term to its translation or "keep": what holds for all languages, then `pt`, then `pt-BR`; the last word
        counts. With the keys and versions that it comes from."""
        stored = await self._all(GlossaryDocument)
        terms: dict[str, tuple[str, str]] = {}
        used = []
        for key in (DEFAULT_KEY, *general_to_special(language)):
            found = stored.get(key)
            if found is not None:
                used.append((key, found.version))
                terms.update({fold(term): (term, wanted) for term, wanted in found.value.as_mapping().items()})
        return dict(terms.values()), used

    async def limits(self, language: str, category: str | None = None) -> Limits:
        """The shop's, changed by what the language and then the category say."""
        stored = await self._only(LimitsDocument)
        limits = stored.limits
        for tag in general_to_special(language):
            if tag in stored.languages:
                limits = stored.languages[tag].applied_to(limits)
        if category:
            for above in (await self._only(CategoriesDocument)).tree.above(category):
                limits = above.limits.applied_to(limits) if above.limits is not None else limits
        return limits

    async def engine_choice(self, task: Task, ready: frozenset[str] = frozenset()) -> tuple[str, str | None]:
        """Engine and model: the first in the shop's order that is ready, else its first; `auto` without an order."""
        engines = await self.engines()
        choices = engines.describe if task == "describe" else engines.generate
        for choice in choices:
            if choice.engine in ready or choice.engine == "auto":
                return choice.engine, choice.model
        return (choices[0].engine, choices[0].model) if choices else ("auto", None)

    async def prompt(self, task: Task, language: str) -> InForce[PromptDocument] | None:
        """The prompt for the language, else the one for all; None where the built-in one is in force."""
        stored = await self._all(PromptDocument)
        keys = [f"{task}:{tag}" for tag in reversed(general_to_special(language))]
        found = next((stored[key] for key in [*keys, task] if key in stored), None)
        return found if found is not None and found.value.text.strip() else None


def general_to_special(language: str) -> list[str]:
    """`zh-Hant-TW` → `zh`, `zh-Hant`, `zh-Hant-TW`."""
    parts = language.split("-")
    return ["-".join(parts[: count + 1]) for count in range(len(parts))]
