import uuid
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from shared.models.base import RequestModel, ResponseModel, Timestamp
from shared.models.facts import Source

FactStatus = Literal["used", "disputed", "superseded", "rejected"]
DecisionKind = Literal["confirm", "reject", "correct", "add", "edit", "settle"]

Label = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Value = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
Unit = Annotated[str, StringConstraints(min_length=1, max_length=50, strip_whitespace=True)]
Note = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]


class FactSource(ResponseModel):
    """One place that says so, with the wording found there. `ref` of a person's word is `decision:` and its id."""

    fact_id: str
    name: str
    value: str
    unit: str | None
    confidence: float
    source: Source
    snapshot_sha256: str | None = Field(default=None, description="Of the page's text that the locator refers to.")


class DecisionInfo(ResponseModel):
    """Who decided, and when. `choice` of a settled conflict: `option`, `value`, `both` or `neither`."""

    id: uuid.UUID
    kind: DecisionKind
    choice: str | None = None
    note: str | None = None
    decided_by: str
    decided_at: Timestamp


def status_of_older(data: dict[str, Any]) -> FactStatus:
    """Facts that were kept with a listing before there were statuses only say whether they are disputed."""
    return "disputed" if data.get("disputed") else "used"


class MergedFactRead(ResponseModel):
    """`name` is normalised (`volume`), `label` is how a source calls it (`Capacity`).

    Only what is `used` is written from. `disputed` repeats a value that lost a conflict; `superseded` lost one;
    `rejected` was found wrong by a person. `decision` is the person's decision that made it so, if one did.
    """

    id: str
    name: str
    label: str
    value: str
    unit: str | None
    confidence: float
    disputed: bool = False
    status: FactStatus = Field(default_factory=status_of_older)
    decision: DecisionInfo | None = None
    sources: list[FactSource]


class ConflictOption(ResponseModel):
    """`chosen` was found right by a person; `new` came up after the last decision on this conflict."""

    value: str
    unit: str | None
    sources: list[FactSource]
    chosen: bool = False
    new: bool = False


class ConflictRead(ResponseModel):
    """Options in order of precedence; the first one is used.

    `settled` is the decision that settled it. With `settled_before`, a source now contradicts an earlier decision,
    which stands until somebody decides anew.
    """

    id: uuid.UUID
    name: str
    label: str
    options: list[ConflictOption]
    options_version: str = Field(description="Send it when you settle: it tells what you saw.")
    settled: DecisionInfo | None = None
    settled_before: DecisionInfo | None = None


class DecidedValue(ResponseModel):
    """A value that was decided on. `merchant_fields` are the product's own fields that said so at the time."""

    label: str
    value: str
    unit: str | None = None
    merchant_fields: list[str] = []


class DecisionBefore(ResponseModel):
    """How things stood when the decision was taken."""

    status: FactStatus | None = None
    value: str | None = None
    unit: str | None = None
    options: list[ConflictOption] = []


class DecisionRead(DecisionInfo):
    """`stands` was found right, `rejected` wrong; `outvoted` lost to what stands. DELETE takes the decision back."""

    label: str
    stands: list[DecidedValue]
    rejected: list[DecidedValue]
    outvoted: list[DecidedValue]
    before: DecisionBefore | None


class FactDecision(RequestModel):
    note: Note | None = None


class FactWrite(RequestModel):
    name: Label
    value: Value
    unit: Unit | None = None
    note: Note | None = None


class FactCorrection(RequestModel):
    """What is not sent stays as it is; a unit of null says that there is none."""

    name: Label | None = None
    value: Value
    unit: Unit | None = None
    note: Note | None = None


class ConflictSettle(RequestModel):
    """Either `choice` (the index of an option, `both` for all of them, or `neither`), or another `value`."""

    options_version: str = Field(max_length=64)
    choice: Annotated[int, Field(strict=True, ge=0)] | Literal["both", "neither"] | None = None
    value: Value | None = None
    unit: Unit | None = None
    note: Note | None = None

    @model_validator(mode="after")
    def one_answer(self) -> Self:
        if (self.choice is None) == (self.value is None):
            raise ValueError("send either a choice or a value")
        if self.unit is not None and self.value is None:
            raise ValueError("a unit goes with a value")
        return self
