import uuid
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from app.common.paging import Page
from app.facts.schemas import MergedFactRead
from app.products.schemas import ProductStatus
from shared.models.base import Language, RequestModel, ResponseModel, Sha256, Timestamp
from shared.models.generate import Claim, Grounding, Listing, ListingField

ListingStatus = Literal["needs_review", "approved", "rejected", "superseded"]
AuthorKind = Literal["ai", "human", "import"]

MAX_BULK_PRODUCTS = 1000


def without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("a text cannot contain NUL characters")
    return text


NoNul = AfterValidator(without_nul)

# The largest lengths that generate-description accepts as limits (shared.models.generate.Limits).
Title = Annotated[str, StringConstraints(min_length=1, max_length=1000), NoNul]
Description = Annotated[str, StringConstraints(max_length=20_000), NoNul]
Bullet = Annotated[str, StringConstraints(min_length=1, max_length=1000), NoNul]
SeoTitle = Annotated[str, StringConstraints(max_length=200), NoNul]
SeoDescription = Annotated[str, StringConstraints(max_length=500), NoNul]
Keyword = Annotated[str, StringConstraints(min_length=1, max_length=200), NoNul]
AltText = Annotated[str, StringConstraints(max_length=500), NoNul]
Category = Annotated[str, StringConstraints(max_length=500), NoNul]
AttributeName = Annotated[str, StringConstraints(min_length=1, max_length=200), NoNul]
AttributeValue = Annotated[str, StringConstraints(min_length=1, max_length=2000), NoNul]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), NoNul]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), NoNul]


class TextAttribute(RequestModel):
    name: AttributeName
    value: AttributeValue


class ListingTexts(RequestModel):
    """Only what is sent is changed."""

    title: Title | None = None
    description: Description | None = None
    bullets: list[Bullet] | None = Field(default=None, max_length=20)
    attributes: list[TextAttribute] | None = Field(default=None, max_length=200)
    alt_texts: dict[Sha256, AltText] | None = Field(default=None, max_length=50)
    seo_title: SeoTitle | None = None
    seo_description: SeoDescription | None = None
    keywords: list[Keyword] | None = Field(default=None, max_length=50)
    category: Category | None = None


class ListingDraft(ListingTexts):
    """`ui_language` is that of the reasons which the check gives."""

    ui_language: Language = "en"


class ListingCreate(ListingDraft):
    language: Language
    title: Title  # an edit may leave it out, a new listing has one


class Overrule(RequestModel):
    reason: Reason


class Approve(RequestModel):
    note: Note | None = None


class Reject(RequestModel):
    reason: Reason


class Overruling(ResponseModel):
    """A person keeps a claim that no fact supports, and says why."""

    claim_id: str
    field: ListingField
    text: str
    reason: str
    by: str
    by_id: uuid.UUID | None
    at: Timestamp


class SupplierWarning(ResponseModel):
    """A passage that repeats the words of a supplier's page. Offsets as in a claim; `share` of its words, 0 to 1."""

    code: Literal["repeats-supplier"] = "repeats-supplier"
    field: ListingField
    index: int | None = None
    start: int
    end: int
    text: str
    share: float
    source_ref: str
    snapshot_sha256: str


class ListingVersionRead(ResponseModel):
    """One version without its texts. `live` is the approved one, which the shop gets; `current` the one to work on.

    An engine's text that came after a person's is a `proposal`: it waits beside it until somebody takes it.
    """

    id: uuid.UUID
    language: str
    version: int
    status: ListingStatus
    etag: str = Field(description="To send as If-Match with the next write.")
    live: bool
    current: bool
    proposal: bool
    author_kind: AuthorKind
    author: str
    author_id: uuid.UUID | None
    restored_from: uuid.UUID | None
    run_id: uuid.UUID | None
    created_at: Timestamp
    checked: bool = Field(description="False while the check could not be made, and for imported texts.")
    open_claims: int = Field(description="Claims that are unsupported and not overruled; they block approval.")
    warning_count: int
    reviewed_by: str | None
    reviewed_at: Timestamp | None
    review_note: str | None


