"""`POST :8003/api/v1/generate` and `/check`: listings whose every claim names its facts."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from shared.models.base import Language, RequestModel, ResponseModel, Sha256, Usage
from shared.models.facts import Fact

MAX_FACTS = 2000

Verdict = Literal["supported", "unsupported", "style"]

ListingField = Literal[
    "title", "description", "bullets", "seo_title", "seo_description", "keywords", "alt_texts", "attributes"
]

GenerateEngine = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.:_-]{0,99}$")]
"""`auto`, `composer`, `embedded`, `openai`, `anthropic`, … ; `GET /health` of the service lists those at hand."""

ShortText = Annotated[str, StringConstraints(max_length=200)]


class ProductContext(RequestModel):
    sku: str | None = Field(default=None, max_length=200)
    name: str = Field(min_length=1, max_length=500)
    brand: str | None = Field(default=None, max_length=200)
    category: str | None = Field(default=None, max_length=500)
    attributes: dict[ShortText, Annotated[str, StringConstraints(max_length=2000)]] = {}


class BrandVoice(RequestModel):
    tone: str | None = Field(default=None, max_length=500)
    audience: str | None = Field(default=None, max_length=500)
    instructions: str | None = Field(default=None, max_length=4000)
    forbidden_words: list[ShortText] = Field(default=[], max_length=500)
    preferred_words: list[ShortText] = Field(default=[], max_length=500)
    glossary: dict[ShortText, ShortText] = Field(
        default={}, description='Term to its translation, or to "keep" for what must not be translated.'
    )


class Limits(RequestModel):
    """Lengths in characters. The defaults suit Shopify and Google Merchant."""

    title: int = Field(default=150, ge=10, le=1000)
    description: int = Field(default=5000, ge=50, le=20_000)
    bullets: int = Field(default=6, ge=0, le=20, description="How many bullets at most.")
    bullet: int = Field(default=250, ge=20, le=1000)
    seo_title: int = Field(default=60, ge=10, le=200)
    seo_description: int = Field(default=155, ge=50, le=500)
    keywords: int = Field(default=12, ge=0, le=50, description="How many keywords at most.")
    alt_text: int = Field(default=125, ge=20, le=500)


class ImageContext(RequestModel):
    sha256: Sha256
    description: str = Field(default="", max_length=4000)


class GenerateRequest(RequestModel):
    product: ProductContext
    facts: list[Fact] = Field(max_length=MAX_FACTS)
    language: Language = "en"
    ui_language: Language = "en"
    engine: GenerateEngine = "auto"
    model: str | None = Field(default=None, max_length=200)
    brand_voice: BrandVoice | None = None
    limits: Limits = Limits()
    categories: list[Annotated[str, StringConstraints(max_length=500)]] = Field(default=[], max_length=5000)
    images: list[ImageContext] = Field(default=[], max_length=50)
    prompt: str | None = Field(default=None, max_length=8000)
    stream: bool = False

    @model_validator(mode="after")
    def unique_fact_ids(self) -> Self:
        if len({fact.id for fact in self.facts}) != len(self.facts):
            raise ValueError("fact ids must be unique")
        return self


class Claim(ResponseModel):
    """One sentence, bullet or title of a listing.

    `start` and `end` are character offsets in the field's text (for bullets, keywords and alt texts: in the item
    that `index` names). The offsets of a removed claim refer to the text before the removal.
    """

    id: str
    field: ListingField
    index: int | None = None
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    text: str
    fact_ids: list[str] = []
    verdict: Verdict
    reason_code: str
    reason: str


class ListingAttribute(ResponseModel):
    name: str
    value: str
    fact_ids: list[str] = []


class Grounding(ResponseModel):
    """Counts of claims by verdict. `coverage` is supported / (supported + unsupported); 1.0 when neither exists."""

    supported: int = Field(ge=0)
    unsupported: int = Field(ge=0)
    style: int = Field(ge=0)
    coverage: float = Field(ge=0, le=1)


class Listing(ResponseModel):
    language: Language
    title: str
    description: str
    bullets: list[str] = []
    attributes: list[ListingAttribute] = []
    alt_texts: dict[str, str] = {}
    seo_title: str = ""
    seo_description: str = ""
    keywords: list[str] = []
    category: str | None = None
    claims: list[Claim] = []
    removed: list[Claim] = []
    grounding: Grounding
    engine: str
    model: str | None = None
    field_engines: dict[str, str] = Field(
        default={}, description="Which engine wrote which field, where not all come from `engine`."
    )
    prompt_version: str
    usage: Usage = Usage()
    elapsed_ms: float
    notes: list[str] = []


class CheckedText(RequestModel):
    field: ListingField
    text: str = Field(max_length=20_000)
    index: int | None = Field(default=None, ge=0)


class CheckRequest(RequestModel):
    facts: list[Fact] = Field(max_length=MAX_FACTS)
    product: ProductContext | None = None
    language: Language = "en"
    ui_language: Language = "en"
    texts: list[CheckedText] = Field(min_length=1, max_length=200)


class CheckResponse(ResponseModel):
    claims: list[Claim]
    grounding: Grounding
