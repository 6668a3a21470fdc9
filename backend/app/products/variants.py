"""Variants: products under a parent, told apart by a value for each of the parent's options."""

from app.products.errors import ParentDeleted, VariantInvalid, VariantTaken
from app.products.models import Product
from app.products.repository import ProductRepository
from shared.models.problems import InvalidField

MAX_VARIANTS = 2048
# What decides over a product's place; who changes it takes the lock on the hierarchy first.
PLACE = frozenset({"parent_id", "option_names", "options"})


def invalid(detail: str, field: str) -> VariantInvalid:
    return VariantInvalid(detail, errors=[InvalidField(detail=detail, pointer=f"#/{field}")])


def values_of(options: list[dict[str, str]]) -> tuple[str, ...]:
    return tuple(option["value"].casefold() for option in options)


def ordered_options(parent: Product, options: list[dict[str, str]]) -> list[dict[str, str]]:
    """The options in the parent's order and spelling. Raises where they are not exactly the parent's."""
    given = {option["name"].casefold(): option["value"] for option in options}
    wanted = [name.casefold() for name in parent.option_names]
    if len(options) != len(wanted) or set(given) != set(wanted):
        named = ", ".join(parent.option_names)
        raise invalid(f"Give one value for each option of {parent.sku}, and no other: {named}.", "options")
    return [{"name": name, "value": given[name.casefold()]} for name in parent.option_names]


class VariantRules:
    def __init__(self, repository: ProductRepository) -> None:
        self.repository = repository

    async def place(self, product: Product) -> None:
        """Check the product's place under its parent, and bring its options in order."""
        with self.repository.session.no_autoflush:
            if product.parent_id is None:
                if product.options:
                    raise invalid("Only a variant has options; name its parent, too.", "options")
                return
            if product.parent_id == product.id:
                raise invalid("A product cannot be its own variant.", "parent_id")
            if product.option_names:
                raise invalid("A variant has no variants of its own, so it names no options.", "option_names")
            parent = await self.repository.find(product.parent_id, deleted=True, lock=True)
            if parent is None:
                raise invalid("There is no such parent.", "parent_id")
            if parent.deleted_at is not None:
                raise ParentDeleted(f"The parent {parent.sku} is deleted. Restore it first, or choose another one.")
            if parent.parent_id is not None:
                raise invalid(f"{parent.sku} is a variant itself, so it cannot have variants.", "parent_id")
            if not parent.option_names:
                raise invalid(f"Say first what the variants of {parent.sku} differ in: its option_names.", "parent_id")
            if product.id is not None and await self.repository.variants(product.id, limit=1):
                raise invalid("It has variants itself, so it cannot become one.", "parent_id")
            product.options = ordered_options(parent, product.options)
            await self._check_siblings(product, parent)

    async def _check_siblings(self, product: Product, parent: Product) -> None:
        siblings = [each for each in await self.repository.variants(parent.id) if each.id != product.id]
        if len(siblings) >= MAX_VARIANTS:
            raise invalid(f"{parent.sku} has {MAX_VARIANTS} variants; there can be no more.", "parent_id")
        for sibling in siblings:
            if values_of(sibling.options) == values_of(product.options):
                values = " / ".join(option["value"] for option in product.options)
                raise VariantTaken(f"{sibling.sku} is the variant {values} already.")

    async def name_options(self, parent: Product, names: list[str]) -> None:
        """Name a parent's options anew. Variants follow a new spelling or order; their number stays."""
        variants = await self.repository.all_variants(parent.id)
        gone = [name for name in parent.option_names if name not in names]
        new = [name for name in names if name not in parent.option_names]
        if variants and len(gone) != len(new):
            detail = "While it has variants, its options can be renamed and reordered, but not added or taken away."
            raise invalid(detail, "option_names")
        renamed = dict(zip(gone, new, strict=False))
        for variant in variants:
            value_of = {renamed.get(option["name"], option["name"]): option["value"] for option in variant.options}
            variant.options = [{"name": name, "value": value_of[name]} for name in names if name in value_of]
            variant.version += 1
        parent.option_names = names
