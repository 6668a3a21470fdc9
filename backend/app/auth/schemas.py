import uuid
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BeforeValidator, Field, SecretStr, StringConstraints, WrapValidator
from pydantic_core.core_schema import ValidatorFunctionWrapHandler

from shared.models.base import Language, RequestModel, ResponseModel, Timestamp

Role = Literal["viewer", "editor", "admin"]

LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# ASCII only: with other letters one address can look like, or fold to, another one's.
EMAIL = rf"^[a-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{LABEL}(?:\.{LABEL})*$"


def folded(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) and value.isascii() else value


Email = Annotated[
    str,
    BeforeValidator(folded),
    StringConstraints(max_length=254),
    Field(
        pattern=EMAIL, json_schema_extra={"pattern": EMAIL.replace("a-z", "A-Za-z"), "examples": ["ana@example.com"]}
    ),
]
"""Normalised: lower case, no blanks around it."""

CONTROL = "\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029"
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=rf"^[^\s{CONTROL}]([^{CONTROL}]*[^\s{CONTROL}])?$")
]
"""One line, without blanks around it."""

Token = Annotated[str, StringConstraints(min_length=20, max_length=200)]
# Which passwords are too weak is a rule of the service: it depends on whose it is.
Password = Annotated[SecretStr, Field(min_length=1, max_length=4000)]


class SignInByLink(RequestModel):
    token: Token


class SignInByPassword(RequestModel):
    email: Email
    password: Password


def by_what_is_there(value: Any, _: ValidatorFunctionWrapHandler) -> SignInByLink | SignInByPassword:
    """So that what is wrong is said of the form that was meant, and not of both."""
    if isinstance(value, dict) and "token" in value:
        return SignInByLink.model_validate(value)
    return SignInByPassword.model_validate(value)


SignIn = Annotated[SignInByLink | SignInByPassword, WrapValidator(by_what_is_there)]


class SignInLinkRead(ResponseModel):
    """`path` is to be opened on the web app's own address; it works once."""

    path: str
    expires_at: Timestamp


class Me(ResponseModel):
    """`id` and `email` are null for the command line of the machine itself, `scopes` for a person."""

    id: uuid.UUID | None
    name: str
    email: str | None
    role: Role
    language: str | None = None
    has_password: bool = False
    scopes: list[str] | None = None


class MeUpdate(RequestModel):
    name: Name | None = None
    language: Language | None = None


class PasswordChange(RequestModel):
    """`current_password` may only be missing where the account has none yet."""

    current_password: Password | None = None
    new_password: Password


class SessionRead(ResponseModel):
    id: uuid.UUID
    current: bool
    created_at: Timestamp
    seen_at: Timestamp
    expires_at: Timestamp
    user_agent: str
    address: str


class UserCreate(RequestModel):
    """Without a password nobody can sign in as this user until a link for a new password was opened."""

    email: Email
    name: Name
    role: Role
    password: Password | None = None
    language: Language | None = None


class UserUpdate(RequestModel):
    name: Name | None = None
    role: Role | None = None
    active: bool | None = None
    language: Language | None = None


class UserRead(ResponseModel):
    id: uuid.UUID
    email: str
    name: str
    role: Role
    active: bool
    language: str | None
    has_password: bool
    signed_in_at: Timestamp | None
    created_at: Timestamp


class Person(ResponseModel):
    """What everybody may know of a colleague."""

    id: uuid.UUID
    name: str
    role: Role


class InvitationCreate(RequestModel):
    email: Email
    role: Role
    language: Language = "en"


class InvitationRead(ResponseModel):
    id: uuid.UUID
    email: str
    role: Role
    language: str
    status: Literal["open", "expired", "accepted", "revoked"]
    invited_by: uuid.UUID | None
    created_at: Timestamp
    expires_at: Timestamp


Delivery = Literal["sent", "failed", "not_configured"]


class OneTimeLink(ResponseModel):
    """Shown once. `url` is null where no public address is set: then `path`, on the web app's own address."""

    path: str
    url: str | None
    expires_at: Timestamp
    mail: Delivery


class InvitationLink(OneTimeLink):
    invitation: InvitationRead


class InvitationAccept(RequestModel):
    token: Token
    name: Name
    password: Password


class PasswordResetRequest(RequestModel):
    email: Email


class PasswordResetComplete(RequestModel):
    token: Token
    password: Password


ScopeName = Literal["read", "write", "review", "import", "export", "admin"]


class ApiKeyCreate(RequestModel):
    name: Name
    scopes: Annotated[list[ScopeName], Field(min_length=1, max_length=6)]
    expires_at: Annotated[AwareDatetime, Field(description="Never, when it is missing.")] | None = None


class ApiKeyRead(ResponseModel):
    id: uuid.UUID
    name: str
    owner: Person
    scopes: list[str]
    last_four: str
    status: Literal["active", "expired", "revoked"]
    created_at: Timestamp
    expires_at: Timestamp | None
    used_at: Timestamp | None


class ApiKeyCreated(ApiKeyRead):
    key: str = Field(description="Shown now and never again.")
