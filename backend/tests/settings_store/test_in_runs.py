"""Settings at work: what the services are asked, what is written anew, and what a step says that it worked by."""

from typing import Any

import httpx2

from backend.tests.settings_store.test_documents import SETTINGS, save
from backend.tests.support.backend import Backend, assert_problem, create_product
from backend.tests.support.runs import RED, finished, ready_product
from backend.tests.support.servers import eventually
from backend.tests.support.services import StubServices
from shared.utils.errors import AppError

VOICE = {
    "name": "House style", "tone": "warm", "audience": "home cooks", "instructions": "Short sentences.",
    "forbidden_words": ["cheap"], "preferred_words": ["enamelled"], "is_default": True,
}  # fmt: skip
UNKNOWN = "0198c0de-0000-7000-8000-000000000000"


class EngineUnavailable(AppError):
    status, title = 503, "This engine is not available here"


class Unauthorised(AppError):
    status, title = 401, "Who are you?"


def generated(run: dict[str, Any]) -> dict[str, str]:
    return {step["label"]: step["status"] for step in run["steps"] if step["key"].startswith("generate:")}


class TestWhatArrives:
    async def test_without_settings_nothing_but_the_limits(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        run = await finished(api, await ready_product(api))
        asked = stubs.generate.calls[0].body
        assert (asked.brand_voice, asked.prompt, asked.categories, asked.engine, asked.model) == (
            None, None, [], "auto", None,
        )  # fmt: skip
        assert asked.limits.title == 150
        assert run["steps"][-1]["settings_used"] == {"brand_voice": None, "glossaries": [], "prompt": None}

    async def test_all_of_it(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        await save(api, "brand-voice/house-style", VOICE)
        await save(api, "brand-voice/house-style", {**VOICE, "tone": "dry"}, 1)
        await save(api, "glossary/default", {"do_not_translate": ["Brunnhof"]})
        await save(api, "glossary/es", {"terms": [{"term": "mug", "translation": "taza"}]})
        await save(api, "limits/default", {"limits": {"title": 70}, "languages": {"es": {"title": 90}}})
        await save(api, "categories/default", {"categories": [{"path": "Kitchen > Mugs"}, {"path": "Garden"}]})
        await save(api, "prompt/generate", {"text": "Mention the guarantee."})
        await save(api, "prompt/describe", {"text": "Name the handle's form."})
        await save(api, "engines/default", {"generate": [{"engine": "stub", "model": "stub-1"}], "extract": "never",
                                            "describe": [{"engine": "label-reader", "model": "small"}]})  # fmt: skip
        run = await finished(api, await ready_product(api, languages=["en", "es"]))
        assert run["status"] == "succeeded"
        asked = {call.body.language: call.body for call in stubs.generate.calls}
        voice = asked["es"].brand_voice
        assert (voice.tone, voice.audience, voice.instructions) == ("dry", "home cooks", "Short sentences.")
        assert (voice.forbidden_words, voice.preferred_words) == (["cheap"], ["enamelled"])
        assert voice.glossary == {"mug": "taza", "Brunnhof": "keep"}
        assert list(voice.glossary) == ["mug", "Brunnhof"], "what the product's texts contain comes first"
        assert asked["en"].brand_voice.glossary == {"Brunnhof": "keep"}
        assert (asked["en"].limits.title, asked["es"].limits.title) == (70, 90)
        assert asked["en"].categories == ["Kitchen > Mugs", "Garden"]
        assert asked["en"].prompt == "Mention the guarantee."
        assert (asked["en"].engine, asked["en"].model) == ("stub", "stub-1")
        described = stubs.describe.calls[0].body
        assert (described.prompt, described.engine, described.model) == (
            "Name the handle's form.", "label-reader", "small",
        )  # fmt: skip
        assert stubs.extract.calls[0].body.render == "never"
        by_key = {step["key"].partition(":")[0] + step["label"]: step["settings_used"] for step in run["steps"]}
        assert by_key["generatees"] == {
            "brand_voice": {"key": "house-style", "name": "House style", "version": 2},
            "glossaries": [
                {"key": "default", "name": "default", "version": 1}, {"key": "es", "name": "es", "version": 1},
            ],
            "prompt": {"key": "generate", "name": "generate", "version": 1},
        }  # fmt: skip

    async def test_the_run_may_say_otherwise(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        await save(api, "brand-voice/house-style", VOICE)
        await save(api, "brand-voice/gifts", {"name": "Gifts", "tone": "festive"})
        await save(api, "engines/default", {"generate": [{"engine": "stub", "model": "stub-1"}]})
        product_id = (await create_product(api))["id"]
        await finished(api, product_id, brand_voice="gifts", engine="openai", model="gpt-5")
        asked = stubs.generate.calls[0].body
        assert (asked.brand_voice.tone, asked.engine, asked.model) == ("festive", "openai", "gpt-5")
        await finished(api, product_id, engine="composer")
        asked = stubs.generate.calls[1].body
        assert (asked.brand_voice.tone, asked.engine, asked.model) == ("warm", "composer", None)

    async def test_a_voice_that_there_is_not(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        product_id = (await create_product(api))["id"]
        answer = await api.post(f"/api/v1/products/{product_id}/enrich", json={"brand_voice": "gone"})
        problem = assert_problem(answer, 422, "invalid-request")
        assert problem["errors"][0]["pointer"] == "#/brand_voice"
        assert (await api.get(f"/api/v1/products/{product_id}")).json()["status"] == "draft"

    async def test_a_voice_deleted_while_the_run_waits(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        await save(api, "brand-voice/gifts", {"name": "Gifts"})
        product_id = await ready_product(api)
        stubs.extract.hang()
        started = (await api.post(f"/api/v1/products/{product_id}/enrich", json={"brand_voice": "gifts"})).json()
        await stubs.extract.called()
        await api.delete(f"{SETTINGS}/brand-voice/gifts", headers={"If-Match": '"1"'})
        stubs.extract.release()

        async def ended() -> bool:
            run = (await api.get(f"/api/v1/runs/{started['id']}")).json()
            return run["status"] == "failed" and run["steps"][-1]["problem"]["type"] == "/problems/settings-not-found"

        await eventually(ended)


class TestWrittenAnew:
    async def test_a_glossary_concerns_its_language_only(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        await save(api, "glossary/es", {"terms": [{"term": "mug", "translation": "taza"}]})
        product_id = await ready_product(api, languages=["en", "es"])
        await finished(api, product_id)
        assert generated(await finished(api, product_id)) == {"en": "reused", "es": "reused"}
        await save(api, "glossary/es", {"terms": [{"term": "mug", "translation": "jarra"}]}, 1)
        again = await finished(api, product_id)
        assert generated(again) == {"en": "reused", "es": "succeeded"}
        assert again["steps"][0]["status"] == "reused"
        assert len(stubs.generate.calls) == 3

    async def test_a_changed_voice_a_prompt_or_a_limit(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        product_id = await ready_product(api)
        await finished(api, product_id)
        changes: list[tuple[str, dict[str, Any]]] = [
            ("brand-voice/v", VOICE), ("prompt/generate", {"text": "More."}),
            ("limits/default", {"limits": {"title": 70}}),
        ]  # fmt: skip
        for where, value in changes:
            await save(api, where, value)
            again = await finished(api, product_id)
            assert generated(again) == {"en": "succeeded"}, where
            assert again["steps"][0]["status"] == "reused"
        await save(api, "prompt/describe", {"text": "Look closely."})
        assert (await finished(api, product_id))["steps"][0]["status"] == "succeeded"

    async def test_what_makes_no_difference_is_no_reason(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        await save(api, "brand-voice/v", VOICE)
        await save(api, "categories/default", {"categories": [{"path": "Kitchen > Mugs"}]})
        product_id = await ready_product(api, images=(RED,), category="kitchen > mugs")
        await finished(api, product_id)
        await save(api, "brand-voice/v", {**VOICE, "name": "Renamed", "brands": []}, 1)
        await save(api, "categories/default", {"categories": [{"path": "Kitchen > Mugs"}, {"path": "Garden"}]}, 1)
        await save(api, "shop/default", {"name": "Shop"})
        again = await finished(api, product_id)
        assert generated(again) == {"en": "reused"}
        assert again["steps"][-1]["settings_used"]["brand_voice"]["version"] == 1, "the one that it was written in"
        assert stubs.generate.calls[0].body.categories == ["Kitchen > Mugs"]


class TestPreview:
    async def preview(self, api: httpx2.AsyncClient, key: str, product_id: str, **body: Any) -> httpx2.Response:
        return await api.post(f"{SETTINGS}/brand-voice/{key}/preview", json={"product_id": product_id, **body})

    async def test_a_saved_voice(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        await save(api, "brand-voice/v", VOICE)
        await save(api, "glossary/es", {"terms": [{"term": "mug", "translation": "taza"}]})
        product_id = await ready_product(api)
        await finished(api, product_id)
        before = (await api.get(f"/api/v1/products/{product_id}/listings", params={"all_versions": True})).json()
        answer = await self.preview(api, "v", product_id, language="es")
        assert answer.status_code == 200, answer.text
        assert answer.json()["title"] == "Enamel mug (es)"
        asked = stubs.generate.calls[-1].body
        assert (asked.brand_voice.tone, asked.brand_voice.glossary) == ("warm", {"mug": "taza"})
        assert {fact.name for fact in asked.facts} >= {"material", "height"}
        assert asked.images[0].description
        after = (await api.get(f"/api/v1/products/{product_id}/listings", params={"all_versions": True})).json()
        assert after == before
        assert len((await api.get(f"/api/v1/products/{product_id}/runs")).json()) == 1
        assert (await self.preview(api, "v", product_id, language="es")).json() == answer.json()
        assert len(stubs.generate.calls) == 2, "the same asked twice is written once"

    async def test_a_draft_of_a_product_that_was_never_enriched(
        self, api: httpx2.AsyncClient, stubs: StubServices
    ) -> None:
        product_id = (await create_product(api, brand="Brunnhof"))["id"]
        answer = await self.preview(api, "new", product_id, voice={"name": "New", "tone": "mysterious"})
        assert answer.status_code == 200, answer.text
        asked = stubs.generate.calls[0].body
        assert asked.brand_voice.tone == "mysterious"
        assert "Brunnhof" in {fact.value for fact in asked.facts}
        assert (await api.get(f"{SETTINGS}/brand-voice")).json() == []

    async def test_what_cannot_be(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        product_id = (await create_product(api))["id"]
        assert_problem(await self.preview(api, "gone", product_id), 404, "settings-not-found")
        assert_problem(await self.preview(api, "v", UNKNOWN, voice={"name": "V"}), 404, "product-not-found")
        assert_problem(await self.preview(api, "v", product_id, voice={"name": ""}), 422, "invalid-request")
        assert_problem(await self.preview(api, "v", product_id, language="English"), 422, "invalid-request")

    async def test_the_services_problems_are_passed_on(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        product_id = (await create_product(api))["id"]
        draft = {"name": "V"}
        stubs.generate.fails_with(EngineUnavailable("No key is set."))
        assert_problem(await self.preview(api, "v", product_id, voice=draft), 503, "engine-unavailable")
        stubs.generate.fails_with(Unauthorised("A wrong token."))
        assert_problem(await self.preview(api, "v", product_id, voice=draft), 502, "service-answer-invalid")
        await stubs.generate.down()
        assert_problem(await self.preview(api, "v", product_id, voice=draft), 503, "service-unavailable")

    async def test_it_ends_with_the_deadline(self, api: httpx2.AsyncClient, stubs: StubServices) -> None:
        product_id = (await create_product(api))["id"]
        stubs.generate.hang()
        answer = await api.post(
            f"{SETTINGS}/brand-voice/v/preview",
            json={"product_id": product_id, "voice": {"name": "V"}},
            headers={"X-Deadline-Ms": "300"},
        )
        assert answer.status_code == 504
        stubs.generate.release()

    async def test_viewers_may_not(self, backend: Backend, browser: httpx2.AsyncClient) -> None:
        product_id = (await create_product(browser))["id"]
        await backend.execute("UPDATE users SET role = 'viewer'")
        assert_problem(await self.preview(browser, "v", product_id, voice={"name": "V"}), 403, "role-required")
