"""`POST :8002/api/v1/extract`: what a supplier's or product page says."""

from typing import Literal, Self

from pydantic import Field, model_validator

from shared.models.base import Money, RequestModel, ResponseModel, Sha256, Timestamp
from shared.models.facts import Fact

MAX_HTML_CHARACTERS = 10_000_000

BlockedReason = Literal["bot-wall", "captcha", "login", "consent", "soft-404"]


class ExtractRequest(RequestModel):
    """A `url` to fetch, or `html` that the caller already has (then `url` only resolves links)."""

    url: str | None = Field(default=None, min_length=1, max_length=4096)
    html: str | None = Field(default=None, min_length=1, max_length=MAX_HTML_CHARACTERS)
    render: Literal["auto", "never", "always"] = "auto"
    max_age_s: int = Field(default=86_400, ge=0, le=30 * 86_400)
    respect_robots: bool = True
    main_text: bool = True

    @model_validator(mode="after")
    def something_to_read(self) -> Self:
        if self.url is None and self.html is None:
            raise ValueError("give a url, or html")
        return self


class PageAttribute(ResponseModel):
    name: str
    value: str
    unit: str | None = None
    group: str | None = None


class PageImage(ResponseModel):
    url: str
    alt: str | None = None


class PageVariant(ResponseModel):
    name: str | None = None
    sku: str | None = None
    gtin: str | None = None
    price: Money | None = None
    availability: str | None = None
    options: dict[str, str] = {}


class PageProduct(ResponseModel):
    name: str | None = None
    brand: str | None = None
    description: str | None = None
    price: Money | None = None
    sku: str | None = None
    mpn: str | None = None
    gtin: str | None = None
    availability: str | None = None
    condition: str | None = None
    categories: list[str] = []
    attributes: list[PageAttribute] = []
    images: list[PageImage] = []
    variants: list[PageVariant] = []


class ExtractResponse(ResponseModel):
    """`snapshot` is the plain text that quotes and locators refer to; `main_text` is markdown for people."""

    url: str | None
    final_url: str | None
    status: int | None
    title: str | None = None
    language: str | None = None
    main_text: str | None = None
    snapshot: str = ""
    product: PageProduct | None = None
    facts: list[Fact] = []
    rendered: bool = False
    blocked: BlockedReason | None = None
    fetched_at: Timestamp
    content_sha256: Sha256
    from_cache: bool = False
    elapsed_ms: float
