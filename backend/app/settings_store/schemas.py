"""What each kind of document holds, and what the API says of documents and their versions."""

from string import Formatter
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from app.listings.schemas import DiffPart
from app.settings_store.categories import CategoriesDocument, CategoryPath, LimitChanges
from app.settings_store.texts import (
    LINE,
    TEXT,
    Currency,
    HttpUrl,
    Line,
    LongText,
    OptionalLine,
    Words,
    first_repeated,
    fold,
    without_repeats,
)
from shared.models.base import Language, RequestModel, ResponseModel, Timestamp
from shared.models.describe import DescribeEngine
from shared.models.generate import GenerateEngine, Limits

SettingsKind = Literal["brand-voice", "prompt", "glossary", "categories", "languages", "engines", "limits", "shop"]


class BrandVoiceDocument(RequestModel):
    """How texts sound. It is used where its brand or category fits, else where it is the default, or on demand."""

    kind: Literal["brand-voice"] = "brand-voice"
    name: Line
    tone: OptionalLine = ""
    audience: OptionalLine = ""
    instructions: LongText = ""
    forbidden_words: Words = []
    preferred_words: Words = []
    is_default: bool = Field(default=False, description="Saving a voice as the default takes that from the one before.")
    brands: Words = Field(default=[], description="Brands whose products it is for, whatever their case.")
    categories: Annotated[list[CategoryPath], Field(max_length=500), AfterValidator(without_repeats)] = Field(
        default=[], description="Categories that it is for, with all below them."
    )

    @model_validator(mode="after")
    def no_word_both_ways(self) -> Self:
        forbidden = {f" {fold(word)} ": word for word in self.forbidden_words}
        for preferred in self.preferred_words:
            padded = f" {fold(preferred)} "
            clash = next((word for key, word in forbidden.items() if key in padded), None)
            if clash is not None:
                raise ValueError(f"“{preferred}” is preferred, but “{clash}” is forbidden: keep one of the two")
        return self


class PromptDocument(RequestModel):
    """What the shop asks of a model beyond the built-in prompt. Empty: nothing."""

    kind: Literal["prompt"] = "prompt"
    text: Annotated[str, StringConstraints(max_length=8000, pattern=TEXT)] = ""


class GlossaryTerm(RequestModel):
    term: Line
    translation: Line = Field(description='In the language of the glossary, or "keep" for what is not translated.')


class GlossaryDocument(RequestModel):
    """Of one target language; the one with the key `default` is of all languages, and only keeps terms."""

    kind: Literal["glossary"] = "glossary"
    terms: list[GlossaryTerm] = Field(default=[], max_length=5000)
    do_not_translate: Annotated[list[Line], Field(max_length=5000), AfterValidator(without_repeats)] = []

    @model_validator(mode="after")
    def one_translation_each(self) -> Self:
        known = {fold(term): "keep" for term in self.do_not_translate}
        kept: list[GlossaryTerm] = []
        for entry in self.terms:
            before = known.setdefault(fold(entry.term), entry.translation)
            if before != entry.translation:
                raise ValueError(
                    f"“{entry.term}” has two translations, “{before}” and “{entry.translation}”: keep one of the two"
                )
            kept.append(entry)
        self.terms = list({fold(entry.term): entry for entry in kept}.values())
        return self

    def as_mapping(self) -> dict[str, str]:
        return {
            **dict.fromkeys(self.do_not_translate, "keep"),
            **{entry.term: entry.translation for entry in self.terms},
        }


class LimitsDocument(RequestModel):
    kind: Literal["limits"] = "limits"
    limits: Limits = Limits()
    languages: dict[Language, LimitChanges] = Field(default={}, description="What differs in a language.")


