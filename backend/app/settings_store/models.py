from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.common.columns import CreatedAt, PrimaryId
from app.database import Base

KINDS = ("brand-voice", "prompt", "glossary", "categories", "languages", "engines", "limits", "shop")


class SettingsDocument(Base):
    """One version of a document; versions are never changed, only followed by others. The highest is in force."""

    __tablename__ = "settings_documents"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        Index("uq_settings_documents_version", "kind", "key", "version", unique=True),
    )

    id: Mapped[PrimaryId]
    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(100))
    version: Mapped[int]
    value: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB(none_as_null=True), comment="Null where this version deletes the document."
    )
    author: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
