from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.auth.client import Client
from app.auth.dependencies import SESSION_COOKIE, Admin, SignedInPerson, Viewer, refuse_cross_site
from app.auth.errors import (
    CrossSiteRequest,
    InvalidCredentials,
    NotSignedIn,
    PasswordResetInvalid,
    PasswordTooWeak,
    RoleRequired,
    ScopeRequired,
    SessionNotFound,
    SessionRequired,
    SignInLinkInvalid,
    TooManyAttempts,
    UserInactive,
    WrongCurrentPassword,
)
from app.auth.models import User
from app.auth.password_resets import PasswordResetService
from app.auth.schemas import (
    Me,
    MeUpdate,
    PasswordChange,
    PasswordResetComplete,
    PasswordResetRequest,
    SessionRead,
    SignIn,
    SignInByLink,
    SignInLinkRead,
)
from app.auth.service import DEVICE_LIFETIME, AuthService, SignedIn
from app.common.identifiers import RowId
from app.database import Session
from shared.utils.errors import InvalidRequest
from shared.utils.problems import problems

PREFIX = "/api/v1/auth"
SIGN_IN_PATH = f"{PREFIX}/sign-in"
DEVICE_COOKIE = "orchestrate_device"

router = APIRouter(prefix=PREFIX, tags=["auth"], responses=problems(NotSignedIn, RoleRequired, ScopeRequired))
public_router = APIRouter(prefix=PREFIX, tags=["auth"], responses=problems(CrossSiteRequest, InvalidRequest))


def get_service(session: Session, request: Request) -> AuthService:
    return AuthService(session, request.app.state.sessions, request.app.state.settings.session_days)


Auth = Annotated[AuthService, Depends(get_service)]


def get_password_resets(session: Session, request: Request) -> PasswordResetService:
    return PasswordResetService(
        session, request.app.state.sessions, mail_is_set_up=request.app.state.mailer.server is not None
    )


PasswordResets = Annotated[PasswordResetService, Depends(get_password_resets)]


def client_of(request: Request) -> Client:
    return Client.of(request)


KnownClient = Annotated[Client, Depends(client_of)]


def same_site(request: Request) -> None:
    """The public routes that change something have no session to protect, but nobody may be signed in by a trick."""
    refuse_cross_site(request.method, request.headers)


SameSite = Depends(same_site)


def as_me(user: User, scopes: frozenset[str] | None = None) -> Me:
    return Me(
        id=user.id,
        name=user.name,
        email=user.email,
        role=user.role,
        language=user.language,
        has_password=user.password_hash is not None,
        scopes=sorted(scopes) if scopes is not None else None,
    )


def secure(request: Request) -> bool:
    return bool(request.app.state.settings.secure_cookies) or request.url.scheme == "https"


def set_session_cookie(request: Request, response: Response, token: str, expires_at: datetime) -> None:
    response.set_cookie(
        SESSION_COOKIE, token, expires=expires_at, httponly=True, samesite="lax", secure=secure(request)
    )


def sign_in_browser(request: Request, response: Response, signed_in: SignedIn) -> Me:
    set_session_cookie(request, response, signed_in.token, signed_in.expires_at)
    if signed_in.device is not None:
        # Says only that this browser has signed in before; it goes to no other path and signs nobody in.
        response.set_cookie(
            DEVICE_COOKIE,
            signed_in.device,
            max_age=int(DEVICE_LIFETIME.total_seconds()),
            path=SIGN_IN_PATH,
            httponly=True,
            samesite="strict",
            secure=secure(request),
        )
    # A proxy or a shared computer must not keep it.
    response.headers["Cache-Control"] = "no-store"
    return as_me(signed_in.user)


@router.post("/sign-in-links", status_code=201, responses=problems(UserInactive, SessionRequired))
async def make_sign_in_link(admin: Admin, auth: Auth) -> SignInLinkRead:
    """Make a link that signs in once, within 15 minutes: oneself, or the owner where the command line asks."""
    if admin.api_key_id is not None:
        raise SessionRequired("An API key is not turned into a session.")
    return await auth.make_sign_in_link(admin.id)


