"""Settings of this service, on top of those that all services share."""

import os
from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.config.settings import BaseServiceSettings


def usable_cores() -> int:
    """Cores that this process may use: fewer than the machine has under a CPU set (containers, taskset)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Settings(BaseServiceSettings):
    """Read from the environment with the prefix DESCRIBE_IMAGE_."""

    model_config = SettingsConfigDict(
        env_prefix="DESCRIBE_IMAGE_", extra="ignore", env_nested_delimiter="__", populate_by_name=True
    )

    workers: int = Field(
        default_factory=lambda: max(1, usable_cores() // 2),
        ge=1,
        le=64,
        description="Images read at the same time; half of the cores by default.",
    )
    threads: int = Field(
        default_factory=lambda: min(2, usable_cores()),
        ge=1,
        le=64,
        description="Threads of the text models for each image.",
    )
    queue_limit: int = Field(
        default=8, ge=0, le=1000, description="Images that may wait for a worker; more are answered 503."
    )
    max_side: int = Field(
        default=3072, ge=256, le=8192, description="Longer sides, in pixels, are scaled down to this before reading."
    )
    detection_megapixels: float = Field(
        default=0.8, gt=0, le=8, description="Size at which text is looked for; it is read at full size."
    )
    max_lines: int = Field(default=200, ge=1, le=2000, description="Lines of text read per image, largest first.")
    answers_cached: int = Field(default=128, ge=0, le=10_000, description="Answers kept in memory, by image hash.")
    preload: bool = Field(default=False, description="Load the models at the start rather than with the first image.")
    fetch_timeout_s: float = Field(default=20.0, gt=0, le=300, description="How long an image_url may take.")
    text_models_dir: Path | None = Field(
        default=None, description="Folder with other PP-OCR models of the same names; those of the wheel by default."
    )
