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
from app.facts.service import FactService
from app.gateway.health import HealthMonitor
from app.gateway.services import Services
from app.listings.service import ListingService
from app.media.service import MediaService
from app.media.storage import LocalStorage
from app.products.service import ProductService
from app.sources.service import SourceService, problem_with
from shared.models.base import Usage
from shared.models.describe import DescribeRequest
from shared.models.extract import ExtractRequest
from shared.models.facts import Fact
from shared.models.generate import MAX_FACTS, GenerateRequest, ImageContext, ProductContext
from shared.models.problems import Problem
from shared.utils.errors import AppError

MERCHANT_ORIGIN = "merchant"
# What generate-description takes (shared.models.generate). Merged facts come in order of trust: the last ones go.
MAX_IMAGES = 50
MAX_IMAGE_DESCRIPTION = 4000


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
    storage: LocalStorage
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


class DescribeImage:
    """`describe:{image_id}`"""

    async def prepare(
        self, session: AsyncSession, run: Run, step: RunStep, context: StepContext
    ) -> tuple[str, DescribeRequest]:
        media = MediaService(session, context.storage)
        image = next((each for each in await media.of_product(run.product_id) if each.id == subject_id(step)), None)
        if image is None:
            raise StepInputMissing("The image was deleted.")
        product = await ProductService(session).require(run.product_id)
        content, _ = await media.original(image.sha256)
        encoded = await asyncio.to_thread(lambda: base64.b64encode(content).decode())
        request = DescribeRequest(image_base64=encoded, language=run.options["languages"][0], hint=product.name)
        return image.sha256, request

    def input_hash(self, prepared: tuple[str, DescribeRequest]) -> str:
        sha256, request = prepared
        return hash_of(sha256, request.model_dump(mode="json", exclude={"image_base64"}))

    async def call(self, prepared: tuple[str, DescribeRequest], key: str, context: StepContext) -> Outcome:
        answer = await context.services.describe(prepared[1], key)
        result = {"sha256": prepared[0], "description": answer.description, "alt_text": answer.alt_text}
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
        request = ExtractRequest(url=page.url, max_age_s=0 if run.options.get("force") else 86_400)
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
        outcome.result.update(facts=len(merged.facts), conflicts=len(merged.conflicts))

    async def store_problem(self, session: AsyncSession, run: Run, step: RunStep, problem: Problem) -> None:
        return None


@dataclass(frozen=True, slots=True)
class GenerateInput:
    request: GenerateRequest
    engines: list[tuple[str, str | None]]


class GenerateListing:
    """`generate:{language}`"""

    async def prepare(self, session: AsyncSession, run: Run, step: RunStep, context: StepContext) -> GenerateInput:
        product = await ProductService(session).require(run.product_id)
        steps = await RunRepository(session).steps(run.id)
        described = [each.result for each in steps if each.key.startswith("describe:") and each.result]
        merged = await FactService(session).merged(run.product_id)
        request = GenerateRequest(
            product=ProductContext(
                sku=product.sku, name=product.name, brand=product.brand or None, category=product.category or None
            ),
            facts=[
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
            ][:MAX_FACTS],
            language=step.key.partition(":")[2],
            ui_language=run.options["ui_language"],
            engine=run.options["engine"],
            images=[
                ImageContext(sha256=result["sha256"], description=result["description"][:MAX_IMAGE_DESCRIPTION])
                for result in described[:MAX_IMAGES]
            ],
        )
        engines = context.monitor.engines("generate-description")
        return GenerateInput(request, sorted((engine.name, engine.model) for engine in engines))

    def input_hash(self, prepared: GenerateInput) -> str:
        # A new engine would write another text, so it counts as a change.
        return hash_of(prepared.request.model_dump(mode="json"), prepared.engines)

    async def call(self, prepared: GenerateInput, key: str, context: StepContext) -> Outcome:
        listing = await context.services.generate(prepared.request, key)
        grounding = listing.grounding.model_dump(mode="json")
        result = {"grounding": grounding, "removed": len(listing.removed), "prompt_version": listing.prompt_version}
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
