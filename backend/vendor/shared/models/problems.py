"""The one shape of every error: RFC 9457 `application/problem+json`."""

from typing import Any

from pydantic import BaseModel, ConfigDict

PROBLEM_MEDIA_TYPE = "application/problem+json"


class InvalidField(BaseModel):
    """One thing wrong with a request: a JSON pointer into the body, or the name of a parameter."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None


class Problem(BaseModel):
    """`type` is a stable relative URI such as `/problems/service-unavailable`, listed in docs/problems.md."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str | None = None
    instance: str | None = None
    errors: list[InvalidField] | None = None

    def extension(self, name: str) -> Any:
        return (self.model_extra or {}).get(name)
