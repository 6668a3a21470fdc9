"""Settings of extract-webcontent; those of every service come from BaseServiceSettings."""

import os

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.config.settings import BaseServiceSettings

MEBIBYTE = 1024 * 1024


class Settings(BaseServiceSettings):
    model_config = SettingsConfigDict(
        env_prefix="EXTRACT_WEBCONTENT_", extra="ignore", env_nested_delimiter="__", populate_by_name=True
    )

    workers: int = Field(
        default=max(1, min(4, os.cpu_count() or 1)), ge=1, le=64, description="Processes that read pages side by side."
    )
    worker_memory_mb: int = Field(
        default=1024, ge=256, description="Address space of one reading process; a page that needs more fails alone."
    )
    worker_cpu_s: int = Field(default=10, ge=1, description="CPU seconds that one page may cost.")
    worker_timeout_s: float = Field(
        default=20.0, gt=0, description="Seconds that reading one page may take, waiting for a process not included."
    )
    worker_max_pages: int = Field(default=500, ge=1, description="Pages after which a reading process is replaced.")
    queue_limit: int = Field(default=64, ge=1, description="Pages that may wait for a reading process; more get 503.")
    fetch_timeout_s: float = Field(default=20.0, gt=0, description="Seconds for one fetch, redirects included.")
    max_page_bytes: int = Field(
        default=10 * MEBIBYTE, ge=1024, description="Bytes of one page on the wire; three times as many decompressed."
    )
    cache_max_bytes: int = Field(default=256 * MEBIBYTE, ge=0, description="Size of the page cache on disk.")
    outbound_ports: frozenset[int] = Field(
        default=frozenset({80, 443}), description="Ports that may be fetched, as a JSON list."
    )
