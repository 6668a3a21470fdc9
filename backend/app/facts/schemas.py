import uuid

from pydantic import Field

from shared.models.base import ResponseModel
from shared.models.facts import Source


class FactSource(ResponseModel):
    """One place that says so, with the wording found there."""

    fact_id: str
    name: str
    value: str
    unit: str | None
    confidence: float
    source: Source
    snapshot_sha256: str | None = Field(default=None, description="Of the page's text that the locator refers to.")


class MergedFactRead(ResponseModel):
    """`name` is normalised (`volume`), `label` is how a source calls it (`Capacity`).

    What is `disputed` repeats a value that lost a conflict: it is shown, and never written from.
    """

    id: str
    name: str
    label: str
    value: str
    unit: str | None
    confidence: float
    disputed: bool = False
    sources: list[FactSource]


class ConflictOption(ResponseModel):
    value: str
    unit: str | None
    sources: list[FactSource]


class ConflictRead(ResponseModel):
    """Options in order of precedence; the first one is used."""

    id: uuid.UUID
    name: str
    label: str
    options: list[ConflictOption]
