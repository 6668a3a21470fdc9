"""Which sentences speak of a product: English, Spanish, or the plain list for all other languages."""

import hashlib

from generate_description.check.vocabulary import base_language
from generate_description.composer.english import English, Subject
from generate_description.composer.kinds import kind_of
from generate_description.composer.names import display_name
from generate_description.composer.plain import Plain
from generate_description.composer.spanish import Spanish
from generate_description.composer.values import clean
from shared.models.generate import GenerateRequest

Voice = English | Spanish | Plain


def choose_voice(request: GenerateRequest) -> Voice:
    language = base_language(request.language)
    name, brand = display_name(request), brand_of(request)
    subject = Subject.of(name, brand)
    # The same product is always told in the same way, another one perhaps in another.
    variant = hashlib.sha256(f"{name}|{brand}".encode()).digest()[0]
    if language == "en":
        return English(subject, variant)
    if language == "es":
        return Spanish(subject, variant, first(request, "type") or request.product.category)
    return Plain(subject)


def brand_of(request: GenerateRequest) -> str | None:
    return clean(request.product.brand or first(request, "brand") or "") or None


def first(request: GenerateRequest, kind: str) -> str | None:
    return next((fact.value for fact in request.facts if kind_of(fact.name) == kind), None)
