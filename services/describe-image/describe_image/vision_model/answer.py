"""What the model is asked to fill in, and what of it is worth keeping."""

import re
from collections import Counter
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

LONGEST_ALT_TEXT = 125
LONGEST_DESCRIPTION = 1200
MOST_ATTRIBUTES = 16
MOST_LINES = 60

Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)]

# How models say that they do not know, in the languages that they are asked in most.
UNKNOWN = frozenset(
    {
        "unknown", "not visible", "not specified", "not applicable", "unclear", "none", "n/a", "na", "null",
        "undefined", "not readable", "illegible", "-",
        "desconocido", "desconocida", "no visible", "no especificado", "no se ve", "ninguno", "ninguna", "no aplica",
        "unbekannt", "nicht sichtbar", "keine", "inconnu", "non visible",
    }
)  # fmt: skip


class SeenDetail(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Words
    value: Words


class SeenProduct(BaseModel):
    """The order is the order of writing: the model reads first, then names, then describes."""

    model_config = ConfigDict(extra="forbid", title="product_photo")

    text: list[Words] = Field(max_length=MOST_LINES)
    product_type: Words
    materials: list[Words] = Field(max_length=6)
    contents: list[Words] = Field(max_length=20)
    attributes: list[SeenDetail] = Field(max_length=MOST_ATTRIBUTES)
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_DESCRIPTION)]
    alt_text: Words


def is_known(words: str) -> bool:
    plain = words.casefold().strip(" .")
    return bool(plain) and plain not in UNKNOWN


def is_repetitive(text: str) -> bool:
    """Whether a text runs in circles, as a model does that has lost its way."""
    words = re.findall(r"\w+", text.casefold())
    if len(words) < 12:
        return False
    triples = Counter(zip(words, words[1:], words[2:], strict=False))
    return triples.most_common(1)[0][1] > max(3, len(words) // 10)


def without_unknown(seen: SeenProduct) -> SeenProduct:
    """What the model does not know it had better not say; nor anything twice."""
    details = {detail.name.casefold(): detail for detail in seen.attributes if is_known(detail.value) and detail.name}
    return seen.model_copy(
        update={
            "text": list(dict.fromkeys(line for line in seen.text if is_known(line))),
            "product_type": seen.product_type if is_known(seen.product_type) else "",
            "materials": list(dict.fromkeys(each for each in seen.materials if is_known(each))),
            "contents": list(dict.fromkeys(each for each in seen.contents if is_known(each))),
            "attributes": list(details.values()),
        }
    )
