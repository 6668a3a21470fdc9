"""`.env.example` documents every setting of every deployable, and nothing else."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from dotenv import dotenv_values
from pydantic import AliasChoices
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from orchestrate.workspace import MEMBERS, find_workspace

ROOT = find_workspace().root
EXAMPLE = ROOT / ".env.example"
OF_THE_COMMAND_LINE = {"ORCHESTRATE_URL", "ORCHESTRATE_API_KEY", "ORCHESTRATE_PYTHON", "CHROMIUM_PATH"}
DEPENDS_ON_THE_MACHINE = {"EXTRACT_WEBCONTENT_WORKERS"}


def load(file: Path, package: str) -> ModuleType:
    name = f"settings_of_{package}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def variable(settings: type[BaseSettings], name: str, field: FieldInfo) -> str:
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        return str(alias.choices[0])
    return str(alias) if alias else f"{settings.model_config.get('env_prefix', '')}{name}".upper()


def all_settings() -> dict[str, FieldInfo]:
    files = [ROOT / "shared" / "config" / "settings.py"]
    files += [ROOT / member / package / "settings.py" for member, package in MEMBERS.items()]
    found = {}
    for file in files:
        if not file.is_file():
            continue
        module = load(file, file.parent.name)
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, BaseSettings) and value is not BaseSettings:
                found |= {variable(value, name, field): field for name, field in value.model_fields.items()}
    return found


SETTINGS = all_settings()
DOCUMENTED = dotenv_values(EXAMPLE, interpolate=False)


def test_settings_of_all_deployables_are_seen() -> None:
    assert {"SERVICE_TOKEN", "DATABASE_URL", "DESCRIBE_IMAGE_WORKERS", "OPENAI_API_KEY"} <= set(SETTINGS)
    assert any(name.startswith("EXTRACT_WEBCONTENT_") for name in SETTINGS)


def test_every_setting_is_documented() -> None:
    assert set(SETTINGS) - set(DOCUMENTED) == set()


def test_nothing_else_is_documented() -> None:
    assert set(DOCUMENTED) - set(SETTINGS) - OF_THE_COMMAND_LINE == set()


@pytest.mark.parametrize("name", sorted(set(SETTINGS) - DEPENDS_ON_THE_MACHINE))
def test_the_value_shown_is_the_default(name: str) -> None:
    shown, default = DOCUMENTED.get(name), SETTINGS[name].default
    if not shown:
        assert default in (None, PydanticUndefined) or not isinstance(default, str | int | float | bool)
    elif isinstance(default, bool):
        assert shown == str(default).lower()
    elif isinstance(default, int | float):
        assert float(shown) == default
    else:
        assert shown == str(default)


def test_each_setting_has_an_explanation() -> None:
    """A comment stands above each setting, or above the group that it is the continuation of."""
    lines = EXAMPLE.read_text().splitlines()
    for number, line in enumerate(lines):
        if "=" in line and not line.startswith("#"):
            assert number > 0
            assert lines[number - 1].startswith("#") or "=" in lines[number - 1], line
