"""What a shop would not take of a product, or would take in another way than one thinks. Pure functions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from app.exports.reading import ExportedProduct
from app.exports.schemas import ExportRequest, Severity
from app.formats.cells import is_formula_like
from app.formats.google import column_for, is_group
from app.formats.google_columns import MAX_ADDITIONAL_IMAGES
from app.formats.handles import handle_of
from app.formats.items import CatalogueItem, ItemTexts
from app.formats.markup import ACTIVE, MARKUP
from shared.utils.gtin import is_valid_gtin

SHOP_FORMATS = frozenset({"shopify", "woocommerce", "google", "google-xml"})
GOOGLE_FORMATS = frozenset({"google", "google-xml"})
IN_ONE_CURRENCY = frozenset({"shopify", "woocommerce"})

TITLE_LENGTH = {"shopify": 255, "google": 150, "google-xml": 150}
DESCRIPTION_LENGTH = {"google": 5000, "google-xml": 5000}
MAX_GOOGLE_ID = 50
MAX_SHOPIFY_VARIANTS = 2048
MANY_SHOPIFY_VARIANTS = 100
MAX_SHOPIFY_IMAGES = 250
SEO_TITLE, SEO_DESCRIPTION = 70, 320
MIN_SIDE, MIN_APPAREL_SIDE = 100, 250
MAX_PIXELS = 64_000_000
MAX_HIGHLIGHT = 150
APPAREL_WORDS = frozenset(
    {
        "apparel", "clothing", "clothes", "fashion", "shirts", "dresses", "shoes", "jackets", "ropa", "moda",
        "camisetas", "zapatos", "vestidos", "bekleidung", "kleidung", "mode", "schuhe", "hemden", "kleider", "jacken",
    }
)  # fmt: skip
# Prefixes that GS1 keeps for use inside a company, and for coupons.
RESTRICTED_GTIN = ("02", "04", "2")


class Finding(NamedTuple):
    code: str
    field: str | None = None
    detail: str = ""


class Kind(NamedTuple):
    severity: Severity
    meaning: str


KINDS: dict[str, Kind] = {
    "title-too-long": Kind("error", "The title is longer than the shop takes. Shorten it."),
    "title-missing": Kind("error", "There is neither a title nor a name."),
    "description-too-long": Kind("error", "The description is longer than the shop takes. Shorten it."),
    "texts-missing": Kind("warning", "There is no text in this language; the product's name stands for the title."),
    "texts-not-approved": Kind("warning", "There is a text, but nobody has approved it, so it is not exported."),
    "texts-draft": Kind("warning", "The newest text is exported, though nobody has approved it."),
    "claims-unsupported": Kind("warning", "The text makes claims that no fact supports. Review it before it is live."),
    "seo-too-long": Kind("warning", "The search engine text is longer than what is shown; its end will be cut."),
    "gtin-missing": Kind("warning", "There is no GTIN. Shops show products with one more often."),
    "identifier-missing": Kind("warning", "There is neither a GTIN, nor a brand with a part number (MPN)."),
    "gtin-invalid": Kind("error", "The GTIN's check digit is wrong."),
    "gtin-restricted": Kind("error", "The GTIN is from a range for use inside a company; the shop refuses it."),
    "price-missing": Kind("error", "There is no price."),
    "price-currency": Kind("error", "The price is in another currency than the shop's, so it is left out."),
    "price-negative": Kind("error", "The price is below zero."),
    "image-missing": Kind("error", "There is no photo."),
    "image-too-small": Kind("error", "The first photo is smaller than the shop takes."),
    "image-too-large": Kind("error", "A photo has more than 64 megapixels."),
    "images-too-many": Kind("warning", "There are more photos than the shop takes; the last ones are left out."),
    "link-missing": Kind("error", "There is no address in the shop. Set the option product_url_template."),
    "id-too-long": Kind("error", "The SKU is longer than the 50 characters that Google takes as id."),
    "duplicate-handle": Kind("error", "Another product has the same handle in the shop, which would join the two."),
    "option-missing": Kind("error", "A variant has no value for an option of its product."),
    "option-duplicate": Kind("error", "Another variant of the product has the same options."),
    "options-without-variants": Kind("warning", "The product has options, but no variants are exported with it."),
    "too-many-options": Kind("error", "The product has more than three options."),
    "too-many-variants": Kind("error", "The product has more variants than the shop takes."),
    "many-variants": Kind("warning", "The product has over 100 variants, which some shop plans do not take."),
    "parent-missing": Kind("error", "The variant's product is not in this export, so the variant is left out."),
    "variant-attribute-missing": Kind("warning", "The variant's options are none that Google knows, such as colour."),
    "html-in-text": Kind("warning", "The text contains HTML, which shoppers would see as it is."),
    "html-forbidden": Kind("error", "The text contains scripts, frames or the like, which the shop refuses."),
    "formula-like": Kind("warning", "A cell begins like a formula, which a spreadsheet may run when opened."),
    "tag-with-comma": Kind("warning", "A tag contains a comma, which becomes a space."),
    "highlight-too-long": Kind("warning", "A bullet is longer than the 150 characters that Google takes."),
    "attributes-left-out": Kind("warning", "Shopify's file has no place for attributes; they are left out."),
}  # fmt: skip


@dataclass(slots=True)
class TextState:
    """Of a product in the export's language: whether there is an unapproved text, and claims without support."""

    has_draft: bool = False
    open_claims: int = 0


