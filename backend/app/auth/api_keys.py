"""API keys: for programs, with the rights of their owner at most, and of those only what their scopes name."""

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.dependencies import Principal
from app.auth.errors import ApiKeyNotFound, ScopeNotAllowed
from app.auth.models import ApiKey, User
from app.auth.paging import cursor_id
from app.auth.repository import ApiKeyRepository, AuthRepository
from app.auth.schemas import ApiKeyCreate, ApiKeyCreated, ApiKeyRead
from app.auth.scopes import OF_ROLE, SCOPES
from app.auth.tokens import new_api_key, token_hash
from app.auth.users import to_person
from app.common.identifiers import new_id
from app.common.paging import Page, encode_cursor
from shared.models.base import now
from shared.models.problems import InvalidField
from shared.utils.errors import InvalidRequest

DERIVED = frozenset({"owner", "status"})


def status_of(key: ApiKey) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= now() else "active"


def to_read(key: ApiKey, owner: User) -> ApiKeyRead:
    return ApiKeyRead.model_validate(
        {
            "owner": to_person(owner),
            "status": status_of(key),
            **{name: getattr(key, name) for name in ApiKeyRead.model_fields.keys() - DERIVED},
        }
    )


class ApiKeyService:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.repository = ApiKeyRepository(session)

    async def create(self, principal: Principal, owner: User, body: ApiKeyCreate) -> ApiKeyCreated:
        # No more than the owner's role allows, and no more than the key that makes the new one has itself.
        allowed = OF_ROLE[principal.role] & (principal.scopes or frozenset(SCOPES))
        refused = [scope for scope in body.scopes if scope not in allowed]
        if refused:
            raise ScopeNotAllowed(
                f"With your rights a key can have: {', '.join(sorted(allowed))}.",
                errors=[InvalidField(detail=f"{refused[0]} is not among them.", pointer="#/scopes")],
            )
        if body.expires_at is not None and body.expires_at <= now():
            raise InvalidRequest(
                "The key would never be valid.",
                errors=[InvalidField(detail="This moment has passed.", pointer="#/expires_at")],
            )
        token = new_api_key()
        key = ApiKey(
            id=new_id(),
            user_id=owner.id,
            name=body.name,
            scopes=list(dict.fromkeys(body.scopes)),
            token_hash=token_hash(token),
            last_four=token[-4:],
            expires_at=body.expires_at,
        )
        AuthRepository(self.session).add(key)
        await self.session.flush()
        await self.session.refresh(key)
        return ApiKeyCreated(**to_read(key, owner).model_dump(), key=token)

    async def list(self, *, user_id: uuid.UUID | None, limit: int, cursor: str | None) -> Page[ApiKeyRead]:
        """Of one user, or of all."""
        rows, following, total = await self.repository.page(user_id=user_id, limit=limit, cursor=cursor_id(cursor))
        next_cursor = encode_cursor(following) if following else None
        return Page(items=[to_read(key, owner) for key, owner in rows], next_cursor=next_cursor, total=total)

    async def revoke(self, key_id: uuid.UUID, *, owner_id: uuid.UUID | None) -> None:
        """`owner_id`: whose it must be; None where the caller may revoke anybody's."""
        key = await self.repository.find(key_id)
        if key is None or (owner_id is not None and key.user_id != owner_id):
            raise ApiKeyNotFound("There is no such key, or it is not yours.")
        if key.revoked_at is None:
            key.revoked_at = now()
