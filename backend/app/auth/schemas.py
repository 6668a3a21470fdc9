import uuid
from typing import Annotated, Literal

from pydantic import StringConstraints

from shared.models.base import RequestModel, ResponseModel, Timestamp

Role = Literal["viewer", "editor", "admin"]


class SignIn(RequestModel):
    token: Annotated[str, StringConstraints(min_length=20, max_length=200)]


class SignInLinkRead(ResponseModel):
    """`path` is to be opened on the web app's own address; it works once."""

    path: str
    expires_at: Timestamp


class Me(ResponseModel):
    id: uuid.UUID | None
    name: str
    email: str | None
    role: Role
