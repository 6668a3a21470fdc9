from alembic import context
from sqlalchemy import engine_from_config, pool

from app.tables import metadata

config = context.config


def include_name(name: str | None, type_: str, _parents: object) -> bool:
    """Procrastinate's tables are its own; the migration only installs them."""
    return not (type_ == "table" and name is not None and name.startswith("procrastinate"))


def run_migrations_online() -> None:
    engine = engine_from_config(
        config.get_section(config.config_ini_section, {}), "sqlalchemy.", poolclass=pool.NullPool
    )
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=metadata, include_name=include_name)
        with context.begin_transaction():
            context.run_migrations()


run_migrations_online()
