"""What any format carries of one product: the meeting point of imports and exports."""

from dataclasses import dataclass, field

from app.products.schemas import ProductAttribute, ProductOption
from shared.models.base import Money


@dataclass(slots=True)
class ItemImage:
    url: str
    alt: str = ""


@dataclass(slots=True)
class ItemTexts:
    """The texts of one language. `ai_written` is false for what a person wrote, edited or imported."""

    title: str = ""
    description: str = ""
    bullets: list[str] = field(default_factory=list)
    seo_title: str = ""
    seo_description: str = ""
    ai_written: bool = False


@dataclass(slots=True)
class CatalogueItem:
    """`None` means that the file says nothing about it; an import then leaves the field as it is.

    An empty string or list means that the file empties it. `extra` holds the columns that we have no field for.
    `new_name` is for a product that is new and has no `name` here: a variant whose file names only its parent.
    """

    sku: str
    name: str | None = None
    brand: str | None = None
    category: str | None = None
    status: str | None = None
    gtin: str | None = None
    price: Money | None = None
    attributes: list[ProductAttribute] | None = None
    keywords: list[str] | None = None
    tags: list[str] | None = None
    languages: list[str] | None = None
    source_urls: list[str] | None = None
    images: list[ItemImage] | None = None
    parent_sku: str | None = None
    option_names: list[str] | None = None
    options: list[ProductOption] | None = None
    texts: dict[str, ItemTexts] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    new_name: str | None = None
