"""What generate-description is asked for one product in one language: facts, photos, and the shop's settings."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.enrichment.schemas import DocumentUsed, SettingsUsed
from app.facts.service import FactService
from app.products.service import ProductService
from app.settings_store.categories import category_key
from app.settings_store.schemas import BrandVoiceDocument
from app.settings_store.service import InForce, SettingsService
from shared.models.facts import Fact
from shared.models.generate import MAX_FACTS, BrandVoice, GenerateRequest, ImageContext, ProductContext

# What generate-description takes (shared.models.generate). Merged facts come in order of trust: the last ones go.
MAX_IMAGES = 50
MAX_IMAGE_DESCRIPTION = 4000


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person who asks wants otherwise than the settings say. `brand_voice` is a key."""

    language: str
    ui_language: str = "en"
    engine: str = "auto"
    model: str | None = None
    brand_voice: str | None = None
    draft_voice: BrandVoiceDocument | None = None


@dataclass(frozen=True, slots=True)
class Writing:
    request: GenerateRequest
    used: SettingsUsed


async def writing_for(
    session: AsyncSession,
    product_id: uuid.UUID,
    described: Sequence[dict[str, Any]],
    wishes: Wishes,
    ready_engines: Iterable[str],
) -> Writing:
    """`described`: the results of the steps that looked at photos. Raises ProductNotFound, SettingsNotFound."""
    product = await ProductService(session).require(product_id)
    settings = SettingsService(session)
    await settings.load("brand-voice", "glossary", "limits", "categories", "prompt", "engines")
    facts = await facts_to_write_from(session, product_id)
    voice: InForce[BrandVoiceDocument] | None
    if wishes.draft_voice is not None:
        voice = InForce(wishes.brand_voice or "", 0, wishes.draft_voice)
    else:
        voice = await settings.voice_for(brand=product.brand, category=product.category, wanted=wishes.brand_voice)
    glossary, glossaries = await settings.glossary(wishes.language)
    prompt = await settings.prompt("generate", wishes.language)
    engine, model = wishes.engine, wishes.model
    if engine == "auto":
        engine, preferred = await settings.engine_choice("generate", frozenset(ready_engines))
        model = model or preferred
    texts = [product.name, *(fact.value for fact in facts)]
    request = GenerateRequest(
        product=ProductContext(
            sku=product.sku, name=product.name, brand=product.brand or None, category=product.category or None
        ),
        facts=facts,
        language=wishes.language,
        ui_language=wishes.ui_language,
        engine=engine,
        model=model,
        brand_voice=brand_voice(voice.value if voice else None, relevant_first(glossary, texts)),
        limits=await settings.limits(wishes.language, product.category),
        categories=await categories_to_choose_from(settings, product.category),
        images=[
            ImageContext(sha256=result["sha256"], description=result["description"][:MAX_IMAGE_DESCRIPTION])
            for result in described[:MAX_IMAGES]
        ],
        prompt=prompt.value.text if prompt else None,
    )
    used = SettingsUsed(
        brand_voice=DocumentUsed(key=voice.key, name=voice.value.name, version=voice.version) if voice else None,
        glossaries=[DocumentUsed(key=key, name=key, version=version) for key, version in glossaries],
        prompt=DocumentUsed(key=prompt.key, name=prompt.key, version=prompt.version) if prompt else None,
    )
    return Writing(request, used)


async def facts_to_write_from(session: AsyncSession, product_id: uuid.UUID) -> list[Fact]:
    """What the last merge left undisputed; the merchant's own facts where nothing was merged yet."""
    merged = await FactService(session).merged(product_id)
    if not merged:
        return (await ProductService(session).merchant_facts(product_id))[:MAX_FACTS]
    return [
        Fact(
            id=fact.id,
            name=fact.name,
            value=fact.value,
            unit=fact.unit,
            confidence=fact.confidence,
            source=fact.sources[0].source,
        )
        for fact in merged
        if not fact.disputed
    ][:MAX_FACTS]


def brand_voice(voice: BrandVoiceDocument | None, glossary: dict[str, str]) -> BrandVoice | None:
    if voice is None:
        return BrandVoice(glossary=glossary) if glossary else None
    return BrandVoice(
        tone=voice.tone or None,
        audience=voice.audience or None,
        instructions=voice.instructions or None,
        forbidden_words=voice.forbidden_words,
        preferred_words=voice.preferred_words,
        glossary=glossary,
    )


def relevant_first(glossary: dict[str, str], texts: Sequence[str]) -> dict[str, str]:
    """A prompt has room for some terms of a long glossary: those that the product's texts contain come first."""
    text = "\n".join(texts).casefold()
    return dict(sorted(glossary.items(), key=lambda item: item[0].casefold() not in text))


async def categories_to_choose_from(settings: SettingsService, given: str | None) -> list[str]:
    """The listed category that the merchant has given; all of them where that is not settled.

    So a change elsewhere in the list is no reason to write the texts of a sorted catalogue again.
    """
    paths = [category.path for category in await settings.categories()]
    settled = [path for path in paths if given and category_key(path) == category_key(given)]
    return settled or paths
