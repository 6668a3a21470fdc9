"""What a product should have: seven basic fields, and the attributes that its category asks for.

An attribute is there when the product's own attributes or its facts have it, under any of the names that mean it
(`Capacidad` is there for `Capacity`).
"""

from collections.abc import Iterable, Mapping, Sequence

from app.catalogue.folding import fold
from app.facts.names import SPELLINGS, normalised_name
from app.products.schemas import CATEGORY_SEPARATOR

# name, brand, category, gtin, price, image, source
BASIC_FIELDS = 7

Requirements = dict[str, list[tuple[str, list[str]]]]
"""By folded category path: each attribute's name, and the folded names that it may have."""


def spellings_of(name: str) -> list[str]:
    key = normalised_name(name)
    known = SPELLINGS.get(key, "").split(", ") if key in SPELLINGS else []
    return list(dict.fromkeys([fold(name), key, *(fold(spelling) for spelling in known)]))


def requirements_of(required: Mapping[str, Sequence[str]]) -> Requirements:
    return {fold(path): [(name, spellings_of(name)) for name in names] for path, names in required.items() if names}


def requirements_on(requirements: Requirements, categories: Iterable[str]) -> Requirements:
    """Only what is asked of these categories: by the nearest listed one, above or the same."""
    asked: Requirements = {}
    for category in categories if requirements else ():
        parts = fold(category).split(CATEGORY_SEPARATOR)
        paths = (CATEGORY_SEPARATOR.join(parts[:depth]) for depth in range(len(parts), 0, -1))
        nearest = next((path for path in paths if path in requirements), None)
        if nearest is not None:
            asked[nearest] = requirements[nearest]
    return asked
