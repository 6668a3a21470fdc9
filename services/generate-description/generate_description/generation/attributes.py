"""The listing's attributes: every short fact once, with its label and value in the listing's language."""

from collections.abc import Container

from generate_description.check.evidence import NO, YES, stated
from generate_description.check.vocabulary import base_language
from generate_description.check.words import fold
from generate_description.composer.attributes import SECTIONS, SOURCE_RANK, AttributeReader
from generate_description.composer.kinds import kind_of
from generate_description.composer.values import VALUE_SECTIONS, clean, localise, presentable, translate
from shared.models.generate import GenerateRequest, ListingAttribute

MAX_ATTRIBUTES = 200
UNLISTED = frozenset({"name", "text"})
ANSWERS = {"en": ("No", "Yes"), "es": ("No", "Sí")}


def listing_attributes(request: GenerateRequest, ignored: Container[str]) -> list[ListingAttribute]:
    language = base_language(request.language)
    reader = AttributeReader(request.language)
    found: dict[str, ListingAttribute] = {}
    for fact in sorted(request.facts, key=lambda fact: SOURCE_RANK[fact.source.kind]):
        kind = kind_of(fact.name)
        text = clean(stated(fact))
        if kind in UNLISTED or fact.id in ignored or not presentable(text) or not presentable(clean(fact.name)):
            continue
        label = reader.label(fact)
        boolean = clean(fact.value).casefold().strip(".")
        if boolean in YES | NO and language in ANSWERS:
            value = ANSWERS[language][boolean in YES]
        else:
            known = (
                translate(text, language, SECTIONS.get(kind, VALUE_SECTIONS))
                if language in ANSWERS and kind not in VERBATIM
                else None
            )
            value = known or (text if kind in VERBATIM else localise(text, language))
        same = found.get(fold(label))
        if same is None:
            found[fold(label)] = ListingAttribute(name=label, value=value, fact_ids=[fact.id])
        elif fold(same.value) == fold(value):
            same.fact_ids.append(fact.id)
    return list(found.values())[:MAX_ATTRIBUTES]


VERBATIM = frozenset({"hidden", "brand"})
