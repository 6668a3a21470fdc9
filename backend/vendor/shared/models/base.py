"""Bases of all contracts: requests refuse unknown fields, responses ignore them (so that peers may add some)."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints


class RequestModel(BaseModel):
    """A body that somebody sends to us: unknown fields are an error (422)."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)


class ResponseModel(BaseModel):
    """A body that a service answers: unknown fields are ignored, so that a newer service may add some."""

    model_config = ConfigDict(extra="ignore")


Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
"""A BCP 47 language tag such as `en`, `es` or `pt-BR`."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

Confidence = Annotated[float, Field(ge=0, le=1)]

Timestamp = AwareDatetime
"""RFC 3339, always UTC."""


def now() -> datetime:
    return datetime.now(UTC)


class Money(ResponseModel):
    """An amount as a decimal string, never a float: `{"amount": "12.90", "currency": "EUR"}`."""

    amount: Annotated[str, StringConstraints(pattern=r"^-?\d{1,12}(\.\d{1,6})?$")]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]

    @property
    def decimal(self) -> Decimal:
        return Decimal(self.amount)


class Usage(ResponseModel):
    """What one call consumed. `cost_usd` is null when the price of the model is not known; never a guess."""

    input_tokens: int = Field(default=0, ge=0)
    output_tokens: int = Field(default=0, ge=0)
    cost_usd: float | None = Field(default=0.0, ge=0)

    def __add__(self, other: "Usage") -> "Usage":
        known = self.cost_usd is not None and other.cost_usd is not None
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cost_usd=(self.cost_usd or 0) + (other.cost_usd or 0) if known else None,
        )
