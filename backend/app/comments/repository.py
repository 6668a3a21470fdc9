import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.comments.models import Comment


class CommentRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def add(self, comment: Comment) -> None:
        self.session.add(comment)

    async def page(self, product_id: uuid.UUID, *, after: uuid.UUID | None, limit: int) -> Sequence[Comment]:
        """Ids grow with time, so that their order is that of the conversation."""
        query = select(Comment).where(Comment.product_id == product_id)
        if after is not None:
            query = query.where(Comment.id > after)
        return (await self.session.scalars(query.order_by(Comment.id).limit(limit))).all()

    async def find(self, product_id: uuid.UUID, comment_id: uuid.UUID) -> Comment | None:
        return await self.session.scalar(
            select(Comment).where(Comment.product_id == product_id, Comment.id == comment_id).with_for_update()
        )

    async def delete(self, comment: Comment) -> None:
        await self.session.delete(comment)
