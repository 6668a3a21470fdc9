"""Users, invitations and API keys."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.auth.api_keys import ApiKeyService
from app.auth.dependencies import SESSION_COOKIE, Admin, Principal, Viewer
from app.auth.errors import (
    AlreadyInvited,
    ApiKeyNotFound,
    EmailTaken,
    InvitationInvalid,
    InvitationNotFound,
    LastAdministrator,
    NotSignedIn,
    PasswordTooWeak,
    RoleRequired,
    ScopeNotAllowed,
    ScopeRequired,
    UserInactive,
    UserNotFound,
)
from app.auth.invitations import InvitationService, invitation_path
from app.auth.mail import Mail, Mailer
from app.auth.mail_texts import invitation_mail, password_reset_mail_by_administrator
from app.auth.password_resets import reset_path
from app.auth.routes import PREFIX, Auth, KnownClient, SameSite, public_router, sign_in_browser
from app.auth.schemas import (
    ApiKeyCreate,
    ApiKeyCreated,
    ApiKeyRead,
    InvitationAccept,
    InvitationCreate,
    InvitationLink,
    InvitationRead,
    Me,
    OneTimeLink,
    Person,
    Role,
    UserCreate,
    UserRead,
    UserUpdate,
)
from app.auth.users import UserService
from app.common.identifiers import RowId
from app.common.paging import Cursor, InvalidCursor, Limit, Page
from app.database import Session, Sessions, act_as
from shared.utils.errors import InvalidRequest
from shared.utils.problems import problems

router = APIRouter(
    prefix=PREFIX, tags=["users"], responses=problems(NotSignedIn, RoleRequired, ScopeRequired, InvalidRequest)
)

MailText = Callable[[str], Mail]
"""The mail around a link."""


def make_user_service(session: Session, request: Request) -> UserService:
    return UserService(session, owner_can_sign_in=request.app.state.settings.local_api_key is not None)


Users = Annotated[UserService, Depends(make_user_service)]


def get_invitations(session: Session, request: Request) -> InvitationService:
    return InvitationService(session, request.app.state.sessions)


Invitations = Annotated[InvitationService, Depends(get_invitations)]


def get_api_keys(session: Session) -> ApiKeyService:
    return ApiKeyService(session)


ApiKeys = Annotated[ApiKeyService, Depends(get_api_keys)]


async def one_time_link(
    request: Request, path: str, recipient: str, expires_at: datetime, mail: MailText
) -> OneTimeLink:
    """Shown to the administrator, and mailed where that is set up."""
    mailer: Mailer = request.app.state.mailer
    delivery = await mailer.try_to_send(recipient, mail(mailer.link(path)))
    return OneTimeLink(
        path=path, url=mailer.link(path) if mailer.public_url else None, expires_at=expires_at, mail=delivery
    )


@router.get("/users", responses=problems(InvalidCursor))
async def list_users(
    _: Admin,
    users: Users,
    search: Annotated[str | None, Query(max_length=200, description="Any part of name or email address.")] = None,
    role: Role | None = None,
    active: bool | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[UserRead]:
    """List users by email address."""
    return await users.page(search=search, role=role, active=active, limit=limit, cursor=cursor)


@router.post("/users", status_code=201, responses=problems(EmailTaken, PasswordTooWeak))
async def create_user(_: Admin, body: UserCreate, users: Users, response: Response) -> UserRead:
    """Create a user, with a first password or without one."""
    user = await users.create(body)
    response.headers["Location"] = f"{PREFIX}/users/{user.id}"
    return user


@router.get("/people")
async def list_people(_: Viewer, users: Users) -> list[Person]:
    """Names of all active users, to assign work to and to read comments by."""
    return await users.people()


@router.get("/users/{user_id}", responses=problems(UserNotFound))
async def get_user(_: Admin, user_id: RowId, users: Users) -> UserRead:
    """Return one user."""
    return await users.get(user_id)


@router.patch("/users/{user_id}", responses=problems(UserNotFound, LastAdministrator))
async def update_user(_: Admin, user_id: RowId, body: UserUpdate, users: Users) -> UserRead:
    """Change name, role or language; deactivate, activate. Another role, or none, ends the user's sessions."""
    return await users.update(user_id, body)


@router.delete("/users/{user_id}/sessions", status_code=204, responses=problems(UserNotFound))
async def end_sessions_of_user(_: Admin, user_id: RowId, users: Users) -> None:
    """Sign a user out everywhere. API keys are revoked one by one."""
    await users.end_sessions(user_id)


