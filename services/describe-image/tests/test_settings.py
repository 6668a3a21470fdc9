from pathlib import Path

from describe_image.settings import Settings
from shared.config.settings import BaseServiceSettings

README = Path(__file__).parents[1] / "README.md"


class TestSettings:
    def test_every_own_setting_is_documented(self):
        text = README.read_text(encoding="utf-8")
        for name in Settings.model_fields.keys() - BaseServiceSettings.model_fields.keys():
            assert f"`{Settings.model_fields[name].validation_alias or 'DESCRIBE_IMAGE_' + name.upper()}`" in text

    def test_prefix_and_shared_names(self, monkeypatch):
        monkeypatch.setenv("DESCRIBE_IMAGE_QUEUE_LIMIT", "3")
        monkeypatch.setenv("OUTBOUND_ALLOW", "127.0.0.1:9")
        settings = Settings()
        assert settings.queue_limit == 3
        assert settings.outbound_allow == frozenset({"127.0.0.1:9"})
