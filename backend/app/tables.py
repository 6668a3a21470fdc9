"""Imports every feature's tables, so that the metadata is complete wherever all of them are needed at once."""

from app.auth import models as auth
from app.database import Base
from app.enrichment import models as enrichment
from app.facts import models as facts
from app.listings import models as listings
from app.media import models as media
from app.products import models as products
from app.sources import models as sources

__all__ = ["auth", "enrichment", "facts", "listings", "media", "metadata", "products", "sources"]

metadata = Base.metadata
