"""Invitations: a one-time link for somebody who chooses name and password themselves."""

import uuid
from datetime import timedelta
from urllib.parse import quote

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.errors import AlreadyInvited, EmailTaken, InvitationInvalid, InvitationNotFound
from app.auth.models import Invitation, User
from app.auth.paging import cursor_id
from app.auth.passwords import check_strength, hash_password
from app.auth.repository import AuthRepository, InvitationRepository
from app.auth.schemas import InvitationCreate, InvitationRead
from app.auth.tokens import new_token, token_hash
from app.auth.users import add_user
from app.common.identifiers import new_id
from app.common.paging import Page, encode_cursor
from app.database import Actor, Sessions, act_as
from shared.models.base import now

LIFETIME = timedelta(days=7)


def invitation_path(token: str, email: str) -> str:
    # In the fragment, which browsers never send; the address is for the password manager.
    return f"/accept-invitation#token={token}&email={quote(email)}"


def status_of(invitation: Invitation) -> str:
    if invitation.accepted_at is not None:
        return "accepted"
    if invitation.revoked_at is not None:
        return "revoked"
    return "open" if invitation.expires_at > now() else "expired"


def to_read(invitation: Invitation) -> InvitationRead:
    return InvitationRead.model_validate(
        {
            "status": status_of(invitation),
            **{name: getattr(invitation, name) for name in InvitationRead.model_fields if name != "status"},
        }
    )


class InvitationService:
    def __init__(self, session: AsyncSession, sessions: Sessions) -> None:
        self.session = session
        self.sessions = sessions
        self.repository = InvitationRepository(session)

    async def list(self, *, limit: int, cursor: str | None) -> Page[InvitationRead]:
        rows, following, total = await self.repository.page(limit=limit, cursor=cursor_id(cursor))
        next_cursor = encode_cursor(following) if following else None
        return Page(items=[to_read(row) for row in rows], next_cursor=next_cursor, total=total)

    async def create(self, body: InvitationCreate, invited_by: uuid.UUID | None) -> tuple[InvitationRead, str]:
        """The invitation, and the token of its link."""
        if await AuthRepository(self.session).find_by_email(body.email) is not None:
            raise EmailTaken("There is nothing to invite to; an administrator can change or activate that user.")
        before = await self.repository.find_open(body.email)
        if before is not None:
            if before.expires_at > now():
                raise AlreadyInvited("Send it again, or withdraw it.")
            before.revoked_at = now()
            await self.session.flush()
        token = new_token()
        invitation = Invitation(
            id=new_id(),
            **body.model_dump(),
            token_hash=token_hash(token),
            invited_by=invited_by,
            expires_at=now() + LIFETIME,
        )
        AuthRepository(self.session).add(invitation)
        try:
            await self.session.flush()
        except IntegrityError as error:
            if "uq_invitations_open" in str(error.orig):
                raise AlreadyInvited("Send it again, or withdraw it.") from None
            raise
        await self.session.refresh(invitation)
        return to_read(invitation), token

    async def renew(self, invitation_id: uuid.UUID) -> tuple[InvitationRead, str]:
        """A new link, for another seven days; the one before is void."""
        invitation = await self.require_open(invitation_id)
        token = new_token()
        invitation.token_hash = token_hash(token)
        invitation.expires_at = now() + LIFETIME
        await self.session.flush()
        return to_read(invitation), token

    async def revoke(self, invitation_id: uuid.UUID) -> None:
        (await self.require_open(invitation_id)).revoked_at = now()

    async def require_open(self, invitation_id: uuid.UUID) -> Invitation:
        invitation = await self.repository.find(invitation_id)
        if invitation is None or invitation.accepted_at is not None or invitation.revoked_at is not None:
            raise InvitationNotFound("There is no open invitation with this id.")
        return invitation

    async def accept(self, token: str, name: str, password: str) -> User:
        invalid = InvitationInvalid("Ask for a new one.")
        async with self.sessions() as session:
            # Looked at and not used: with a password that is refused the link stays good for a better one.
            found = await InvitationRepository(session).find_valid(token_hash(token), now())
        if found is None:
            raise invalid
        check_strength(password, email=found.email, name=name)
        hashed = await hash_password(password)
        user_id = new_id()
        await act_as(self.session, Actor(user_id, name))
        invitation = await self.repository.accept(token_hash(token), now())
        if invitation is None:
            raise invalid
        user = User(
            id=user_id,
            email=invitation.email,
            name=name,
            role=invitation.role,
            language=invitation.language,
            password_hash=hashed,
        )
        return await add_user(self.session, user)
