"""What the model saw as our answer, with facts that cite the whole photo."""

from describe_image.label_reader.background import analyse
from describe_image.label_reader.colors import in_language, named_colors
from describe_image.label_reader.wording import shortened
from describe_image.vision_model.answer import LONGEST_ALT_TEXT, SeenProduct
from describe_image.vision_model.ask import Asked
from describe_image.vision_model.confidence import Confidences
from describe_image.vision_model.pixels import SentImage
from shared.models.base import Usage
from shared.models.describe import DescribeResponse, SeenAttribute, SeenColor
from shared.models.facts import Fact, ImageLocator, Source

WHOLE_PHOTO = (0.0, 0.0, 1.0, 1.0)
HIGHEST_READ = 0.6
"""Text that only a vision model has read: it completes words that nobody printed."""
LEAST_FOR_A_FACT = 0.35


def fact(sha256: str, name: str, value: str, confidence: float, quote: str | None = None) -> Fact:
    source = Source(kind="image", ref=f"sha256:{sha256}", quote=quote, locator=ImageLocator(box=WHOLE_PHOTO))
    return Fact.create(name=name, value=value, source=source, confidence=round(confidence, 4))


def measured_colors(sent: SentImage, language: str) -> list[SeenColor]:
    """Colours are measured, whoever describes the photo: a model names them from memory. CPU-bound."""
    return in_language(named_colors(analyse(sent.pixels)), language)


def attributes_of(seen: SeenProduct, sure: Confidences) -> list[SeenAttribute]:
    named = [("material", value) for value in seen.materials]
    named += [("contents", value) for value in seen.contents]
    named += [(detail.name, detail.value) for detail in seen.attributes]
    return [SeenAttribute(name=name, value=value, confidence=sure.of_value(value)) for name, value in named]


def facts_of(seen: SeenProduct, attributes: list[SeenAttribute], sure: Confidences, sha256: str) -> list[Fact]:
    """What the model is not sure enough of is shown as an attribute, and never written from."""
    found = [fact(sha256, "pack_text", line, min(HIGHEST_READ, sure.of_value(line)), quote=line) for line in seen.text]
    if seen.product_type:
        found.append(fact(sha256, "product_type", seen.product_type, sure.of_value(seen.product_type)))
    found += [fact(sha256, each.name[:200], each.value, each.confidence) for each in attributes]
    return list({each.id: each for each in found if each.confidence >= LEAST_FOR_A_FACT}.values())


def to_response(
    asked: Asked, seen: SeenProduct, sent: SentImage, colors: list[SeenColor], *, engine: str, model: str, usage: Usage
) -> DescribeResponse:
    sure = Confidences.of(asked.logprobs)
    attributes = attributes_of(seen, sure)
    return DescribeResponse(
        description=seen.description,
        alt_text=shortened(seen.alt_text, LONGEST_ALT_TEXT),
        product_type=seen.product_type or None,
        attributes=attributes,
        colors=colors,
        facts=facts_of(seen, attributes, sure, sent.info.sha256),
        image=sent.info,
        engine=engine,
        model=model,
        usage=usage,
        elapsed_ms=0,
    )
