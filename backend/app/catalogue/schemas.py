import uuid
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints, model_validator

from app.common.paging import Page
from app.enrichment.schemas import RunSummary
from app.media.schemas import ImageRead
from app.products.bulk_schemas import BulkChanges
from app.products.schemas import Brand, Category, ProductRead, ProductStatus, Tag, without_repeats
from shared.models.base import Language, RequestModel, ResponseModel, Timestamp

Sort = Literal[
    "-created_at", "created_at", "-updated_at", "updated_at", "name", "-name", "sku", "-sku", "price", "-price"
]  # fmt: skip
Missing = Annotated[
    str,
    StringConstraints(
        pattern=r"^(gtin|brand|category|price|image|source|listing|required|attribute:[^\x00]{1,200})$", max_length=210
    ),
]
SearchText = Annotated[str, StringConstraints(max_length=200)]


class CatalogueFilter(RequestModel):
    """Which products are meant. What is left out does not narrow; all that is given must hold."""

    search: SearchText | None = Field(
        default=None,
        description="Every word must begin a word of name, brand, category, keywords or tags, or be any part of the "
        "SKU or GTIN. Case, accents and punctuation do not count.",
    )
    status: list[ProductStatus] = Field(default=[], max_length=4, description="One of these.")
    category: list[Category] = Field(default=[], max_length=50, description="One of these, or anything below it.")
    brand: list[Brand] = Field(default=[], max_length=50, description="One of these.")
    tag: Annotated[list[Tag], AfterValidator(without_repeats)] = Field(
        default=[], max_length=50, description="All of these."
    )
    language: Language | None = Field(default=None, description="Is to be sold in this language.")
    assignee: Literal["me", "none"] | uuid.UUID | None = None
    conflicts: bool | None = Field(default=None, description="Whether it has conflicts that nobody has settled.")
    missing: list[Missing] = Field(
        default=[],
        max_length=20,
        description="Lacks all of these: gtin, brand, category, price, image, source (a page or any fact), listing, "
        "attribute:NAME, or required (any attribute that its category asks for).",
    )
    parent: Literal["none"] | uuid.UUID | None = Field(
        default=None, description="The variants of this product; `none` leaves variants out."
    )
    updated_since: AwareDatetime | None = None
    deleted: bool = Field(default=False, description="Look among the deleted products instead.")

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out of what lives."""
        return any(getattr(self, name) != field.get_default() for name, field in CatalogueFilter.model_fields.items())


class Assignee(ResponseModel):
    id: uuid.UUID
    name: str


class ProductListItem(ProductRead):
    """A product with what is known around it.

    `completeness` is the share of what it should have: name, brand, category, GTIN, price, an image, a source (a page
    or any fact), and the attributes that its category asks for, in its own fields or among its facts. `missing` names
    the rest, in the words of the filter `missing`.
    """

    deleted_at: Timestamp | None
    completeness: float = Field(ge=0, le=1)
    missing: list[str]
    assignee: Assignee | None
    image: ImageRead | None = Field(description="The first photo.")
    image_count: int
    source_count: int
    conflict_count: int = Field(description="Conflicts that nobody has settled.")
    comment_count: int
    variant_count: int
    listing_languages: list[str] = Field(description="Languages that have a listing.")
    run: RunSummary | None = Field(description="The newest run.")


class ProductPage(Page[ProductListItem]):
    """One page of the catalogue."""


class FacetValue(ResponseModel):
    value: str
    count: int


class Facets(ResponseModel):
    """How the matching products divide: at most 100 values each, the most frequent first."""

    status: list[FacetValue]
    category: list[FacetValue]
    brand: list[FacetValue]
    tag: list[FacetValue]


class BulkEditRequest(RequestModel):
    """What to do to which products: those of `ids`, or all that match `filter` (`{}` is the whole catalogue)."""

    ids: Annotated[list[uuid.UUID], Field(min_length=1, max_length=1000)] | None = None
    filter: CatalogueFilter | None = None
    action: Literal["change", "delete", "restore"] = "change"
    changes: BulkChanges | None = None
    dry_run: bool = Field(default=False, description="Only tell what would happen.")

    @model_validator(mode="after")
    def complete(self) -> Self:
        if (self.ids is None) == (self.filter is None):
            raise ValueError("name either ids or a filter")
        if (self.action == "change") != (self.changes is not None):
            raise ValueError("changes belong to the action change, and only to that")
        return self
