"""What each kind of step asks of a service, and what it stores of the answer.

`prepare` reads what the step needs in a short session; `call` speaks to the service without any session; `store`
writes the outcome in the transaction that also marks the step as done.
"""

import asyncio
import base64
import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from app.enrichment.models import Run, RunStep
from app.enrichment.repository import RunRepository
from app.enrichment.schemas import DocumentUsed, SettingsUsed
from app.enrichment.writing import Wishes, Writing, writing_for
from app.facts.service import FactService
from app.gateway.health import HealthMonitor
from app.gateway.services import Services
from app.listings.service import ListingService
from app.media.service import MediaService
from app.media.storage import Storage
from app.products.service import ProductService
from app.settings_store.service import SettingsService
from app.sources.service import SourceService, problem_with
from shared.models.base import Usage
from shared.models.describe import DescribeRequest
from shared.models.extract import ExtractRequest
from shared.models.problems import Problem
from shared.utils.errors import AppError

MERCHANT_ORIGIN = "merchant"


class StepInputMissing(AppError):
    """What the step is about was deleted while the run was on its way."""

    status, title = 404, "What the step was about is no longer there"


@dataclass(frozen=True, slots=True)
class Outcome:
    engine: str | None
    usage: Usage
    result: dict[str, Any]
    answer: Any
    # The service answered, but the answer is of no use: it is stored, and the step counts as failed.
    problem: Problem | None = None


@dataclass(slots=True)
class StepContext:
    services: Services
    storage: Storage
    monitor: HealthMonitor


class StepKind(Protocol):
    async def prepare(self, session: AsyncSession, run: Run, step: RunStep, context: StepContext) -> Any: ...

    def input_hash(self, prepared: Any) -> str: ...

    async def call(self, prepared: Any, key: str, context: StepContext) -> Outcome: ...

    async def store(self, session: AsyncSession, run: Run, step: RunStep, outcome: Outcome) -> None: ...

    async def store_problem(self, session: AsyncSession, run: Run, step: RunStep, problem: Problem) -> None: ...