class LanguagesDocument(RequestModel):
    kind: Literal["languages"] = "languages"
    languages: Annotated[list[Language], Field(min_length=1, max_length=50), AfterValidator(without_repeats)] = ["en"]
    default: Language = "en"

    @model_validator(mode="after")
    def default_is_one_of_them(self) -> Self:
        if self.default not in self.languages:
            raise ValueError(f"the default language {self.default} is not among the shop's languages")
        return self


class DescribeChoice(RequestModel):
    engine: DescribeEngine = "auto"
    model: Line | None = None


class GenerateChoice(RequestModel):
    engine: GenerateEngine = "auto"
    model: Line | None = None


class EnginesDocument(RequestModel):
    """For each task the engines in order: the first one that is ready is asked. Empty: the service decides."""

    kind: Literal["engines"] = "engines"
    describe: list[DescribeChoice] = Field(default=[], max_length=10)
    generate: list[GenerateChoice] = Field(default=[], max_length=10)
    extract: Literal["auto", "never", "always"] = Field(
        default="auto", description="Whether pages are read with a browser."
    )

    @model_validator(mode="after")
    def engines_are_unique(self) -> Self:
        for choices in (self.describe, self.generate):
            repeated = first_repeated(choice.engine for choice in choices)
            if repeated is not None:
                raise ValueError(f"the engine {repeated} is there twice for one task")
        return self


TEMPLATE_FIELDS = frozenset({"id", "sku", "handle", "gtin", "language"})


def template_of_known_fields(template: str) -> str:
    try:
        fields = [(name, spec, conversion) for _, name, spec, conversion in Formatter().parse(template)]
    except ValueError as error:
        raise ValueError("a curly bracket is not closed") from error
    for name, spec, conversion in fields:
        if name is not None and (name not in TEMPLATE_FIELDS or spec or conversion):
            known = ", ".join(f"{{{each}}}" for each in sorted(TEMPLATE_FIELDS))
            raise ValueError(f"{{{name}}} is not known here; known are {known}")
    return template


class ShopDocument(RequestModel):
    kind: Literal["shop"] = "shop"
    name: Annotated[str, StringConstraints(max_length=200, strip_whitespace=True, pattern=LINE)] = ""
    currency: Currency | None = Field(default=None, description="Of prices that say none.")
    website: HttpUrl | None = None
    product_url_template: Annotated[HttpUrl, AfterValidator(template_of_known_fields)] | None = Field(
        default=None, description="Such as `https://shop.example/{language}/products/{handle}`."
    )
    public_media_url: HttpUrl | None = Field(
        default=None, description="Where the shop and its channels find the photos; exports need it."
    )


SettingsValue = Annotated[
    BrandVoiceDocument
    | PromptDocument
    | GlossaryDocument
    | CategoriesDocument
    | LanguagesDocument
    | EnginesDocument
    | LimitsDocument
    | ShopDocument,
    Field(discriminator="kind"),
]


class SettingsSummary(ResponseModel):
    """`version` 0: nothing was saved, the built-in values are in force."""

    kind: SettingsKind
    key: str
    name: str
    version: int = Field(ge=0)
    author: str | None
    created_at: Timestamp | None


class SettingsRead(SettingsSummary):
    value: SettingsValue


class SettingsVersion(ResponseModel):
    """`deleted`: this version is the deletion."""

    kind: SettingsKind
    key: str
    version: int = Field(ge=1)
    author: str
    created_at: Timestamp
    deleted: bool


class SettingsVersionRead(SettingsVersion):
    value: SettingsValue | None


class SettingsChange(ResponseModel):
    """One changed place. `path` goes down from the document; entries of lists are named, as in `Kitchen > Mugs`."""

    path: list[str]
    before: Any = None
    after: Any = None
    words: list[DiffPart] | None = Field(default=None, description="Of longer texts.")


class SettingsDiff(ResponseModel):
    kind: SettingsKind
    key: str
    from_version: int
    to_version: int
    changes: list[SettingsChange]


class RevertRequest(RequestModel):
    version: int = Field(ge=1, le=2**31 - 1)
