"""A fact: a name, a value, perhaps a unit, and the place that it comes from, verbatim."""

import hashlib
import json
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.models.base import Confidence

SourceKind = Literal["merchant", "image", "web"]

FactId = Annotated[str, StringConstraints(min_length=1, max_length=64)]

Fraction = Annotated[float, Field(ge=0, le=1)]


class ImageLocator(BaseModel):
    """A region of an image: x, y, width and height as fractions of the image after EXIF rotation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    box: tuple[Fraction, Fraction, Fraction, Fraction]


class WebLocator(BaseModel):
    """A character range of the page's stored plain-text snapshot; `xpath` where it still holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    start: int = Field(ge=0)
    end: int = Field(ge=0)
    xpath: str | None = Field(default=None, max_length=2000)


Locator = ImageLocator | WebLocator


class Source(BaseModel):
    """Where a fact comes from.

    `ref` is `sha256:…` of the image, the URL of the page, or the name of the merchant's field. `quote` is verbatim,
    and null only for what is seen rather than read.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: SourceKind
    ref: str = Field(min_length=1, max_length=4096)
    quote: str | None = Field(default=None, max_length=20_000)
    locator: Locator | None = None


def fact_id(source: Source, name: str, value: str, unit: str | None) -> str:
    """The id that services emit: equal input gives equal ids, on every machine."""
    locator = source.locator.model_dump(mode="json") if source.locator else None
    parts = (source.kind, source.ref, json.dumps(locator, sort_keys=True), name, value, unit or "")
    return "f_" + hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


class Fact(BaseModel):
    """One statement about a product. `value` is always text; a number has a decimal point, whatever its quote has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: FactId
    name: str = Field(min_length=1, max_length=200)
    value: str = Field(min_length=1, max_length=10_000)
    unit: str | None = Field(default=None, max_length=50)
    source: Source
    confidence: Confidence = 1.0

    @classmethod
    def create(cls, *, name: str, value: str, source: Source, unit: str | None = None, confidence: float = 1.0) -> Self:
        return cls(
            id=fact_id(source, name, value, unit),
            name=name,
            value=value,
            unit=unit,
            source=source,
            confidence=confidence,
        )