def hash_of(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def subject_id(step: RunStep) -> uuid.UUID:
    return uuid.UUID(step.key.partition(":")[2])


@dataclass(frozen=True, slots=True)
class DescribeInput:
    sha256: str
    request: DescribeRequest
    used: SettingsUsed


class DescribeImage:
    """`describe:{image_id}`"""

    async def prepare(self, session: AsyncSession, run: Run, step: RunStep, context: StepContext) -> DescribeInput:
        media = MediaService(session, context.storage)
        image = next((each for each in await media.of_product(run.product_id) if each.id == subject_id(step)), None)
        if image is None:
            raise StepInputMissing("The image was deleted.")
        product = await ProductService(session).require(run.product_id)
        content, _ = await media.original(image.sha256)
        encoded = await asyncio.to_thread(lambda: base64.b64encode(content).decode())
        settings = SettingsService(session)
        await settings.load("prompt", "engines")
        language = run.options["languages"][0]
        prompt = await settings.prompt("describe", language)
        ready = frozenset(engine.name for engine in context.monitor.engines("describe-image"))
        engine, model = await settings.engine_choice("describe", ready)
        request = DescribeRequest(
            image_base64=encoded,
            language=language,
            hint=product.name,
            prompt=prompt.value.text if prompt else None,
            engine=engine,
            model=model,
        )
        used = DocumentUsed(key=prompt.key, name=prompt.key, version=prompt.version) if prompt else None
        return DescribeInput(image.sha256, request, SettingsUsed(prompt=used))

    def input_hash(self, prepared: DescribeInput) -> str:
        return hash_of(prepared.sha256, prepared.request.model_dump(mode="json", exclude={"image_base64"}))

    async def call(self, prepared: DescribeInput, key: str, context: StepContext) -> Outcome:
        answer = await context.services.describe(prepared.request, key)
        result = {
            "sha256": prepared.sha256,
            "description": answer.description,
            "alt_text": answer.alt_text,
            "settings_used": prepared.used.model_dump(mode="json"),
        }
        return Outcome(answer.engine, answer.usage, result, answer)

    async def store(self, session: AsyncSession, run: Run, step: RunStep, outcome: Outcome) -> None:
        await MediaService.reader(session).hold(run.product_id, subject_id(step))
        await FactService(session).replace(run.product_id, step.key, outcome.answer.facts)

    async def store_problem(self, session: AsyncSession, run: Run, step: RunStep, problem: Problem) -> None:
        # The bytes of an image never change: what was read from it before is as true as it was.
        return None


@dataclass(frozen=True, slots=True)
class ExtractInput:
    request: ExtractRequest
    product_name: str


class ExtractPage:
    """`extract:{source_id}`"""

    async def prepare(self, session: AsyncSession, run: Run, step: RunStep, context: StepContext) -> ExtractInput:
        pages = await SourceService(session).pages(run.product_id)
        page = next((each for each in pages if each.id == subject_id(step)), None)
        if page is None:
            raise StepInputMissing("The source page was deleted.")
        product = await ProductService(session).require(run.product_id)
        engines = await SettingsService(session).engines()
        max_age_s = 0 if run.options.get("force") else 86_400
        request = ExtractRequest(url=page.url, render=engines.extract, max_age_s=max_age_s)
        return ExtractInput(request, product.name)

    def input_hash(self, prepared: ExtractInput) -> str:
        return hash_of(prepared.request.model_dump(mode="json"))

    async def call(self, prepared: ExtractInput, key: str, context: StepContext) -> Outcome:
        answer = await context.services.extract(prepared.request, key)
        result = {"content_sha256": answer.content_sha256, "facts": len(answer.facts), "blocked": answer.blocked}
        result["product"] = answer.product is not None
        engine = "browser" if answer.rendered else "static"
        return Outcome(engine, Usage(), result, answer, problem_with(answer, prepared.product_name))

    async def store(self, session: AsyncSession, run: Run, step: RunStep, outcome: Outcome) -> None:
        await SourceService(session).record(run.product_id, subject_id(step), outcome.answer, outcome.problem)

    async def store_problem(self, session: AsyncSession, run: Run, step: RunStep, problem: Problem) -> None:
        await SourceService(session).record_problem(run.product_id, subject_id(step), problem)


class MergeFacts:
    """`merge`: no service is asked; the merchant's fields join what was read, and conflicts come to light."""

    async def prepare(self, session: AsyncSession, run: Run, step: RunStep, context: StepContext) -> None:
        return None

    def input_hash(self, prepared: None) -> str:
        # Merging is cheap and its input is whatever the steps before have left: it is never reused.
        return ""

    async def call(self, prepared: None, key: str, context: StepContext) -> Outcome:
        return Outcome(None, Usage(), {}, None)

    async def store(self, session: AsyncSession, run: Run, step: RunStep, outcome: Outcome) -> None:
        facts = FactService(session)
        own = await ProductService(session).merchant_facts(run.product_id)
        await facts.replace(run.product_id, MERCHANT_ORIGIN, own)
        merged = await facts.merge(run.product_id)
        outcome.result.update(facts=len(merged.facts), conflicts=merged.open_conflicts)

    async def store_problem(self, session: AsyncSession, run: Run, step: RunStep, problem: Problem) -> None:
        return None


@dataclass(frozen=True, slots=True)
class GenerateInput:
    writing: Writing
    engines: list[tuple[str, str | None]]


class GenerateListing:
    """`generate:{language}`"""

    async def prepare(self, session: AsyncSession, run: Run, step: RunStep, context: StepContext) -> GenerateInput:
        steps = await RunRepository(session).steps(run.id)
        described = [each.result for each in steps if each.key.startswith("describe:") and each.result]
        wishes = Wishes(
            language=step.key.partition(":")[2],
            ui_language=run.options["ui_language"],
            engine=run.options["engine"],
            model=run.options.get("model"),
            brand_voice=run.options.get("brand_voice"),
        )
        engines = context.monitor.engines("generate-description")
        writing = await writing_for(session, run.product_id, described, wishes, [engine.name for engine in engines])
        return GenerateInput(writing, sorted((engine.name, engine.model) for engine in engines))

    def input_hash(self, prepared: GenerateInput) -> str:
        # A new engine would write another text, so it counts as a change.
        return hash_of(prepared.writing.request.model_dump(mode="json"), prepared.engines)

    async def call(self, prepared: GenerateInput, key: str, context: StepContext) -> Outcome:
        listing = await context.services.generate(prepared.writing.request, key)
        grounding = listing.grounding.model_dump(mode="json")
        result = {"grounding": grounding, "removed": len(listing.removed), "prompt_version": listing.prompt_version}
        result["settings_used"] = prepared.writing.used.model_dump(mode="json")
        return Outcome(listing.engine, listing.usage, result, listing)

    async def store(self, session: AsyncSession, run: Run, step: RunStep, outcome: Outcome) -> None:
        facts = await FactService(session).merged(run.product_id)
        await ListingService(session).add_written(run.product_id, run.id, outcome.answer, facts)

    async def store_problem(self, session: AsyncSession, run: Run, step: RunStep, problem: Problem) -> None:
        return None


KINDS: dict[str, StepKind] = {
    "describe": DescribeImage(),
    "extract": ExtractPage(),
    "merge": MergeFacts(),
    "generate": GenerateListing(),
}


def kind_of(step: RunStep) -> StepKind:
    return KINDS[step.key.partition(":")[0]]
