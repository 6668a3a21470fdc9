"""The settings that every service has. Each service adds its own under its own prefix."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.utils.outbound_rules import OutboundAllow


class BaseServiceSettings(BaseSettings):
    """Read from the environment. These names carry no prefix, since every process of the system shares them."""

    model_config = SettingsConfigDict(extra="ignore", env_nested_delimiter="__", populate_by_name=True)

    service_token: SecretStr | None = Field(
        default=None,
        validation_alias="SERVICE_TOKEN",
        description="Bearer token between backend and services.",
    )
    allow_unauthenticated: bool = Field(
        default=False,
        validation_alias="ALLOW_UNAUTHENTICATED",
        description="Without a SERVICE_TOKEN, also answer peers that are not on this machine.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", validation_alias="LOG_LEVEL")
    log_format: Literal["auto", "json", "pretty"] = Field(default="auto", validation_alias="LOG_FORMAT")
    cache_dir: Path | None = Field(
        default=None,
        validation_alias="CACHE_DIR",
        description="Folder of the bounded on-disk cache; a temporary folder by default.",
    )
    model_cache_dir: Path = Field(
        default=Path("~/.cache/orchestrate/models"),
        validation_alias="MODEL_CACHE_DIR",
        description="Where model files lie, shared by all checkouts.",
    )
    outbound_allow: OutboundAllow = Field(
        default=OutboundAllow(),
        validation_alias="OUTBOUND_ALLOW",
        description="Private targets that may be fetched all the same: exact host:port entries, comma-separated.",
    )
    default_deadline_s: float = Field(
        default=120.0,
        gt=0,
        validation_alias="DEFAULT_DEADLINE_S",
        description="How long a request may take when the caller does not say (X-Deadline-Ms).",
    )