@router.post("/users/{user_id}/password-reset-links", status_code=201, responses=problems(UserNotFound, UserInactive))
async def make_password_reset_link(admin: Admin, user_id: RowId, request: Request) -> OneTimeLink:
    """Make a link for a new password, for one day. It is also mailed where mail is set up."""
    sessions: Sessions = request.app.state.sessions
    # Committed before the mail goes out, and no connection is held while a mail server thinks.
    async with sessions.begin() as session:
        await act_as(session, admin.actor)
        user, token, expires_at = await make_user_service(session, request).make_password_reset(user_id)
    return await one_time_link(
        request,
        reset_path(token, user.email),
        user.email,
        expires_at,
        lambda link: password_reset_mail_by_administrator(user.language, link, user.name),
    )


@router.get("/invitations", responses=problems(InvalidCursor))
async def list_invitations(
    _: Admin, invitations: Invitations, limit: Limit = 50, cursor: Cursor = None
) -> Page[InvitationRead]:
    """List invitations, newest first."""
    return await invitations.list(limit=limit, cursor=cursor)


@router.post("/invitations", status_code=201, responses=problems(EmailTaken, AlreadyInvited))
async def create_invitation(admin: Admin, body: InvitationCreate, request: Request) -> InvitationLink:
    """Invite somebody: a link for seven days, shown once, and mailed where mail is set up."""
    sessions: Sessions = request.app.state.sessions
    async with sessions.begin() as session:
        await act_as(session, admin.actor)
        invitation, token = await InvitationService(session, sessions).create(body, admin.id)
    return await hand_over(request, admin, invitation, token)


@router.post("/invitations/{invitation_id}/resend", responses=problems(InvitationNotFound))
async def resend_invitation(admin: Admin, invitation_id: RowId, request: Request) -> InvitationLink:
    """Make a new link for an open or expired invitation; the one before is void."""
    sessions: Sessions = request.app.state.sessions
    async with sessions.begin() as session:
        await act_as(session, admin.actor)
        invitation, token = await InvitationService(session, sessions).renew(invitation_id)
    return await hand_over(request, admin, invitation, token)


async def hand_over(request: Request, admin: Principal, invitation: InvitationRead, token: str) -> InvitationLink:
    link = await one_time_link(
        request,
        invitation_path(token, invitation.email),
        invitation.email,
        invitation.expires_at,
        lambda link: invitation_mail(invitation.language, link, admin.name),
    )
    return InvitationLink(invitation=invitation, **link.model_dump())


@router.delete("/invitations/{invitation_id}", status_code=204, responses=problems(InvitationNotFound))
async def revoke_invitation(_: Admin, invitation_id: RowId, invitations: Invitations) -> None:
    """Withdraw an invitation; its link is void."""
    await invitations.revoke(invitation_id)


@public_router.post(
    "/invitations/accept",
    status_code=201,
    dependencies=[SameSite],
    responses=problems(InvitationInvalid, PasswordTooWeak, EmailTaken),
)
async def accept_invitation(
    body: InvitationAccept,
    invitations: Invitations,
    auth: Auth,
    client: KnownClient,
    request: Request,
    response: Response,
) -> Me:
    """Become a user with the token of an invitation, and be signed in. Public."""
    user = await invitations.accept(body.token, body.name, body.password.get_secret_value())
    signed_in = await auth.begin_session(
        user, client, how="invitation", known_device=False, previous=request.cookies.get(SESSION_COOKIE)
    )
    return sign_in_browser(request, response, signed_in)


@router.get("/api-keys", responses=problems(InvalidCursor))
async def list_api_keys(
    principal: Viewer,
    api_keys: ApiKeys,
    everybody: Annotated[bool, Query(description="Of all users; for administrators.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ApiKeyRead]:
    """List one's own API keys, newest first. The keys themselves are not kept."""
    everybody = everybody or principal.id is None
    if everybody and principal.role != "admin":
        raise RoleRequired("Only administrators see the keys of others.")
    return await api_keys.list(user_id=None if everybody else principal.id, limit=limit, cursor=cursor)


@router.post("/api-keys", status_code=201, responses=problems(ScopeNotAllowed))
async def create_api_key(
    principal: Viewer, body: ApiKeyCreate, api_keys: ApiKeys, auth: Auth, response: Response
) -> ApiKeyCreated:
    """Make an API key of one's own. It is shown now and never again."""
    owner = await (auth.owner() if principal.id is None else auth.user(principal.id))
    response.headers["Cache-Control"] = "no-store"
    return await api_keys.create(principal, owner, body)


@router.delete("/api-keys/{key_id}", status_code=204, responses=problems(ApiKeyNotFound))
async def revoke_api_key(principal: Viewer, key_id: RowId, api_keys: ApiKeys) -> None:
    """Revoke a key of one's own, or anybody's as an administrator. It ends at once."""
    await api_keys.revoke(key_id, owner_id=None if principal.role == "admin" else principal.id)
