import re
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from shared.models.base import Language, Money, RequestModel, ResponseModel, Timestamp
from shared.utils.gtin import is_valid_gtin

DECIMAL = re.compile(r"-?\d{1,30}(\.\d{1,30})?\Z", re.ASCII)

ProductStatus = Literal["draft", "enriching", "needs_review", "approved"]
HumanStatus = Literal["draft", "needs_review"]
"""What a person may say. `enriching` is a run's word, and `approved` follows from approving the listings."""

Sku = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
Brand = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]
OptionalName = Annotated[str, StringConstraints(max_length=500, strip_whitespace=True)]

CATEGORY_SEPARATOR = " > "
LONGEST_CATEGORY = 500


def category_path(value: str) -> str:
    """`Kitchen>Mugs >` → `Kitchen > Mugs`: one spelling, so that a category and what is below it can be told."""
    path = CATEGORY_SEPARATOR.join(part.strip() for part in value.split(">") if part.strip())
    if len(path) > LONGEST_CATEGORY:
        raise ValueError(f"a category has at most {LONGEST_CATEGORY} characters")
    return path


Category = Annotated[str, StringConstraints(max_length=LONGEST_CATEGORY), AfterValidator(category_path)]
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
    """A number is a decimal string with a point (`"12.5"`), with its unit beside it.

    Without a `type` the JSON value tells it: a number, true or false, a list, else text.
    """

    name: AttributeName
    type: AttributeType = "text"
    value: bool | AttributeText | Annotated[list[AttributeText], Field(min_length=1, max_length=100)]
    unit: Annotated[str, StringConstraints(max_length=50, strip_whitespace=True)] | None = None

    @model_validator(mode="before")
    @classmethod
    def type_of_its_value(cls, data: Any) -> Any:
        match data:
            case {"value": bool()}:
                return {"type": "boolean", **data}
            case {"value": int() | float() as number}:
                return {"type": "number", **data, "value": f"{Decimal(str(number)):f}"}
            case {"value": list()}:
                return {"type": "list", **data}
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


def unique_names(attributes: list[ProductAttribute]) -> list[ProductAttribute]:
    repeated = repeated_name([attribute.name for attribute in attributes])
    if repeated is not None:
        raise ValueError(f"the name {repeated} is used more than once; several values make one attribute of type list")
    return attributes


def repeated_name(names: Sequence[str]) -> str | None:
    """The first name that an earlier one equals, whatever its case."""
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            return name
        seen.add(name.casefold())
    return None


def unique_option_names(names: list[str]) -> list[str]:
    repeated = repeated_name(names)
    if repeated is not None:
        raise ValueError(f"the option {repeated} is named more than once")
    return names


Attributes = Annotated[list[ProductAttribute], Field(max_length=500), AfterValidator(unique_names)]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
Tags = Annotated[list[Tag], Field(max_length=100), AfterValidator(without_repeats)]
OptionNames = Annotated[list[AttributeName], Field(max_length=3), AfterValidator(unique_option_names)]
Options = Annotated[list[ProductOption], Field(max_length=3)]
Languages = Annotated[list[Language], Field(min_length=1, max_length=50), AfterValidator(without_repeats)]


class ProductFields(RequestModel):
    brand: Brand | None = None
    category: Category | None = None
    gtin: Gtin | None = None
    price: Money | None = None
    attributes: Attributes = []
    keywords: list[OptionalName] = Field(default=[], max_length=100)
    tags: Tags = []
    languages: Languages = ["en"]
    parent_id: uuid.UUID | None = Field(default=None, description="Makes it a variant of this product.")
    option_names: OptionNames = Field(default=[], description="Of a parent: what its variants differ in, in order.")
    options: Options = Field(default=[], description="Of a variant: a value for each of the parent's option names.")
    assignee_id: uuid.UUID | None = Field(default=None, description="The user who takes care of it.")


class ProductCreate(ProductFields):
    sku: Sku
    name: Name
    source_urls: list[Url] = Field(default=[], max_length=20)


class ProductUpdate(RequestModel):
    """Only what is sent is changed; null empties a field that may be empty.

    Without a parent there are no options, so `parent_id: null` empties them, too.
    """

    sku: Sku | None = None
    name: Name | None = None
    brand: Brand | None = None
    category: Category | None = None
    status: HumanStatus | None = None
    gtin: Gtin | None = None
    price: Money | None = None
    attributes: Attributes | None = None
    keywords: list[OptionalName] | None = Field(default=None, max_length=100)
    tags: Tags | None = None
    languages: Languages | None = None
    parent_id: uuid.UUID | None = None
    option_names: OptionNames | None = None
    options: Options | None = None
    assignee_id: uuid.UUID | None = None


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
    tags: list[str]
    languages: list[str]
    parent_id: uuid.UUID | None
    option_names: list[str]
    options: list[ProductOption]
    assignee_id: uuid.UUID | None
    version: int
    created_at: Timestamp
    updated_at: Timestamp
