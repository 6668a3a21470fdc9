"""Which settings are in force for what: the service that other features ask."""

import httpx2
import pytest

from app.settings_store.errors import SettingsNotFound
from app.settings_store.service import SettingsService
from backend.tests.settings_store.test_documents import SETTINGS, save
from backend.tests.support.backend import Backend, create_product


class TestRequiredAttributes:
    async def test_levels_above_add_theirs(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        entries = [
            {"path": "Kitchen", "required_attributes": ["Material", "Care"]},
            {"path": "Kitchen > Mugs > Travel", "required_attributes": ["Lid", "material"]},
            {"path": "Garden"},
        ]
        await save(api, "categories/default", {"categories": entries})
        async with backend.sessions() as session:
            settings = SettingsService(session)
            assert await settings.required_attributes() == {
                "Kitchen": ["Material", "Care"],
                "Kitchen > Mugs > Travel": ["Material", "Care", "Lid"],
                "Garden": [],
            }
            assert await settings.required_attributes_of("kitchen>MUGS > travel > Steel") == ["Material", "Care", "Lid"]
            assert await settings.required_attributes_of("Kitchen > Pots") == ["Material", "Care"]
            assert await settings.required_attributes_of("Kitchenware") == []
            assert await settings.required_attributes_of(None) == []
            assert await settings.required_attributes_of(" > ") == []
            category = await settings.category("kitchen > mugs")
            assert category is not None
            assert category.path == "Kitchen"

    async def test_without_categories(self, backend: Backend) -> None:
        async with backend.sessions() as session:
            assert await SettingsService(session).required_attributes() == {}
            assert await SettingsService(session).category("Kitchen") is None


class TestVoiceFor:
    @pytest.mark.parametrize(
        ("brand", "category", "chosen"),
        [
            (None, None, "house"),
            ("Other", "Garden", "house"),
            ("BRUNNHOF", "Garden", "brunnhof"),
            (None, "kitchen > Pots", "kitchen"),
            (None, "Kitchen>Mugs > Travel", "mugs"),
            ("Brunnhof", "Kitchen > Mugs", "brunnhof-mugs"),
            ("Other", "Kitchen > Mugs", "mugs"),
            ("", "", "house"),
        ],
    )
    async def test_the_one_that_fits_best(
        self, api: httpx2.AsyncClient, backend: Backend, brand: str | None, category: str | None, chosen: str
    ) -> None:
        await save(api, "brand-voice/on-demand", {"name": "A"})
        await save(api, "brand-voice/house", {"name": "H", "is_default": True})
        await save(api, "brand-voice/brunnhof", {"name": "B", "brands": ["Brunnhof"]})
        await save(api, "brand-voice/kitchen", {"name": "K", "categories": ["Kitchen"]})
        await save(api, "brand-voice/mugs", {"name": "M", "categories": ["Kitchen > Mugs"]})
        await save(
            api, "brand-voice/brunnhof-mugs", {"name": "BM", "brands": ["brunnhof"], "categories": ["Kitchen > Mugs"]}
        )
        async with backend.sessions() as session:
            voice = await SettingsService(session).voice_for(brand=brand, category=category)
            assert voice is not None
            assert voice.key == chosen

    async def test_a_wanted_one_wins(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await save(api, "brand-voice/house", {"name": "H", "is_default": True})
        await save(api, "brand-voice/on-demand", {"name": "A"})
        async with backend.sessions() as session:
            settings = SettingsService(session)
            voice = await settings.voice_for(brand=None, category=None, wanted="on-demand")
            assert voice is not None
            assert (voice.key, voice.version) == ("on-demand", 1)
            with pytest.raises(SettingsNotFound):
                await settings.voice_for(brand=None, category=None, wanted="gone")

    async def test_none_where_none_is_for_it(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await save(api, "brand-voice/on-demand", {"name": "A"})
        await save(api, "brand-voice/brunnhof", {"name": "B", "brands": ["Brunnhof"]})
        async with backend.sessions() as session:
            assert await SettingsService(session).voice_for(brand="Other", category=None) is None


class TestLanguages:
    async def test_a_glossary_goes_from_general_to_special(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await save(api, "glossary/default", {"do_not_translate": ["Brunnhof", "Mug"]})
        await save(api, "glossary/pt", {"terms": [{"term": "mug", "translation": "caneca"}]})
        await save(api, "glossary/pt-BR", {"terms": [{"term": "Lid", "translation": "tampa"}]})
        async with backend.sessions() as session:
            settings = SettingsService(session)
            terms, used = await settings.glossary("pt-BR")
            assert terms == {"Brunnhof": "keep", "mug": "caneca", "Lid": "tampa"}
            assert used == [("default", 1), ("pt", 1), ("pt-BR", 1)]
            assert (await settings.glossary("de"))[0] == {"Brunnhof": "keep", "Mug": "keep"}

    async def test_limits_of_language_and_category(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await save(api, "limits/default", {"limits": {"title": 80, "bullets": 5}, "languages": {"de": {"title": 100}}})
        entries = [
            {"path": "Kitchen", "limits": {"bullets": 3}},
            {"path": "Kitchen > Mugs", "limits": {"title": 60}},
        ]
        await save(api, "categories/default", {"categories": entries})
        async with backend.sessions() as session:
            settings = SettingsService(session)
            for language, category, title, bullets in [
                ("en", None, 80, 5), ("de", None, 100, 5), ("de-AT", "Garden", 100, 5), ("de", "kitchen>mugs", 60, 3),
                ("de", "Kitchen > Pots", 100, 3),
            ]:  # fmt: skip
                limits = await settings.limits(language, category)
                assert (limits.title, limits.bullets, limits.seo_title) == (title, bullets, 60)

    async def test_a_prompt_for_a_language_comes_first(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await save(api, "prompt/generate", {"text": "All"})
        await save(api, "prompt/generate:es", {"text": "Spanish"})
        await save(api, "prompt/describe", {"text": "  "})
        async with backend.sessions() as session:
            settings = SettingsService(session)
            found = [await settings.prompt("generate", language) for language in ("de", "es", "es-MX")]
            assert [each.value.text for each in found if each is not None] == ["All", "Spanish", "Spanish"]
            assert await settings.prompt("describe", "en") is None, "an empty one is the built-in one"


class TestProducts:
    async def test_a_new_one_is_in_the_shops_languages(self, api: httpx2.AsyncClient) -> None:
        assert (await create_product(api, "A"))["languages"] == ["en"]
        await save(api, "languages/default", {"languages": ["de", "fr"], "default": "de"})
        assert (await create_product(api, "B"))["languages"] == ["de", "fr"]
        assert (await create_product(api, "C", languages=["en"]))["languages"] == ["en"]


class TestEngineChoice:
    async def test_the_first_that_is_ready(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        order = [{"engine": "openai", "model": "gpt-5"}, {"engine": "embedded"}]
        await save(api, "engines/default", {"generate": order})
        async with backend.sessions() as session:
            settings = SettingsService(session)
            assert await settings.engine_choice("generate", frozenset({"embedded", "openai"})) == ("openai", "gpt-5")
            assert await settings.engine_choice("generate", frozenset({"embedded"})) == ("embedded", None)
            assert await settings.engine_choice("generate") == ("openai", "gpt-5")
            assert await settings.engine_choice("describe") == ("auto", None)


class TestReading:
    async def test_a_change_is_seen_at_once(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await save(api, "shop/default", {"name": "Old"})
        async with backend.sessions() as session:
            assert (await SettingsService(session).shop()).name == "Old"
        await save(api, "shop/default", {"name": "New"}, 1)
        async with backend.sessions() as session:
            assert (await SettingsService(session).shop()).name == "New"
        await api.delete(f"{SETTINGS}/shop/default", headers={"If-Match": '"2"'})
        async with backend.sessions() as session:
            assert (await SettingsService(session).shop()).name == ""