class ProductChecks:
    """Goes along with the products in the order of the file, so that it sees families and handles as the shop does."""

    def __init__(self, request: ExportRequest) -> None:
        self.request = request
        self.format = request.format
        self.handles: set[int] = set()
        self.parent: ExportedProduct | None = None
        self.variants = 0
        self.chosen: set[tuple[tuple[str, str], ...]] = set()

    def check(self, product: ExportedProduct, state: TextState, *, variant_count: int) -> list[Finding]:
        item = product.item
        if item.parent_sku is None:
            self.parent = product
            self.chosen = set()
        found = [*self.texts(item, state), *self.identifiers(item), *self.commerce(item, variant_count)]
        found += [*self.images(product, variant_count), *self.family(product, variant_count), *self.cells(item)]
        return found

    def is_offer(self, item: CatalogueItem, variant_count: int) -> bool:
        """What can be bought: a product with variants is not."""
        return not (variant_count or (self.format in GOOGLE_FORMATS and is_group(item)))

    def has_own_texts(self, item: CatalogueItem) -> bool:
        return item.parent_sku is None or self.format != "shopify"

    def texts(self, item: CatalogueItem, state: TextState) -> Iterator[Finding]:
        if not self.has_own_texts(item):
            return
        texts = item.texts.get(self.request.language)
        title = (texts.title if texts else "") or item.name or ""
        if not title.strip():
            yield Finding("title-missing", "title")
        longest = TITLE_LENGTH.get(self.format)
        if longest and len(title) > longest:
            yield Finding("title-too-long", "title", f"{len(title)} characters; {longest} are taken.")
        if texts is None:
            yield Finding("texts-not-approved" if state.has_draft else "texts-missing", "description")
        else:
            if state.has_draft and self.request.options.texts == "newest":
                yield Finding("texts-draft", "description")
            if state.open_claims:
                yield Finding("claims-unsupported", "description", f"{state.open_claims} claims.")
            yield from self.written(texts)

    def written(self, texts: ItemTexts) -> Iterator[Finding]:
        longest = DESCRIPTION_LENGTH.get(self.format)
        if longest and len(texts.description) > longest:
            yield Finding(
                "description-too-long", "description", f"{len(texts.description)} characters; {longest} are taken."
            )
        if len(texts.seo_title) > SEO_TITLE or len(texts.seo_description) > SEO_DESCRIPTION:
            yield Finding("seo-too-long", "seo_title" if len(texts.seo_title) > SEO_TITLE else "seo_description")
        for field, text in (
            ("title", texts.title),
            ("description", texts.description),
            *(("bullets", bullet) for bullet in texts.bullets),
        ):
            if ACTIVE.search(text):
                yield Finding("html-forbidden", field)
                break
            if MARKUP.search(text) and "<" in text:
                yield Finding("html-in-text", field)
                break
        if self.format in GOOGLE_FORMATS and any(len(bullet) > MAX_HIGHLIGHT for bullet in texts.bullets):
            yield Finding("highlight-too-long", "bullets")

    def identifiers(self, item: CatalogueItem) -> Iterator[Finding]:
        if item.gtin:
            if not is_valid_gtin(item.gtin):
                yield Finding("gtin-invalid", "gtin", item.gtin)
            elif self.format in GOOGLE_FORMATS and item.gtin.zfill(14)[1:].startswith(RESTRICTED_GTIN):
                yield Finding("gtin-restricted", "gtin", item.gtin)
        elif self.format in GOOGLE_FORMATS and not is_group(item):
            mpn = item.extra.get("mpn") or any(
                attribute.name.casefold() == "mpn" for attribute in item.attributes or []
            )
            yield Finding("gtin-missing" if item.brand and mpn else "identifier-missing", "gtin")
        if self.format in GOOGLE_FORMATS and len(item.sku) > MAX_GOOGLE_ID:
            yield Finding("id-too-long", "sku")

    def commerce(self, item: CatalogueItem, variant_count: int) -> Iterator[Finding]:
        if self.format not in SHOP_FORMATS or not self.is_offer(item, variant_count):
            return
        currency = self.request.options.currency
        if item.price is None:
            yield Finding("price-missing", "price")
        elif item.price.amount.startswith("-"):
            yield Finding("price-negative", "price")
        elif self.format in IN_ONE_CURRENCY and currency and item.price.currency != currency:
            yield Finding("price-currency", "price", f"{item.price.currency} instead of {currency}.")
        template = self.request.options.product_url_template
        if self.format in GOOGLE_FORMATS and not template and not item.extra.get("link"):
            yield Finding("link-missing", "link")

    def images(self, product: ExportedProduct, variant_count: int) -> Iterator[Finding]:
        item = product.item
        if self.format not in SHOP_FORMATS:
            return
        needs = self.is_offer(item, variant_count) if self.format in GOOGLE_FORMATS else item.parent_sku is None
        if not product.images:
            if needs:
                yield Finding("image-missing", "images")
            return
        if self.format in GOOGLE_FORMATS:
            width, height = product.images[0]
            smallest = MIN_APPAREL_SIDE if is_apparel(item) else MIN_SIDE
            if min(width, height) < smallest:
                yield Finding("image-too-small", "images", f"{width} × {height}; {smallest} × {smallest} are needed.")
        most = {
            "shopify": MAX_SHOPIFY_IMAGES,
            "google": MAX_ADDITIONAL_IMAGES + 1,
            "google-xml": MAX_ADDITIONAL_IMAGES + 1,
        }
        if len(product.images) > most.get(self.format, 10_000):
            yield Finding("images-too-many", "images")

    def family(self, product: ExportedProduct, variant_count: int) -> Iterator[Finding]:
        item = product.item
        if self.format not in SHOP_FORMATS:
            return
        if item.parent_sku is None:
            if self.format == "shopify":
                yield from self.shopify_product(item, variant_count)
            if item.option_names and not variant_count:
                yield Finding("options-without-variants", "option_names")
            if len(item.option_names or []) > 3:
                yield Finding("too-many-options", "option_names")
            return
        parent = self.parent if self.parent is not None and self.parent.id == product.parent_id else None
        if parent is None and self.format == "shopify":
            yield Finding("parent-missing", "parent_sku")
            return
        options = item.options or []
        wanted = parent.item.option_names or [] if parent is not None else []
        if not options or not set(wanted) <= {option.name for option in options}:
            yield Finding("option-missing", "options")
        chosen = tuple(sorted((option.name, option.value) for option in options))
        if parent is not None and options and chosen in self.chosen:
            yield Finding("option-duplicate", "options")
        self.chosen.add(chosen)
        if self.format in GOOGLE_FORMATS and options and not any(column_for(option.name) for option in options):
            yield Finding("variant-attribute-missing", "options")

    def shopify_product(self, item: CatalogueItem, variant_count: int) -> Iterator[Finding]:
        handle = hash(item.extra.get("URL handle") or handle_of(item.sku))
        if handle in self.handles:
            yield Finding("duplicate-handle", "sku")
        self.handles.add(handle)
        if variant_count > MAX_SHOPIFY_VARIANTS:
            yield Finding("too-many-variants", "options", f"{variant_count} variants.")
        elif variant_count > MANY_SHOPIFY_VARIANTS:
            yield Finding("many-variants", "options", f"{variant_count} variants.")
        if any("," in tag for tag in item.tags or []):
            yield Finding("tag-with-comma", "tags")
        if item.attributes:
            yield Finding("attributes-left-out", "attributes")

    def cells(self, item: CatalogueItem) -> Iterator[Finding]:
        if self.format not in {"shopify", "google"} or self.request.options.formula_guard:
            return
        texts = item.texts.get(self.request.language) or ItemTexts()
        title = texts.title or item.name or ""
        for field, text in (
            ("title", title), ("sku", item.sku), ("brand", item.brand or ""), ("category", item.category or ""),
            ("seo_title", texts.seo_title), ("seo_description", texts.seo_description),
        ):  # fmt: skip
            if is_formula_like(text):
                yield Finding("formula-like", field)
                return


def is_apparel(item: CatalogueItem) -> bool:
    words = (item.category or "").casefold().replace(">", " ").replace(",", " ").split()
    return not APPAREL_WORDS.isdisjoint(words)
