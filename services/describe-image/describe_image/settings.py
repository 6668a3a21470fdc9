"""Settings of this service, on top of those that all services share."""

import os
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

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
    qwen_base_url: str | None = Field(
        default=None,
        validation_alias="QWEN_BASE_URL",
        description="OpenAI-compatible server of the vision model, e.g. http://127.0.0.1:8004/v1; none by default.",
    )
    qwen_api_key: SecretStr | None = Field(
        default=None, validation_alias="QWEN_API_KEY", description="Its key, where it wants one."
    )
    qwen_model: str | None = Field(
        default=None,
        validation_alias="QWEN_MODEL",
        description="The model's name there; by default the first one that the server lists.",
    )
    qwen_concurrency: int = Field(
        default=8,
        ge=1,
        le=1000,
        validation_alias="QWEN_CONCURRENCY",
        description="Photos that it is asked about at a time.",
    )
    qwen_queue_limit: int = Field(
        default=32,
        ge=0,
        le=10_000,
        validation_alias="QWEN_QUEUE_LIMIT",
        description="Photos that may wait; more are answered 503.",
    )
    qwen_max_image_tokens: int = Field(
        default=1280,
        ge=4,
        le=16_384,
        validation_alias="QWEN_MAX_IMAGE_TOKENS",
        description="Pixel budget, in visual tokens of 28 x 28 pixels; larger photos are scaled down before sending.",
    )
    qwen_max_output_tokens: int = Field(default=1200, ge=64, le=8192, validation_alias="QWEN_MAX_OUTPUT_TOKENS")
    qwen_logprobs: bool = Field(
        default=True,
        validation_alias="QWEN_LOGPROBS",
        description="Ask for token probabilities, which become confidences; some servers refuse them.",
    )
    qwen_deadline_s: float = Field(
        default=90.0, gt=0, le=600, validation_alias="QWEN_DEADLINE_S", description="Longest time of one answer."
    )
    qwen_start_grace_s: float = Field(
        default=900.0,
        ge=0,
        validation_alias="QWEN_START_GRACE_S",
        description="How long after the start the model may load: until then photos wait (503 with Retry-After).",
    )

    @field_validator("qwen_base_url", "qwen_api_key", "qwen_model", mode="before")
    @classmethod
    def empty_is_unset(cls, value: object) -> object:
        return None if value == "" else value


class SupervisorSettings(BaseSettings):
    """Of `describe_image.vllm_supervisor`, which runs vLLM beside the service."""

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True, env_ignore_empty=True)

    model: str | None = Field(
        default=None,
        validation_alias="QWEN_MODEL",
        description="A hub name or a folder; Qwen/Qwen2.5-VL-7B-Instruct, which fits 24 GB, by default.",
    )
    max_image_tokens: int = Field(default=1280, ge=4, le=16_384, validation_alias="QWEN_MAX_IMAGE_TOKENS")
    vllm_command: str = Field(default="vllm", validation_alias="QWEN_VLLM_COMMAND", description="How vLLM is called.")
    vllm_port: int = Field(default=8004, ge=1, le=65535, validation_alias="QWEN_VLLM_PORT")
    vllm_arguments: str | None = Field(
        default=None,
        validation_alias="QWEN_VLLM_ARGUMENTS",
        description="More arguments, e.g. --quantization awq_marlin.",
    )
    gpu_memory_utilization: float = Field(default=0.9, gt=0, le=1, validation_alias="QWEN_GPU_MEMORY_UTILIZATION")
    max_model_len: int = Field(default=8192, ge=1024, validation_alias="QWEN_MAX_MODEL_LEN")
    model_cache_dir: Path | None = Field(default=None, validation_alias="MODEL_CACHE_DIR")
    port: int = Field(default=8001, ge=1, le=65535, validation_alias="PORT", description="Of the service itself.")
