"""Imports every feature's tables, so that the metadata is complete wherever all of them are needed at once."""

from app.audit import models as audit
from app.auth import models as auth
from app.catalogue import models as catalogue
from app.comments import models as comments
from app.database import Base
from app.enrichment import models as enrichment
from app.exports import models as exports
from app.facts import models as facts
from app.imports import models as imports
from app.listings import models as listings
from app.media import models as media
from app.products import models as products
from app.settings_store import models as settings_store
from app.sources import models as sources

__all__ = [
    "audit",
    "auth",
    "catalogue",
    "comments",
    "enrichment",
    "exports",
    "facts",
    "imports",
    "listings",
    "media",
    "metadata",
    "products",
    "settings_store",
    "sources",
]

metadata = Base.metadata
