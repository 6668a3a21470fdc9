import uuid
from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.common.columns import CreatedAt, PrimaryId, owned_by
from app.database import Base


class Comment(Base):
    __tablename__ = "comments"

    id: Mapped[PrimaryId]
    product_id: Mapped[uuid.UUID] = owned_by("products")
    author_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    author_name: Mapped[str] = mapped_column(Text, comment="As it was; people leave, comments stay.")
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
    edited_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
