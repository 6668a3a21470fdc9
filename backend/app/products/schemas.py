import re
import uuid
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from app.enrichment.schemas import RunSummary
from app.media.schemas import ImageRead
from shared.models.base import Language, Money, RequestModel, ResponseModel, Timestamp
from shared.utils.gtin import is_valid_gtin

DECIMAL = re.compile(r"-?\d{1,30}(\.\d{1,30})?\Z", re.ASCII)

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


AttributeName = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
AttributeText = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
AttributeType = Literal["text", "number", "boolean", "list"]


class ProductAttribute(RequestModel):
    """A number is a decimal string with a point (`"12.5"`), with its unit beside it; JSON numbers are taken as well."""

    name: AttributeName
    type: AttributeType = "text"
    value: bool | AttributeText | Annotated[list[AttributeText], Field(min_length=1, max_length=100)]
    unit: Annotated[str, StringConstraints(max_length=50, strip_whitespace=True)] | None = None

    @model_validator(mode="before")
    @classmethod
    def number_as_text(cls, data: Any) -> Any:
        if (
            isinstance(data, dict)
            and isinstance(data.get("value"), int | float)
            and not isinstance(data["value"], bool)
        ):
            return {"type": "number", **data, "value": f"{Decimal(str(data['value'])):f}"}
        return data

    @model_validator(mode="after")
    def value_of_its_type(self) -> Self:
        expected = {"boolean": bool, "list": list}.get(self.type, str)
        if not isinstance(self.value, expected):
            raise ValueError(f"a value of the type {self.type} is expected")
        if self.type == "number" and not DECIMAL.match(str(self.value)):
            raise ValueError("a number is written with digits and a decimal point, such as 12.5")
        if self.unit and self.type not in {"number", "text"}:
            raise ValueError(f"a value of the type {self.type} has no unit")
        return self


class ProductOption(RequestModel):
    """What sets a variant apart from its siblings: `{"name": "Size", "value": "M"}`."""

    name: AttributeName
    value: AttributeText


def without_repeats(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))


Tag = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
Tags = Annotated[list[Tag], Field(max_length=100), AfterValidator(without_repeats)]
OptionNames = Annotated[list[AttributeName], Field(max_length=3), AfterValidator(without_repeats)]
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
