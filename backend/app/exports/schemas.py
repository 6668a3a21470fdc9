import uuid
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from app.catalogue.schemas import CatalogueFilter
from app.formats.urls import PLACES
from shared.models.base import Language, RequestModel, ResponseModel, Timestamp

ExportFormat = Literal["shopify", "woocommerce", "google", "google-xml", "generic", "json", "json-lines"]
ExportScope = Literal["all", "approved", "changed"]
Severity = Literal["error", "warning"]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
TargetName = Annotated[
    str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True, pattern=r"^[^\x00]+$")
]
UrlTemplate = Annotated[str, StringConstraints(max_length=1000, pattern=r"^https?://[^\s\x00]+$")]


class ExportOptions(RequestModel):
    legacy_header: bool = Field(default=False, description="Shopify: the header that its files had before.")
    currency: Currency | None = Field(
        default=None, description="Of the shop. Prices in another one are left out where the file cannot say it."
    )
    product_url_template: UrlTemplate | None = Field(
        default=None,
        description="Google: the shop's address of a product, such as https://shop.example/products/{handle}. "
        "{sku}, {handle} and {language} are filled in.",
    )
    texts: Literal["approved", "newest"] = Field(
        default="approved", description="Texts that a person approved, or the newest drafts too."
    )
    formula_guard: bool | None = Field(
        default=None,
        description="Mark cells that a spreadsheet would run with an apostrophe. Left out, each format does what its "
        "shop takes back.",
    )
    availability: Literal["in_stock", "out_of_stock", "preorder", "backorder"] = Field(
        default="in_stock", description="Google: of products that do not say it themselves."
    )
    attribute_columns: bool = Field(
        default=False, description="Generic: the 100 most frequent attributes in columns of their own."
    )

    @field_validator("product_url_template")
    @classmethod
    def names_the_product(cls, value: str | None) -> str | None:
        if value is not None and not any(place in value for place in PLACES[:2]):
            raise ValueError("the template must contain {sku} or {handle}")
        return value


class ExportRequest(RequestModel):
    """Which products, into which file. Without `filter` and `product_ids` it is the whole catalogue."""

    name: TargetName | None = Field(
        default=None, description="Of the target, by default format and language; `changed` goes by it."
    )
    format: ExportFormat
    language: Language = "en"
    scope: ExportScope = Field(
        default="approved",
        description="All products, those that are approved, or those that changed since the last file of this name "
        "was fully sent (with all variants of their product).",
    )
    filter: CatalogueFilter | None = None
    product_ids: Annotated[list[uuid.UUID], Field(min_length=1, max_length=10_000)] | None = None
    options: ExportOptions = ExportOptions()

    @property
    def target(self) -> str:
        return self.name or f"{self.format} {self.language}"

    @model_validator(mode="after")
    def one_choice(self) -> Self:
        if self.filter is not None and self.product_ids is not None:
            raise ValueError("filter and product_ids cannot be used together")
        if self.filter is not None and self.filter.deleted:
            raise ValueError("deleted products cannot be exported")
        return self


class ExportRead(ResponseModel):
    """`rows` and what follows are about the last file that was fully sent; null before there was one."""

    id: uuid.UUID
    name: str
    format: ExportFormat
    language: str
    scope: ExportScope
    options: ExportOptions
    product_count: int = Field(description="Products when it was asked for; what is sent is as of the sending.")
    since: Timestamp | None = Field(description="`changed`: as of when; null where all products are sent.")
    snapshot_at: Timestamp | None
    rows: int | None = Field(description="Without the header.")
    products: int | None
    skipped: int | None = Field(description="Products that the format has no place for.")
    size_bytes: int | None
    sha256: str | None
    actor_name: str
    created_at: Timestamp
    finished_at: Timestamp | None


class ExportProblem(ResponseModel):
    code: str
    severity: Severity
    message: str
    field: str | None = None


class ProductProblems(ResponseModel):
    product_id: uuid.UUID
    sku: str
    name: str
    problems: list[ExportProblem]


class ProblemCount(ResponseModel):
    code: str
    severity: Severity
    message: str = Field(description="What it means, and what to do.")
    products: int


class Preflight(ResponseModel):
    """`general` concerns the whole file. `summary` counts over all products that were checked."""

    product_count: int
    checked: int = Field(description="At most 10,000 products in one call.")
    complete: bool = Field(description="Whether all products, from the cursor on, were checked.")
    general: list[ExportProblem]
    summary: list[ProblemCount]
    items: list[ProductProblems]
    next_cursor: str | None
