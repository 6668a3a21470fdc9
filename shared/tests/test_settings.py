import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.config.settings import BaseServiceSettings

NAMES = ["SERVICE_TOKEN", "ALLOW_UNAUTHENTICATED", "LOG_LEVEL", "CACHE_DIR", "MODEL_CACHE_DIR", "OUTBOUND_ALLOW",
         "DEFAULT_DEADLINE_S"]  # fmt: skip


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


class TestDefaults:
    def test_closed_by_default(self) -> None:
        settings = BaseServiceSettings()
        assert settings.service_token is None
        assert settings.allow_unauthenticated is False
        assert settings.outbound_allow == frozenset()

    def test_from_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SERVICE_TOKEN", "secret")
        monkeypatch.setenv("CACHE_DIR", "/srv/cache")
        monkeypatch.setenv("DEFAULT_DEADLINE_S", "7.5")
        settings = BaseServiceSettings()
        assert settings.service_token is not None
        assert settings.service_token.get_secret_value() == "secret"
        assert settings.cache_dir == Path("/srv/cache")
        assert settings.default_deadline_s == 7.5

    def test_a_secret_shows_nowhere(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SERVICE_TOKEN", "very-secret")
        settings = BaseServiceSettings()
        assert "very-secret" not in repr(settings)
        assert "very-secret" not in settings.model_dump_json()

    def test_other_variables_are_no_trouble(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SERVICE_TOKEN_EXTRA", "x")
        assert os.environ["SERVICE_TOKEN_EXTRA"]
        BaseServiceSettings()

    @pytest.mark.parametrize(("name", "value"), [("DEFAULT_DEADLINE_S", "0"), ("LOG_LEVEL", "loud")])
    def test_what_cannot_be(self, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
        monkeypatch.setenv(name, value)
        with pytest.raises(ValidationError):
            BaseServiceSettings()


class TestOutboundAllow:
    @pytest.mark.parametrize(
        ("text", "entries"),
        [
            ("", set()),
            ("127.0.0.1:8100", {"127.0.0.1:8100"}),
            (" 127.0.0.1:8100 , Shop.Local:80,", {"127.0.0.1:8100", "shop.local:80"}),
            ("[::1]:8100", {"[::1]:8100"}),
        ],
    )
    def test_exact_entries(self, monkeypatch: pytest.MonkeyPatch, text: str, entries: set[str]) -> None:
        monkeypatch.setenv("OUTBOUND_ALLOW", text)
        assert BaseServiceSettings().outbound_allow == entries

    @pytest.mark.parametrize(
        "text", ["localhost", "*:80", "10.0.0.0/8:80", "localhost:", ":80", "localhost:http", "a:80,b", "*.local:80"]
    )
    def test_what_is_not_exact_is_refused(self, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
        monkeypatch.setenv("OUTBOUND_ALLOW", text)
        with pytest.raises(ValidationError, match="exact host:port"):
            BaseServiceSettings()
