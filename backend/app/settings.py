"""Settings of the backend. Names from the brief keep exactly theirs; all others begin with BACKEND_."""

from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr

from shared.config.settings import BaseServiceSettings


def own(name: str) -> AliasChoices:
    return AliasChoices(f"BACKEND_{name.upper()}", name)


class Settings(BaseServiceSettings):
    database_url: SecretStr | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="postgresql://…; without it an embedded PostgreSQL is started.",
    )
    describe_image_service_url: str = Field(
        default="http://127.0.0.1:8001",
        validation_alias="DESCRIBE_IMAGE_SERVICE_URL",
        description="One or several replicas, comma-separated.",
    )
    extract_webcontent_service_url: str = Field(
        default="http://127.0.0.1:8002", validation_alias="EXTRACT_WEBCONTENT_SERVICE_URL"
    )
    generate_description_service_url: str = Field(
        default="http://127.0.0.1:8003", validation_alias="GENERATE_DESCRIPTION_SERVICE_URL"
    )
    data_dir: Path = Field(
        default=Path(".orchestrate/backend"),
        validation_alias=own("data_dir"),
        description="Folder of the media files, and of the embedded database where DATABASE_URL is not set.",
    )
    frontend_dir: Path | None = Field(
        default=None, validation_alias=own("frontend_dir"), description="Built web app to serve at /."
    )
    local_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=own("local_api_key"),
        description="Key of the command line on this machine; acts as an administrator.",
    )
    session_days: int = Field(default=14, ge=1, le=365, validation_alias=own("session_days"))
    secure_cookies: bool = Field(
        default=False, validation_alias=own("secure_cookies"), description="Set it wherever TLS is in front."
    )
    embedded_worker: bool = Field(
        default=True, validation_alias=own("embedded_worker"), description="Run the worker inside this process."
    )
    worker_concurrency: int = Field(default=4, ge=1, le=200, validation_alias=own("worker_concurrency"))
    background_concurrency: int = Field(
        default=2,
        ge=1,
        le=50,
        validation_alias=own("background_concurrency"),
        description="Imports, photo archives and image downloads at a time.",
    )
    embedded_postgres_port: int = Field(default=54329, validation_alias=own("embedded_postgres_port"))
    database_pool_size: int = Field(default=10, ge=2, le=200, validation_alias=own("database_pool_size"))
    describe_concurrency: int = Field(default=2, ge=1, validation_alias=own("describe_concurrency"))
    extract_concurrency: int = Field(default=8, ge=1, validation_alias=own("extract_concurrency"))
    generate_concurrency: int = Field(default=2, ge=1, validation_alias=own("generate_concurrency"))
    service_patience_s: float = Field(
        default=600.0,
        ge=0,
        validation_alias=own("service_patience_s"),
        description="How long a run waits for a service that is down before it goes on without it.",
    )
    health_interval_s: float = Field(default=2.0, gt=0, validation_alias=own("health_interval_s"))
