"""Comments on products: everybody who may edit says something, and takes back only what is theirs."""

import uuid

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.dependencies import Principal
from app.comments.errors import CommentNotFound, NotYourComment
from app.comments.models import Comment
from app.comments.repository import CommentRepository
from app.comments.schemas import CommentAuthor, CommentRead
from app.common.paging import InvalidCursor, Page, bounded_total, decode_cursor, encode_cursor
from shared.models.base import now


def to_read(comment: Comment) -> CommentRead:
    return CommentRead(
        id=comment.id,
        author=CommentAuthor(id=comment.author_id, name=comment.author_name),
        text=comment.text,
        created_at=comment.created_at,
        edited_at=comment.edited_at,
    )


class CommentService:
    def __init__(self, session: AsyncSession, principal: Principal) -> None:
        self.session = session
        self.repository = CommentRepository(session)
        self.principal = principal

    async def page(self, product_id: uuid.UUID, *, limit: int, cursor: str | None) -> Page[CommentRead]:
        after = None
        if cursor is not None:
            try:
                after = uuid.UUID(str(decode_cursor(cursor, 1)[0]))
            except ValueError:
                raise InvalidCursor("Use next_cursor as it was given.") from None
        rows = await self.repository.page(product_id, after=after, limit=limit + 1)
        following = encode_cursor(rows[limit - 1].id) if len(rows) > limit else None
        total = await bounded_total(self.session, select(Comment.id).where(Comment.product_id == product_id))
        return Page(items=[to_read(row) for row in rows[:limit]], next_cursor=following, total=total)

    async def add(self, product_id: uuid.UUID, text: str) -> CommentRead:
        comment = Comment(
            product_id=product_id, author_id=self.principal.id, author_name=self.principal.name, text=text
        )
        self.repository.add(comment)
        await self.session.flush()
        await self.session.refresh(comment)
        return to_read(comment)

    async def edit(self, product_id: uuid.UUID, comment_id: uuid.UUID, text: str) -> CommentRead:
        comment = await self._require(product_id, comment_id)
        if comment.author_id is None or comment.author_id != self.principal.id:
            raise NotYourComment(f"{comment.author_name} wrote it, and nobody else can change it.")
        if comment.text != text:
            comment.text, comment.edited_at = text, now()
        return to_read(comment)

    async def delete(self, product_id: uuid.UUID, comment_id: uuid.UUID) -> None:
        comment = await self._require(product_id, comment_id)
        own = comment.author_id is not None and comment.author_id == self.principal.id
        if not own and self.principal.role != "admin":
            raise NotYourComment(f"{comment.author_name} wrote it; only they or an administrator can delete it.")
        await self.repository.delete(comment)

    async def _require(self, product_id: uuid.UUID, comment_id: uuid.UUID) -> Comment:
        comment = await self.repository.find(product_id, comment_id)
        if comment is None:
            raise CommentNotFound("The product has no such comment; it may have been deleted.")
        return comment
