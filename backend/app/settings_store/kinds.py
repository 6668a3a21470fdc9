"""The kinds of documents: their models, their keys, and who may write them."""

import re

from app.settings_store.categories import CategoriesDocument
from app.settings_store.schemas import (
    BrandVoiceDocument,
    EnginesDocument,
    GlossaryDocument,
    LanguagesDocument,
    LimitsDocument,
    PromptDocument,
    ShopDocument,
)
from shared.models.base import RequestModel
from shared.models.problems import InvalidField
from shared.utils.errors import InvalidRequest

# Of kinds that have one document only, and of the glossary of all languages.
DEFAULT_KEY = "default"

MODELS: dict[str, type[RequestModel]] = {
    "brand-voice": BrandVoiceDocument,
    "prompt": PromptDocument,
    "glossary": GlossaryDocument,
    "categories": CategoriesDocument,
    "languages": LanguagesDocument,
    "engines": EnginesDocument,
    "limits": LimitsDocument,
    "shop": ShopDocument,
}
# Copywriters own their words; the rest changes how the whole shop works.
WRITTEN_BY_EDITORS = frozenset({"brand-voice", "glossary"})

LANGUAGE = r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*"
MANY = {
    "brand-voice": (r"[a-z0-9]+(-[a-z0-9]+)*", "lower-case letters, digits and hyphens, such as house-style"),
    "prompt": (rf"(describe|generate)(:{LANGUAGE})?", "describe or generate, for one language such as generate:es"),
    "glossary": (rf"{LANGUAGE}|{DEFAULT_KEY}", "the target language such as es, or default for all languages"),
}
MAX_KEY = 60
MAX_DESCRIBE_PROMPT = 4000


def is_single(kind: str) -> bool:
    return kind not in MANY


def check_key(kind: str, key: str) -> None:
    pattern, meaning = MANY.get(kind, (DEFAULT_KEY, "default, as there is only one such document"))
    if len(key) > MAX_KEY or not re.fullmatch(pattern, key, re.ASCII):
        raise InvalidRequest(
            f"The key of a document of this kind is {meaning}.",
            errors=[InvalidField(detail=f"Expected: {meaning}.", parameter="key")],
        )


def check_value(key: str, value: RequestModel) -> None:
    """What a value may be depends on the key only here."""
    if isinstance(value, PromptDocument) and key.startswith("describe") and len(value.text) > MAX_DESCRIBE_PROMPT:
        raise invalid_value("#/text", f"A prompt for photos has at most {MAX_DESCRIBE_PROMPT:,} characters.")
    if isinstance(value, GlossaryDocument) and key == DEFAULT_KEY and value.terms:
        raise invalid_value("#/terms", "A translation belongs to one language; for all of them, terms are only kept.")


def invalid_value(pointer: str, detail: str) -> InvalidRequest:
    return InvalidRequest("One or more fields are not valid.", errors=[InvalidField(detail=detail, pointer=pointer)])


def name_of(key: str, value: RequestModel) -> str:
    return value.name if isinstance(value, BrandVoiceDocument) else key
