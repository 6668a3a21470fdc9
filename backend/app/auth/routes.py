from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.auth.dependencies import SESSION_COOKIE, Admin, Viewer, refuse_cross_site
from app.auth.errors import CrossSiteRequest, NotSignedIn, RoleRequired, SignInLinkInvalid
from app.auth.schemas import Me, SignIn, SignInLinkRead
from app.auth.service import AuthService
from app.database import Session
from shared.utils.errors import InvalidRequest
from shared.utils.problems import problems

router = APIRouter(prefix="/api/v1/auth", tags=["auth"])


def get_service(session: Session, request: Request) -> AuthService:
    return AuthService(session, request.app.state.settings.session_days)


Auth = Annotated[AuthService, Depends(get_service)]


@router.post("/sign-in-links", status_code=201, responses=problems(NotSignedIn, RoleRequired))
async def make_sign_in_link(_: Admin, auth: Auth) -> SignInLinkRead:
    """Make a link that signs its holder in once, within 15 minutes."""
    return await auth.make_sign_in_link()


@router.post("/sign-in", responses=problems(SignInLinkInvalid, CrossSiteRequest, InvalidRequest))
async def sign_in(body: SignIn, auth: Auth, request: Request, response: Response) -> Me:
    """Trade the token of a sign-in link for a session cookie. Public."""
    refuse_cross_site(request.method, request.headers)
    user, token, expires_at = await auth.sign_in(body.token)
    response.set_cookie(
        SESSION_COOKIE,
        token,
        expires=expires_at,
        httponly=True,
        samesite="lax",
        secure=request.app.state.settings.secure_cookies or request.url.scheme == "https",
    )
    return Me(id=user.id, name=user.name, email=user.email, role=user.role)


@router.post("/sign-out", status_code=204, responses=problems(NotSignedIn))
async def sign_out(_: Viewer, auth: Auth, request: Request, response: Response) -> None:
    """End this session."""
    token = request.cookies.get(SESSION_COOKIE)
    if token:
        await auth.sign_out(token)
    response.delete_cookie(SESSION_COOKIE)


@router.get("/me", responses=problems(NotSignedIn))
async def me(principal: Viewer) -> Me:
    """Who is signed in."""
    return Me(id=principal.id, name=principal.name, email=principal.email, role=principal.role)
