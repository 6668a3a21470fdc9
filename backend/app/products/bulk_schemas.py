import uuid
from typing import Literal, Self

from pydantic import Field, model_validator

from app.products.schemas import Brand, Category, HumanStatus, Languages, Tags
from shared.models.base import RequestModel, ResponseModel


class BulkChanges(RequestModel):
    """Only what is sent is changed; null empties brand, category and assignee."""

    add_tags: Tags = []
    remove_tags: Tags = []
    category: Category | None = None
    brand: Brand | None = None
    assignee_id: uuid.UUID | None = None
    languages: Languages | None = None
    status: HumanStatus | None = None

    @model_validator(mode="after")
    def some_change(self) -> Self:
        both = [tag for tag in self.add_tags if tag in self.remove_tags]
        if both:
            raise ValueError(f"the tag {both[0]} cannot be added and removed at once")
        never_null = ("languages", "status")
        if any(name in self.model_fields_set and getattr(self, name) is None for name in never_null):
            raise ValueError("languages and status cannot be emptied")
        if not (self.add_tags or self.remove_tags or self.model_fields_set - {"add_tags", "remove_tags"}):
            raise ValueError("name at least one change")
        return self


SkipReason = Literal[
    "not_found", "enriching", "too_many_tags", "sku_taken", "parent_deleted", "variant_taken", "changed_since"
]  # fmt: skip


class Skipped(ResponseModel):
    """Products that stayed as they were, and why; at most 20 of them are named."""

    reason: SkipReason
    count: int
    ids: list[uuid.UUID]


class BulkOutcome(ResponseModel):
    """`variants` went or came with their parents, and are among the `changed`.

    `undo` is what `POST /products/bulk/{undo}/undo` takes, for a week; null when there is nothing to undo.
    """

    dry_run: bool = False
    matched: int
    changed: int
    unchanged: int
    variants: int = 0
    skipped: list[Skipped] = Field(description="Each product that could not be changed is counted under one reason.")
    undo: uuid.UUID | None
