"""Settings of extract-webcontent; those of every service come from BaseServiceSettings."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
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
    site_rules: Path | None = Field(
        default=None, description="YAML file that says by host where to read what; none by default."
    )
    renderer: Literal["playwright", "selenium", "none"] = Field(
        default="playwright", description="What drives the browser; none reads every page as its server sends it."
    )
    chromium_path: Path | None = Field(
        default=None, validation_alias="CHROMIUM_PATH", description="The browser; the first one installed by default."
    )
    chromedriver_path: Path | None = Field(
        default=None, validation_alias="CHROMEDRIVER_PATH", description="For Selenium; found on the PATH by default."
    )
    selenium_remote_url: str | None = Field(
        default=None, validation_alias="SELENIUM_REMOTE_URL", description="A Selenium Grid that has the browsers."
    )
    render_concurrency: int = Field(
        default=2, ge=1, le=64, description="Pages in a browser side by side; each has a browser of its own."
    )
    render_queue_limit: int = Field(default=32, ge=0, description="Pages that may wait for a browser; more get 503.")
    render_timeout_s: float = Field(default=20.0, gt=0, description="Seconds for one page in the browser, all in all.")
    render_settle_s: float = Field(
        default=5.0, ge=0, description="Seconds that a loaded page may take to show its content."
    )
    render_max_bytes: int = Field(
        default=30 * MEBIBYTE, ge=1024, description="Bytes that one page may load in the browser, scripts included."
    )
    browser_memory_mb: int = Field(
        default=1024, ge=256, description="Memory of one browser with its page; one that needs more is ended."
    )
    browser_max_pages: int = Field(default=200, ge=1, description="Pages after which a browser is replaced.")
    browser_proxy_bind: str = Field(
        default="127.0.0.1", description="Address on which the browser's proxy listens; 0.0.0.0 for a Grid elsewhere."
    )
    browser_proxy_advertised: str = Field(
        default="127.0.0.1", description="Name or address at which the browser finds its proxy."
    )

    @field_validator("site_rules", "chromium_path", "chromedriver_path", "selenium_remote_url", mode="before")
    @classmethod
    def empty_is_none(cls, value: object) -> object:
        return value or None