@public_router.post(
    "/sign-in",
    dependencies=[SameSite],
    responses=problems(SignInLinkInvalid, InvalidCredentials, TooManyAttempts),
)
async def sign_in(body: SignIn, auth: Auth, client: KnownClient, request: Request, response: Response) -> Me:
    """Trade the token of a sign-in link, or email and password, for a session cookie. Public."""
    device, previous = request.cookies.get(DEVICE_COOKIE), request.cookies.get(SESSION_COOKIE)
    if isinstance(body, SignInByLink):
        signed_in = await auth.sign_in_by_link(body.token, client, device=device, previous=previous)
    else:
        signed_in = await auth.sign_in_by_password(
            body.email, body.password.get_secret_value(), client, device=device, previous=previous
        )
    return sign_in_browser(request, response, signed_in)


@router.post("/sign-out", status_code=204)
async def sign_out(_: Viewer, auth: Auth, request: Request, response: Response) -> None:
    """End this session."""
    token = request.cookies.get(SESSION_COOKIE)
    if token:
        await auth.sign_out(token)
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax", secure=secure(request))


@router.get("/me")
async def me(principal: Viewer, auth: Auth) -> Me:
    """Who is signed in."""
    if principal.id is None:
        return Me(id=None, name=principal.name, email=None, role=principal.role)
    return as_me(await auth.user(principal.id), principal.scopes)


@router.patch("/me", responses=problems(SessionRequired, InvalidRequest))
async def update_me(person: SignedInPerson, body: MeUpdate, auth: Auth) -> Me:
    """Change one's own name or language."""
    changes = body.model_dump(exclude_unset=True)
    if changes.get("name", ...) is None:
        del changes["name"]
    return as_me(await auth.update_own(person.id, changes))


@router.post(
    "/me/password",
    status_code=204,
    responses=problems(SessionRequired, WrongCurrentPassword, PasswordTooWeak, InvalidRequest, TooManyAttempts),
)
async def change_password(
    person: SignedInPerson, body: PasswordChange, auth: Auth, client: KnownClient, request: Request, response: Response
) -> None:
    """Change one's own password. All sessions end; this browser gets a new one."""
    current = body.current_password.get_secret_value() if body.current_password else None
    token, expires_at = await auth.change_password(
        person.id, person.session_id, current, body.new_password.get_secret_value(), client
    )
    set_session_cookie(request, response, token, expires_at)


@router.get("/sessions", responses=problems(SessionRequired))
async def list_sessions(person: SignedInPerson, auth: Auth) -> list[SessionRead]:
    """Where one is signed in, last seen first (to five minutes)."""
    return await auth.own_sessions(person.id, person.session_id)


@router.delete("/sessions", status_code=204, responses=problems(SessionRequired))
async def end_other_sessions(person: SignedInPerson, auth: Auth) -> None:
    """End all of one's sessions but this one."""
    await auth.end_other_sessions(person.id, person.session_id)


@router.delete(
    "/sessions/{session_id}", status_code=204, responses=problems(SessionRequired, SessionNotFound, InvalidRequest)
)
async def end_session(person: SignedInPerson, session_id: RowId, auth: Auth) -> None:
    """End one of one's sessions."""
    await auth.end_session(person.id, session_id)


@public_router.post("/password-resets", status_code=202, dependencies=[SameSite], responses=problems(TooManyAttempts))
async def request_password_reset(body: PasswordResetRequest, resets: PasswordResets, client: KnownClient) -> None:
    """Ask for a mail with a link for a new password. The same answer whether or not there is such a user. Public."""
    await resets.request(body.email, client)


@public_router.post(
    "/password-resets/complete",
    status_code=204,
    dependencies=[SameSite],
    responses=problems(PasswordResetInvalid, PasswordTooWeak),
)
async def complete_password_reset(body: PasswordResetComplete, resets: PasswordResets) -> None:
    """Set a new password with the token of a link. All sessions of the user end. Public."""
    await resets.complete(body.token, body.password.get_secret_value())
