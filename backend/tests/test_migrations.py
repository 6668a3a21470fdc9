"""The schema: up, down, up again; the same as the models say; one upgrade however many processes start at once."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from alembic import command

from app.migrations import alembic_config, upgrade_database
from backend.tests.support.databases import DatabaseServer

UPGRADE = "import sys; from app.migrations import upgrade_database; upgrade_database(sys.argv[1])"


def objects(url: str) -> set[str]:
    """Names of all tables, indexes, functions and types of our schema."""
    statement = """
        SELECT 'relation ' || relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION SELECT 'type ' || typname FROM pg_type WHERE typnamespace = 'public'::regnamespace
    """
    with psycopg.connect(url) as connection:
        return {name for (name,) in connection.execute(statement).fetchall()}


@pytest.fixture
def empty(database_server: DatabaseServer) -> str:
    return database_server.create()


class TestMigrations:
    def test_up_down_and_up_again(self, empty: str) -> None:
        before = objects(empty)
        upgrade_database(empty)
        first = objects(empty)
        assert "relation products" in first
        assert "relation procrastinate_jobs" in first
        command.downgrade(alembic_config(empty), "base")
        assert objects(empty) - before <= {
            "relation alembic_version", "relation alembic_version_pkc", "type alembic_version", "type _alembic_version",
        }  # fmt: skip
        upgrade_database(empty)
        assert objects(empty) == first

    def test_the_models_and_the_schema_are_the_same(self, empty: str) -> None:
        upgrade_database(empty)
        # Raises where `alembic revision --autogenerate` would find something to do.
        command.check(alembic_config(empty))

    def test_upgrading_twice_changes_nothing(self, empty: str) -> None:
        upgrade_database(empty)
        first = objects(empty)
        upgrade_database(empty)
        assert objects(empty) == first

    def test_processes_that_start_at_once(self, empty: str) -> None:
        backend = Path(__file__).resolve().parents[1]
        processes = [
            subprocess.Popen([sys.executable, "-c", UPGRADE, empty], cwd=backend, stderr=subprocess.PIPE, text=True)
            for _ in range(3)
        ]
        for process in processes:
            _, errors = process.communicate(timeout=60)
            assert process.returncode == 0, errors
        assert "relation products" in objects(empty)