class ListingRead(ListingVersionRead):
    """`facts` are those that the claims cite, as they were when the claims were checked."""

    live_id: uuid.UUID | None = Field(description="The approved version in this language.")
    live_version: int | None
    newest_version: int
    proposal_id: uuid.UUID | None = Field(description="An engine's newer text that waits beside this one.")
    facts_changed: bool = Field(description="The product's facts are no longer those that the claims were checked by.")
    content: Listing
    facts: list[MergedFactRead]
    overrulings: list[Overruling]
    warnings: list[SupplierWarning]


class ListingCheck(ResponseModel):
    """A check that stored nothing; `facts` are those that the claims cite."""

    claims: list[Claim]
    grounding: Grounding
    warnings: list[SupplierWarning]
    facts: list[MergedFactRead]


# --- Comparing two versions ---------------------------------------------------------------------------------------

DiffKind = Literal["equal", "insert", "delete"]


class DiffPart(ResponseModel):
    """`equal` and `delete` joined are the text before, `equal` and `insert` joined the text after."""

    op: DiffKind
    text: str


class DiffItem(ResponseModel):
    """One item of a list; `before` and `after` are its positions (or the key of an alternative text)."""

    op: Literal["equal", "insert", "delete", "change"]
    before: int | str | None
    after: int | str | None
    parts: list[DiffPart]


class FieldDiff(ResponseModel):
    """A text has `parts`, a list `items`."""

    field: str
    changed: bool
    parts: list[DiffPart] = []
    items: list[DiffItem] = []


class DiffSide(ResponseModel):
    id: uuid.UUID
    version: int
    author_kind: AuthorKind
    author: str
    created_at: Timestamp


class ListingDiff(ResponseModel):
    before: DiffSide
    after: DiffSide
    fields: list[FieldDiff]


# --- Many at once -------------------------------------------------------------------------------------------------


class BulkFilter(RequestModel):
    """Products with this status; without it all that are not deleted."""

    status: ProductStatus | None = None


class BulkSelection(RequestModel):
    """Products by id or by filter, and perhaps only one language of their texts."""

    product_ids: list[uuid.UUID] | None = Field(default=None, min_length=1, max_length=MAX_BULK_PRODUCTS)
    filter: BulkFilter | None = None
    language: Language | None = None

    @model_validator(mode="after")
    def ids_or_filter(self) -> Self:
        if (self.product_ids is None) == (self.filter is None):
            raise ValueError("send either product_ids or filter")
        return self


class BulkApprove(BulkSelection):
    allow_supplier_text: bool = Field(default=False, description="Also what repeats a supplier's sentences.")
    dry_run: bool = Field(default=False, description="Only tell what would be approved.")


BlockedReason = Literal["listing-not-checked", "unsupported-claims", "cites-conflict", "repeats-supplier", "proposal"]


class NotApproved(ResponseModel):
    product_id: uuid.UUID
    listing_id: uuid.UUID
    language: str
    reason: BlockedReason


class BulkApproved(ResponseModel):
    """`more`: there are others that fit the selection; ask again. `blocked` lists the first 200."""

    bulk_id: uuid.UUID | None = Field(description="To take it back; null when nothing was approved.")
    dry_run: bool
    approved: int
    not_approved: int
    reasons: dict[BlockedReason, int]
    blocked: list[NotApproved]
    more: bool


class BulkUndo(RequestModel):
    bulk_id: uuid.UUID


class BulkUndone(ResponseModel):
    """`kept` were changed since by somebody, and stay as they are."""

    undone: int
    kept: int


class BulkCheck(ResponseModel):
    queued: int


class ReviewItem(ResponseModel):
    listing: ListingVersionRead
    product_id: uuid.UUID
    sku: str
    product_name: str
    assignee_id: uuid.UUID | None
    image_sha256: str | None = Field(description="Of the first photo.")
    title: str
    grounding: Grounding
    warnings: list[SupplierWarning]


class ReviewCounts(ResponseModel):
    """Of all that the filter lets through, not only of this page."""

    needs_review: int
    not_checked: int
    unsupported_claims: int
    repeats_supplier: int
    by_language: dict[str, int]


class ReviewQueue(Page[ReviewItem]):
    counts: ReviewCounts
