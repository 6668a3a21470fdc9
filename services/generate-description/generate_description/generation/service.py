"""Generate: choose an engine, let it write, check, let the composer stand in where nothing else holds."""

import asyncio
import time
from dataclasses import replace

import structlog

from generate_description.check.checker import Checker
from generate_description.check.vocabulary import base_language
from generate_description.composer.compose import Composer
from generate_description.composer.draft import Draft, Passage
from generate_description.composer.values import localise
from generate_description.engines.model_engine import EngineBusy, EngineFailed, ModelEngine, Written
from generate_description.engines.prompt import PROMPT_VERSION, Prompt, build_prompt
from generate_description.errors import UnknownEngine
from generate_description.generation.assemble import COMPOSER, Assembler
from generate_description.generation.notes import note
from generate_description.generation.streaming import JsonText, OnDelta
from shared.models.base import Usage
from shared.models.generate import Claim, GenerateRequest, Listing
from shared.models.health import EngineHealth
from shared.utils.request_context import remaining_seconds

log = structlog.get_logger(__name__)

KNOWN_ENGINES = ("composer", "embedded", "openai", "anthropic")
COMPOSER_VERSION = "composer-v1"
RESERVE_S = 2.0  # for the check and the composer, when a model took all its time
LONGEST_S = 600.0
REPAIR_FROM = 0.2  # the share of refused claims that is worth a second call
LISTED_REFUSALS = 8


class Prepared:
    """One request's facts, indexed, and the composer's listing, which is always at hand."""

    def __init__(self, request: GenerateRequest) -> None:
        self.request = request
        self.started = time.monotonic()
        arguments = (request.facts, request.product, request.language, request.ui_language)
        self.checker = Checker(*arguments, images=[image.description for image in request.images if image.description])
        self.composer = Composer(request, self.checker)
        self.composed = self.composer.compose()

    def assemble(self, draft: Draft, engine: str, written: Written | None, notes: list[str]) -> Listing:
        assembler = Assembler(self.request, self.checker, self.composer, self.composed)
        listing = assembler.build(
            draft,
            engine,
            written.model if written else None,
            written.usage if written else Usage(),
            self.notes() + notes,
            PROMPT_VERSION if written else COMPOSER_VERSION,
        )
        listing.elapsed_ms = round((time.monotonic() - self.started) * 1000, 1)
        return listing

    def notes(self) -> list[str]:
        ui = self.request.ui_language
        notes = []
        if base_language(self.request.language) not in {"en", "es"}:
            notes.append(note("plain_language", ui))
        if self.checker.evidence.ignored:
            notes.append(note("instructions_ignored", ui, count=len(self.checker.evidence.ignored)))
        if self.checker.evidence.truncated:
            notes.append(note("evidence_truncated", ui))
        return notes

    def refused(self, draft: Draft) -> tuple[list[Claim], int]:
        """What of a model's draft has no fact, and how many claims it has in all."""
        claims = self.checker.check_text("title", draft.title.text) if draft.title.text else []
        for passage in (*draft.sentences, *draft.bullets):
            claims += self.checker.check_text("description", passage.text)
        return [claim for claim in claims if claim.verdict == "unsupported"], len(claims)


