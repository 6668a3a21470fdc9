import uuid
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from app.enrichment.schemas import RunSummary
from app.media.schemas import ImageRead
from shared.models.base import Language, Money, RequestModel, ResponseModel, Timestamp
from shared.utils.gtin import is_valid_gtin

ProductStatus = Literal["draft", "enriching", "needs_review", "approved"]

Sku = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
Brand = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]
OptionalName = Annotated[str, StringConstraints(max_length=500, strip_whitespace=True)]
Url = Annotated[str, StringConstraints(min_length=8, max_length=4096, pattern=r"^https?://\S+$")]


def checked_gtin(value: str) -> str:
    if not is_valid_gtin(value):
        raise ValueError("not a GTIN: 8, 12, 13 or 14 digits, of which the last is the check digit")
    return value


Gtin = Annotated[str, AfterValidator(checked_gtin)]


class ProductAttribute(RequestModel):
    name: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
    value: Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
    unit: Annotated[str, StringConstraints(max_length=50, strip_whitespace=True)] | None = None


def without_repeats(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))


Languages = Annotated[list[Language], Field(min_length=1, max_length=50), AfterValidator(without_repeats)]


class ProductFields(RequestModel):
    brand: Brand | None = None
    category: OptionalName | None = None
    gtin: Gtin | None = None
    price: Money | None = None
    attributes: list[ProductAttribute] = Field(default=[], max_length=500)
    keywords: list[OptionalName] = Field(default=[], max_length=100)
    languages: Languages = ["en"]


class ProductCreate(ProductFields):
    sku: Sku
    name: Name
    source_urls: list[Url] = Field(default=[], max_length=20)


class ProductUpdate(RequestModel):
    """Only what is sent is changed; null empties a field that may be empty."""

    sku: Sku | None = None
    name: Name | None = None
    brand: Brand | None = None
    category: OptionalName | None = None
    gtin: Gtin | None = None
    price: Money | None = None
    attributes: list[ProductAttribute] | None = Field(default=None, max_length=500)
    keywords: list[OptionalName] | None = Field(default=None, max_length=100)
    languages: Languages | None = None


class ProductRead(ResponseModel):
    id: uuid.UUID
    sku: str
    name: str
    brand: str | None
    category: str | None
    status: ProductStatus
    gtin: str | None
    price: Money | None
    attributes: list[ProductAttribute]
    keywords: list[str]
    languages: list[str]
    version: int
    created_at: Timestamp
    updated_at: Timestamp


class ProductListItem(ProductRead):
    image: ImageRead | None = Field(default=None, description="The first photo.")
    image_count: int = 0
    source_count: int = 0
    conflict_count: int = 0
    listing_languages: list[str] = Field(default=[], description="Languages that have a listing.")
    run: RunSummary | None = Field(default=None, description="The newest run.")
