"""The settings of generate-description. Names without a prefix are shared by all processes of the system."""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from shared.config.settings import BaseServiceSettings


class GenerateDescriptionSettings(BaseServiceSettings):
    model_config = SettingsConfigDict(
        env_prefix="GENERATE_DESCRIPTION_", extra="ignore", env_nested_delimiter="__", populate_by_name=True
    )

    openai_api_key: SecretStr | None = Field(
        default=None, validation_alias="OPENAI_API_KEY", description="Makes the engine `openai` available."
    )
    anthropic_api_key: SecretStr | None = Field(
        default=None, validation_alias="ANTHROPIC_API_KEY", description="Makes the engine `anthropic` available."
    )
    openai_base_url: str | None = Field(
        default=None, description="Another server that speaks OpenAI's protocol, e.g. vLLM or Ollama."
    )
    openai_model: str = Field(default="gpt-5-mini", description="The model of the engine `openai`.")
    anthropic_base_url: str | None = Field(default=None, description="Another server that speaks Anthropic's protocol.")
    anthropic_model: str = Field(default="claude-haiku-4-5", description="The model of the engine `anthropic`.")
    embedded_model: str = Field(
        default="qwen2.5-1.5b", description="Which model of the store the engine `embedded` runs."
    )
    embedded_threads: int = Field(default=0, ge=0, description="Threads of the embedded model; 0: one for each core.")
    embedded_parallel: int = Field(
        default=1, ge=1, le=8, description="Listings that the embedded model writes at the same time."
    )
    embedded_context: int = Field(default=3072, ge=1024, description="Tokens of one prompt and answer together.")
    embedded_idle_s: float = Field(
        default=300.0, gt=0, description="After so many seconds without a call the model's process ends."
    )
    embedded_deadline_s: float = Field(
        default=60.0,
        gt=0,
        description="At most so long for one listing by the embedded model; after that the composer writes.",
    )
    provider_deadline_s: float = Field(default=60.0, gt=0, description="At most so long for one call of a provider.")
    max_concurrency: int = Field(default=8, ge=1, description="Calls of one provider at the same time.")