class Generator:
    """`engines`: in the order in which `auto` asks them; the composer is always the last."""

    def __init__(self, engines: list[ModelEngine]) -> None:
        self.engines = engines

    def health(self) -> list[EngineHealth]:
        report = []
        for engine in self.engines:
            ready, detail = engine.ready()
            report.append(EngineHealth(name=engine.name, model=engine.model, ready=ready, detail=detail))
        return [*report, EngineHealth(name=COMPOSER, ready=True, detail="writes from the facts, without a model")]

    async def prepare(self, request: GenerateRequest) -> Prepared:
        """Raises NotEnoughFacts and UnknownEngine, so that a stream is not even begun."""
        self.choose(request.engine)
        return await asyncio.to_thread(Prepared, request)

    def choose(self, name: str) -> ModelEngine | None:
        """The engine to ask first; None is the composer."""
        if name == "auto":
            return next((engine for engine in self.engines if engine.ready()[0]), None)
        if name not in KNOWN_ENGINES:
            raise UnknownEngine(f"There is no engine {name!r}. Known are: auto, {', '.join(KNOWN_ENGINES)}.")
        return next((engine for engine in self.engines if engine.name == name), None)

    async def generate(self, prepared: Prepared, on_delta: OnDelta | None = None) -> Listing:
        request = prepared.request
        engine = self.choose(request.engine)
        notes: list[str] = []
        if engine is not None:
            try:
                return await self.write(engine, prepared, on_delta)
            except EngineFailed as failure:
                log.warning("engine_failed", engine=engine.name, reason=str(failure))
                code = "engine_busy" if isinstance(failure, EngineBusy) else "engine_failed"
                notes.append(note(code, request.ui_language, engine=engine.name, reason=failure))
        elif request.engine not in {"auto", COMPOSER}:
            reason = "no key is set" if request.engine != "embedded" else "it is switched off"
            notes.append(note("engine_failed", request.ui_language, engine=request.engine, reason=reason))
        listing = await asyncio.to_thread(prepared.assemble, prepared.composed, COMPOSER, None, notes)
        if on_delta is not None:
            tell_all(listing, on_delta)
        return listing

    async def write(self, engine: ModelEngine, prepared: Prepared, on_delta: OnDelta | None) -> Listing:
        ready, detail = engine.ready()
        if not ready:
            raise EngineFailed(detail)
        prompt = build_prompt(prepared.request, engine.task)
        if not prompt.numbers:
            raise EngineFailed("no fact is fit for a prompt")
        seconds = remaining_seconds(LONGEST_S) - RESERVE_S
        stream = JsonText(on_delta) if on_delta else None
        started = time.monotonic()
        written = await engine.write(prompt, prepared.request.model, seconds, stream.feed if stream else None)
        draft = to_draft(written, prompt, prepared)
        took = time.monotonic() - started
        if engine.task.title and took * 1.5 < seconds - took:
            written, draft = await self.repair(engine, prepared, prompt, written, draft)
        return await asyncio.to_thread(prepared.assemble, draft, engine.name, written, [])

    async def repair(
        self, engine: ModelEngine, prepared: Prepared, prompt: Prompt, written: Written, draft: Draft
    ) -> tuple[Written, Draft]:
        """Once more, with the reasons, if much was refused; the better of the two stands."""
        refused, claims = await asyncio.to_thread(prepared.refused, draft)
        if len(refused) <= REPAIR_FROM * claims:
            return written, draft
        lines = [f"- {claim.text} ({claim.reason})" for claim in refused[:LISTED_REFUSALS]]
        asked = "Your last answer held these, which no fact backs. Write it anew without them:"
        again = replace(prompt, user="\n".join([prompt.user, asked, *lines]))
        try:
            seconds = remaining_seconds(LONGEST_S) - RESERVE_S
            second = await engine.write(again, prepared.request.model, seconds, None)
        except EngineFailed as failure:
            log.warning("repair_failed", engine=engine.name, reason=str(failure))
            return written, draft
        repaired = to_draft(second, prompt, prepared)
        still, _ = await asyncio.to_thread(prepared.refused, repaired)
        usage = written.usage + second.usage
        if len(still) < len(refused):
            return replace(second, usage=usage), repaired
        return replace(written, usage=usage), draft

    async def close(self) -> None:
        for engine in self.engines:
            await engine.close()


def to_draft(written: Written, prompt: Prompt, prepared: Prepared) -> Draft:
    listing, language = written.listing, prepared.request.language
    voice = prepared.composer.voice

    def passage(text: str, numbers: list[int]) -> Passage:
        known = [prompt.numbers[number] for number in numbers if number in prompt.numbers]
        return Passage(localise(" ".join(text.split()), language), known)

    return Draft(
        title=passage(listing.title, []),
        sentences=[
            passage(voice.without_name(item.text) if position else item.text, item.ids)
            for position, item in enumerate(listing.sentences)
        ],
        bullets=[passage(item.text, item.ids) for item in listing.bullets],
        seo_title=Passage(""),
        seo_description=[],
        keywords=[],
        alt_texts={},
    )


def tell_all(listing: Listing, on_delta: OnDelta) -> None:
    on_delta("title", None, listing.title)
    on_delta("description", None, listing.description)
    for index, bullet in enumerate(listing.bullets):
        on_delta("bullets", index, bullet)
