"""The listing's attributes: every short fact once; in the listing's language, or verbatim where that has no words."""

from collections.abc import Container

from generate_description.check.evidence import NO, SOURCE_RANK, YES, is_only_seen
from generate_description.check.quantities import find_quantities
from generate_description.check.words import fold, normalise
from generate_description.composer.attributes import CONTENTS, AttributeReader, is_money, same_amounts, shown
from generate_description.composer.kinds import kind_of
from generate_description.composer.labels import label_for
from generate_description.composer.qualities import quality_of
from generate_description.composer.values import clean, is_amount, presentable, sentence_case
from shared.models.facts import Fact
from shared.models.generate import GenerateRequest, ListingAttribute

MAX_ATTRIBUTES = 200
UNLISTED = frozenset({"name", "text", "category"})
VERBATIM = frozenset({"hidden", "brand", "type"})
ANSWERS = {"en": ("No", "Yes"), "es": ("No", "Sí")}


def listing_attributes(request: GenerateRequest, ignored: Container[str]) -> list[ListingAttribute]:
    reader = AttributeReader(request.language)
    found: dict[str, ListingAttribute] = {}
    contents: list[tuple[str, ListingAttribute]] = []
    for fact in sorted(request.facts, key=lambda fact: SOURCE_RANK[fact.source.kind]):
        kind = kind_of(fact.name)
        if kind in UNLISTED or fact.id in ignored or is_only_seen(fact):
            continue
        if not presentable(shown(fact)) or not presentable(clean(fact.name)):
            continue
        label, value = name_and_value(fact, reader)
        same = found.get(fold(label)) or next(
            (other for text, other in contents if kind in CONTENTS and is_same(text, shown(fact))), None
        )
        if same is None:
            found[fold(label)] = attribute = ListingAttribute(name=label, value=value, fact_ids=[fact.id])
            if kind in CONTENTS:
                contents.append((shown(fact), attribute))
        elif fold(same.value) == fold(value):
            same.fact_ids.append(fact.id)
    return list(found.values())[:MAX_ATTRIBUTES]


def name_and_value(fact: Fact, reader: AttributeReader) -> tuple[str, str]:
    boolean = clean(fact.value).casefold().strip(".")
    verbatim = sentence_case(clean(fact.name.replace("_", " "))), shown(fact)
    if kind_of(fact.name) in VERBATIM or is_money(shown(fact)):
        said = reader.say(fact)
        if said is None or (is_amount(shown(fact)) and not is_money(shown(fact))):
            return said or verbatim
        return said[0], verbatim[1]
    answer = boolean in YES if boolean in YES | NO else answered(fact)
    if answer is not None and reader.language in ANSWERS:
        label = label_for(fact.name, reader.language)
        return (label, ANSWERS[reader.language][answer]) if label else verbatim
    return reader.say(fact) or verbatim


def answered(fact: Fact) -> bool | None:
    """`Microwave safe: not suitable for microwave ovens` says no; None where the value tells more than its name."""
    asked = quality_of(clean(fact.name.replace("_", " ")), bare_substance=True)
    told = quality_of(clean(fact.value))
    return asked[1] == told[1] if asked and told and asked[0] == told[0] else None


def is_same(first: str, second: str) -> bool:
    return same_amounts(find_quantities(normalise(first)), find_quantities(normalise(second)))
