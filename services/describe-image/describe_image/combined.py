"""The best of both: text and barcodes from the label reader; type, scene, material and alt text from the model."""

import asyncio
import re
import time

import structlog
from rapidfuzz import fuzz

from describe_image.describer import Describer
from describe_image.label_reader.facts.builder import comparable
from shared.models.describe import DescribeOptions, DescribeResponse
from shared.models.facts import Fact
from shared.utils.errors import AppError
from shared.utils.images import ImageError

log = structlog.get_logger(__name__)

SAME_LINE = 85
"""rapidfuzz's partial ratio from which on two readings are of one line."""

NOTES = {
    "en": "The vision model gave no answer ({reason}); only the label was read.",
    "es": "El modelo de visión no ha respondido ({reason}); solo se ha leído la etiqueta.",
}
UNCONFIRMED = {
    "en": "{count} lines with digits that only the vision model read are left out.",
    "es": "Se omiten {count} líneas con cifras que solo ha leído el modelo de visión.",
}


def in_words(texts: dict[str, str], language: str, **values: object) -> str:
    return texts["es" if language.partition("-")[0] == "es" else "en"].format(**values)


class Combined:
    """A `Describer` over two others; either of them may fail."""

    name = "auto"

    def __init__(self, model: Describer, reader: Describer) -> None:
        self.model = model
        self.reader = reader

    async def describe(self, content: bytes, options: DescribeOptions) -> DescribeResponse:
        started = time.perf_counter()
        self.model.refuse_while_starting()
        read, seen = await asyncio.gather(
            self.reader.describe(content, options), self.model.describe(content, options), return_exceptions=True
        )
        answer = self.outcome(read, seen, options.language)
        return answer.model_copy(update={"elapsed_ms": round((time.perf_counter() - started) * 1000, 1)})

    @staticmethod
    def outcome(
        read: DescribeResponse | BaseException, seen: DescribeResponse | BaseException, language: str
    ) -> DescribeResponse:
        if isinstance(read, DescribeResponse) and isinstance(seen, DescribeResponse):
            return merge(read, seen, language)
        for failure in (read, seen):
            # The image itself is at fault: both would say the same.
            if isinstance(failure, ImageError) or (
                isinstance(failure, BaseException) and not isinstance(failure, AppError)
            ):
                raise failure
        if isinstance(read, DescribeResponse):
            assert isinstance(seen, AppError)
            log.warning("vision_model_left_out", reason=seen.detail or seen.title)
            note = in_words(NOTES, language, reason=(seen.detail or seen.title).rstrip("."))
            return read.model_copy(update={"notes": [note, *read.notes]})
        if isinstance(seen, DescribeResponse):
            return seen
        raise read


def merge(read: DescribeResponse, seen: DescribeResponse, language: str) -> DescribeResponse:
    facts, unconfirmed = merged_facts(read.facts, seen.facts)
    names = {attribute.name for attribute in read.attributes}
    notes = [in_words(UNCONFIRMED, language, count=unconfirmed)] if unconfirmed else []
    return seen.model_copy(
        update={
            "attributes": [*read.attributes, *(each for each in seen.attributes if each.name not in names)],
            "colors": read.colors,
            "visible_text": read.visible_text,
            "barcodes": read.barcodes,
            "facts": facts,
            "engine": f"{seen.engine}+{read.engine}",
            "notes": notes,
        }
    )


def merged_facts(read: list[Fact], seen: list[Fact]) -> tuple[list[Fact], int]:
    """The reader's facts, and those of the model's that add something; how many unconfirmed lines were left out.

    A line that the reader has too is the reader's: it knows the place. A line with digits that the reader has not is
    left out: models read numbers that are not there, and a wrong number is a return.
    """
    lines = [fact.source.quote for fact in read if fact.source.quote]
    known = {(fact.name, comparable(fact.value)) for fact in read}
    read_names = {fact.name for fact in read if fact.source.quote}
    added, unconfirmed = [], 0
    for fact in seen:
        if fact.source.quote is not None:
            if any(fuzz.partial_ratio(fact.value.casefold(), line.casefold()) >= SAME_LINE for line in lines):
                continue
            if re.search(r"\d", fact.value):
                unconfirmed += 1
                continue
        elif fact.name in read_names:
            # The pack names it: what the model thinks of it is worth nothing beside that.
            continue
        if (fact.name, comparable(fact.value)) not in known:
            added.append(fact)
    return [*read, *added], unconfirmed
