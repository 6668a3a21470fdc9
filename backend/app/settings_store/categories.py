"""The shop's categories: a list of paths, and the tree that they make."""

from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from app.settings_store.texts import LINE, Line, first_repeated, fold, without_repeats
from shared.models.base import RequestModel
from shared.models.generate import Limits


def category_parts(path: str) -> list[str]:
    return [" ".join(part.split()) for part in path.split(">")]


def category_key(path: str) -> str:
    """Equal for paths that differ in case and spaces only."""
    return " > ".join(category_parts(path)).casefold()


def ancestry(path: str | None) -> list[str]:
    """The keys of a category and of all above it, the nearest first."""
    if not path:
        return []
    parts = category_key(path).split(" > ")
    return [" > ".join(parts[:count]) for count in range(len(parts), 0, -1)]


def tidy_path(path: str) -> str:
    parts = category_parts(path)
    if not all(parts):
        raise ValueError("a category path is written as Kitchen > Mugs, without empty parts")
    return " > ".join(parts)


CategoryPath = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=LINE), AfterValidator(tidy_path)]


class LimitChanges(RequestModel):
    """What differs from the shop's limits; null: nothing."""

    title: int | None = Field(default=None, ge=10, le=1000)
    description: int | None = Field(default=None, ge=50, le=20_000)
    bullets: int | None = Field(default=None, ge=0, le=20)
    bullet: int | None = Field(default=None, ge=20, le=1000)
    seo_title: int | None = Field(default=None, ge=10, le=200)
    seo_description: int | None = Field(default=None, ge=50, le=500)
    keywords: int | None = Field(default=None, ge=0, le=50)
    alt_text: int | None = Field(default=None, ge=20, le=500)

    def applied_to(self, limits: Limits) -> Limits:
        return limits.model_copy(update=self.model_dump(exclude_none=True))


class Category(RequestModel):
    path: CategoryPath = Field(description="Such as `Kitchen > Mugs`; the levels above need no entry of their own.")
    required_attributes: list[Line] = Field(
        default=[], max_length=100, description="What its products must have to be complete; levels above add theirs."
    )
    google_product_category: Line | None = Field(default=None, description="Google's number or path.")
    limits: LimitChanges | None = None

    @model_validator(mode="after")
    def attributes_are_unique(self) -> Self:
        repeated = first_repeated(fold(name) for name in self.required_attributes)
        if repeated is not None:
            raise ValueError(f"the required attribute “{repeated}” is there twice")
        return self


class CategoriesDocument(RequestModel):
    kind: Literal["categories"] = "categories"
    categories: list[Category] = Field(default=[], max_length=5000)

    @model_validator(mode="after")
    def paths_are_unique(self) -> Self:
        repeated = first_repeated(category_key(category.path) for category in self.categories)
        if repeated is not None:
            raise ValueError(f"the category “{repeated}” is there twice (case and spaces do not tell them apart)")
        return self

    @cached_property
    def tree(self) -> "CategoryTree":
        return CategoryTree(self.categories)


class CategoryTree:
    """Who lies above whom. Levels that are not listed are passed over."""

    def __init__(self, categories: list[Category]) -> None:
        self.listed = {category_key(category.path): category for category in categories}

    def above(self, path: str | None) -> list[Category]:
        """The listed ones on the way down to the path, itself included, from the top."""
        return [self.listed[key] for key in reversed(ancestry(path)) if key in self.listed]

    def nearest(self, path: str | None) -> Category | None:
        return next(reversed(self.above(path)), None)

    def required_of(self, path: str | None) -> list[str]:
        return without_repeats([name for category in self.above(path) for name in category.required_attributes])

    @cached_property
    def required(self) -> dict[str, list[str]]:
        return {category.path: self.required_of(category.path) for category in self.listed.values()}
