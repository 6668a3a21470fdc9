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
    media_storage: str | None = Field(
        default=None,
        pattern=r"^(s3://[^\s/?#@]+(/[^\s?#]*)?)?$",
        validation_alias=own("media_storage"),
        description="s3://bucket/prefix; empty: the folder media in the data folder.",
    )
    media_s3_endpoint: str | None = Field(
        default=None,
        pattern=r"^(https?://[^\s?#@]+)?$",
        validation_alias=own("media_s3_endpoint"),
        description="Of a store other than AWS.",
    )
    media_s3_region: str = Field(default="us-east-1", validation_alias=own("media_s3_region"))
    media_s3_key_id: str | None = Field(default=None, validation_alias=own("media_s3_key_id"))
    media_s3_secret: SecretStr | None = Field(default=None, validation_alias=own("media_s3_secret"))
    public_media_url: str | None = Field(
        default=None,
        pattern=r"^(https?://[^\s/?#@]+(/[^\s?#]*)?)?$",
        validation_alias="PUBLIC_MEDIA_URL",
        description="Where shops reach this backend to fetch images; exports name signed addresses below it.",
    )
    media_grace_hours: float = Field(
        default=24.0,
        ge=1,
        le=24 * 365,
        validation_alias=own("media_grace_hours"),
        description="How long files that nothing refers to are kept.",
    )
    photo_archive_max_bytes: int = Field(
        default=2 * 1024**3,
        ge=1_000,
        validation_alias=own("photo_archive_max_bytes"),
        description="The largest ZIP of photos that is taken.",
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
    admin_email: str | None = Field(
        default=None,
        validation_alias="ADMIN_EMAIL",
        description="With ADMIN_PASSWORD: the first administrator, made where there is none with a password.",
    )
    admin_password: SecretStr | None = Field(default=None, validation_alias="ADMIN_PASSWORD")
    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$",
        validation_alias=own("public_url"),
        description="Where people reach the web app, e.g. https://catalogue.example.com; links in mails begin with it.",
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        validation_alias=own("smtp_url"),
        description="smtp://user:password@host:587 (STARTTLS) or smtps://…; without it links are shown, not mailed.",
    )
    mail_from: str | None = Field(default=None, validation_alias=own("mail_from"))
    audit_retention_days: int = Field(
        default=0,
        ge=0,
        le=36_500,
        validation_alias=own("audit_retention_days"),
        description="Days after which the audit log forgets; 0: it keeps everything.",
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
    import_max_bytes: int = Field(
        default=200_000_000,
        ge=1_000,
        validation_alias=own("import_max_bytes"),
        description="The largest file with products that is taken.",
    )
    import_max_rows: int = Field(
        default=500_000,
        ge=1,
        validation_alias=own("import_max_rows"),
        description="Rows of one imported file; larger ones are split by hand.",
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
